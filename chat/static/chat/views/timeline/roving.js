// The keyboard among the messages, which are a feed: Tab comes to one of them only, arrows go from one to the next.

import { focusRoom } from "../shell/focus.js"
import { onPressed } from "../shell/keys.js"

const STOPS = ":is(.sender, .when, .quote a, .body a)[href], .reply"
// A name that is not seen is no place to stop at.
const UNSEEN = ".grouped .sender"

export class Roving {
  #list
  #scroll
  #current = null

  constructor(list, scroll, signal) {
    this.#list = list
    this.#scroll = scroll
    list.addEventListener("focusin", ({ target }) => this.#moveTo(target.closest(".message")))
    // At once, not with the next change: the next key may be Shift+Tab, which comes to the last message.
    list.addEventListener(
      "focusout",
      ({ relatedTarget }) => list.contains(relatedTarget) || this.#moveTo(list.lastElementChild),
    )
    onPressed("previous", ({ target }) => this.#step(target, "previousElementSibling"), signal)
    onPressed("next", ({ target }) => this.#step(target, "nextElementSibling"), signal)
    onPressed("first", () => this.#enter(list.firstElementChild), signal)
    onPressed("last", () => this.#enter(list.lastElementChild), signal)
    onPressed("page-up", ({ target }) => this.#turn(target, -1), signal)
    onPressed("page-down", ({ target }) => this.#turn(target, 1), signal)
    onPressed("back", () => this.#leave(), signal)
    this.look()
  }

  // After every change: who comes to the messages comes to the last one, who is among them stays where they are.
  look() {
    if (!this.#isInside) this.#moveTo(this.#list.lastElementChild)
  }

  get #isInside() {
    return this.#list.contains(document.activeElement)
  }

  #moveTo(message) {
    if (message === this.#current) return
    const before = this.#current
    this.#current = message
    before?.classList.remove("current")
    message?.classList.add("current")
    for (const each of [before, message]) if (each) setStops(each)
  }

  // The end of a message that is higher than the window is read before the next one: the browser scrolls to it.
  #step(target, sibling) {
    const message = target.closest(".message")
    if (this.#scroll.isCutOff(message, sibling === "nextElementSibling")) return false
    return this.#enter(message[sibling])
  }

  #enter(message) {
    message?.querySelector(".row").focus()
    return Boolean(message)
  }

  #leave() {
    focusRoom()
    return true
  }

  // The last line that was read stays in sight. The focus goes along, so that arrows go on from there. A long text in the
  // message box has pages of its own.
  #turn(target, direction) {
    if (target.id === "text" && target.scrollHeight > target.clientHeight) return false
    this.#scroll.turn(direction)
    if (this.#isInside) this.#scroll.firstWholeRow?.querySelector(".row").focus({ preventScroll: true })
    return true
  }
}

export function setStops(message) {
  const isCurrent = message.classList.contains("current")
  const stops = message.querySelectorAll(STOPS)
  for (const stop of stops) stop.tabIndex = isCurrent && !stop.matches(UNSEEN) ? 0 : -1
  message.querySelector(".row").tabIndex = isCurrent ? 0 : -1
}
