// The keyboard among the messages, which are a feed: Tab comes to one of them only, arrows go from one to the next.

import { closest, part, parts } from "../../lib/dom.js"
import { focusRoom, onPressed } from "../shell/keys.js"

/** @import { Scroll } from "./scroll.js" */

const STOPS = ":is(.sender, .when, .quote a, .marks a, .body a)[href], .reaction, .body :is(button, [role=button])"
// A name that is not seen is no place to stop at.
const UNSEEN = ".grouped .sender"

export class Roving {
  #list
  #scroll
  #current = /** @type {Element | null} */ (null)

  // `area` is what the list is a part of, where it is not the room itself; `leave` leads away from the messages.
  /**
   * @param {HTMLElement} list
   * @param {Scroll} scroll
   * @param {AbortSignal} signal
   * @param {Element} [area]
   */
  constructor(list, scroll, signal, area, leave = focusRoom) {
    this.#list = list
    this.#scroll = scroll
    list.addEventListener("focusin", (event) => this.#moveTo(closest(event, ".message")))
    // At once, not with the next change: the next key may be Shift+Tab, which comes to the last message.
    list.addEventListener(
      "focusout",
      ({ relatedTarget }) =>
        (relatedTarget instanceof Element && list.contains(relatedTarget)) || this.#moveTo(list.lastElementChild),
    )
    onPressed("previous", (event) => this.#step(event, "previousElementSibling"), signal, area)
    onPressed("next", (event) => this.#step(event, "nextElementSibling"), signal, area)
    onPressed("first", () => this.#enter(list.firstElementChild), signal, area)
    onPressed("last", () => this.#enter(list.lastElementChild), signal, area)
    onPressed("page-up", (event) => this.#turn(event, -1), signal, area)
    onPressed("page-down", (event) => this.#turn(event, 1), signal, area)
    onPressed("back", () => (leave(), true), signal, area)
    this.look()
  }

  // After every change: who comes to the messages comes to the last one, who is among them stays where they are.
  look() {
    if (!this.#isInside) this.#moveTo(this.#list.lastElementChild)
  }

  get #isInside() {
    return this.#list.contains(document.activeElement)
  }

  /** @param {Element | null} message */
  #moveTo(message) {
    if (message === this.#current) return
    const before = this.#current
    this.#current = message
    before?.classList.remove("current")
    message?.classList.add("current")
    for (const each of [before, message]) if (each) setStops(each)
  }

  // The end of a message that is higher than the window is read before the next one: the browser scrolls to it.
  /** @param {Event} event @param {"previousElementSibling" | "nextElementSibling"} sibling */
  #step(event, sibling) {
    const message = closest(event, ".message")
    if (!message || this.#scroll.isCutOff(message, sibling === "nextElementSibling")) return false
    return this.#enter(message[sibling])
  }

  /** @param {Element | null} message */
  #enter(message) {
    if (message) part(message, ".row").focus()
    return Boolean(message)
  }

  // The last line that was read stays in sight. The focus goes along, so that arrows go on from there. A long text in the
  // message box has pages of its own.
  /** @param {Event} event @param {1 | -1} direction */
  #turn(event, direction) {
    const box = closest(event, "textarea")
    if (box && box.scrollHeight > box.clientHeight) return false
    this.#scroll.turn(direction)
    const first = this.#isInside && this.#scroll.firstWholeRow
    if (first) part(first, ".row").focus({ preventScroll: true })
    return true
  }
}

/** @param {Element} message */
export function setStops(message) {
  const isCurrent = message.classList.contains("current")
  for (const stop of parts(message, STOPS)) stop.tabIndex = isCurrent && !stop.matches(UNSEEN) ? 0 : -1
  part(message, ".row").tabIndex = isCurrent ? 0 : -1
}
