// Shows the hidden label of what is pointed at or has the focus, and the whole of a name for which there is no room. All
// of it is in the page for those who listen: `.unseen` in it, or `aria-description`.

import { closest } from "../../lib/dom.js"
import { onPressed } from "./keys.js"

const LABELLED = ".icon-button, .send, .open-mark, .when, .private, .me"
const NAMES = ".name, .topic, .sender, .quote a"
const PATIENCE = 400

/** @type {HTMLElement} */
let tip
/** @type {HTMLElement | null} */
let owner = null
let timer = 0

// `first` is what has just been pointed at or got the focus.
/** @param {HTMLElement} element @param {Event} first */
export function listenToTips(element, first) {
  tip = element
  const listeners = { mouseover: look, focusin: lookAtFocus }
  for (const [type, listener] of Object.entries(listeners)) {
    document.addEventListener(type, listener)
    if (type === first.type) listener(first)
  }
  document.addEventListener("focusout", hide)
  document.addEventListener("mousedown", hide)
  document.addEventListener("scroll", hide, { capture: true, passive: true })
  onPressed("hide-tip", () => Boolean(owner) && hide())
}

/** @param {Event} event */
function lookAtFocus(event) {
  const focused = closest(event, ":focus-visible")
  if (focused) look(event)
}

// Also the tip itself can be pointed at, to read it at one's ease.
/** @param {Event} event */
function look(event) {
  if (closest(event, "#tip")) return
  const named = event.type === "focusin" ? closest(event, "*")?.querySelector(":scope > .name") : null
  const found = closest(event, LABELLED) ?? closest(event, NAMES) ?? /** @type {HTMLElement | null} */ (named)
  if (found === owner) return
  hide()
  const text = found && textOf(found)
  if (!text) return
  owner = found
  timer = setTimeout(() => show(text), PATIENCE)
}

/** @param {HTMLElement} element */
function textOf(element) {
  const unseen = element.querySelector(".unseen:not(.badge *)")
  if (unseen || element.ariaDescription) return unseen?.textContent?.trim() ?? element.ariaDescription
  return element.scrollWidth > element.clientWidth ? element.textContent.trim() : ""
}

/** @param {string} text */
function show(text) {
  if (!owner?.isConnected) return
  tip.textContent = text
  tip.showPopover()
  const { left, top, bottom, width } = owner.getBoundingClientRect()
  const own = tip.getBoundingClientRect()
  const middle = left + (width - own.width) / 2
  tip.style.left = `${Math.max(0, Math.min(middle, innerWidth - own.width))}px`
  tip.style.top = `${bottom + own.height > innerHeight ? top - own.height : bottom}px`
}

function hide() {
  clearTimeout(timer)
  const wasShown = tip.matches(":popover-open")
  if (wasShown) tip.hidePopover()
  owner = null
  return wasShown
}
