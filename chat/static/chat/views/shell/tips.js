// Shows the hidden label of what is pointed at or has the focus, and the whole of a name for which there is no room. All
// of it is in the page for those who listen: `.unseen` in it, or `aria-description`.

import { closest } from "../../lib/dom.js"
import { onPressed } from "./keys.js"

const LABELLED = ".icon-button, .send, .open-mark, .when, .private, .me, .reaction, a.mark-of-forwarded"
const NAMES = ".name, .topic, .sender, .quote a"
const PATIENCE = 400

/** @type {HTMLElement} */
let tip
/** @type {HTMLElement | null} */
let owner = null
let timer = 0

/** @param {HTMLElement} element */
export function listenToTips(element) {
  tip = element
  let place = ""
  document.addEventListener("mouseover", (event) => {
    // Something came under a pointer that rests: nobody asks what it is, and Escape is for what one is doing.
    const isResting = place === (place = `${event.screenX} ${event.screenY}`)
    if (!isResting) look(event)
  })
  document.addEventListener("focusin", (event) => {
    const focused = closest(event, ":focus-visible")
    if (focused) look(event, focused.querySelector(":scope > .name"))
  })
  // The element that is pointed at has been described only now.
  document.addEventListener("described", (event) => look(event))
  document.addEventListener("focusout", hide)
  for (const name of ["mousedown", "input"]) document.addEventListener(name, hide)
  document.addEventListener("scroll", hide, { capture: true, passive: true })
  onPressed("hide-tip", () => Boolean(owner) && hide())
  // An element may be pointed at or have the focus already.
  const pointed = [...document.querySelectorAll(":hover")].at(-1) ?? document.querySelector(":focus-visible")
  pointed?.dispatchEvent(new Event("described", { bubbles: true }))
}

// Also the tip itself can be pointed at, to read it at one's ease.
/** @param {Event} event @param {HTMLElement | null} [name] */
function look(event, name = null) {
  if (closest(event, "#tip")) return
  const found = closest(event, LABELLED) ?? closest(event, NAMES) ?? name
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
