// What can be done with the message that the keyboard is at: the menu key opens it, and Enter on the message itself.

import { onPressed } from "../shell/keys.js"
import { focusRoom } from "../shell/focus.js"

export class MessageMenu {
  #menu
  #timeline
  #urls
  #composer
  #message = null

  constructor(menu, { timeline, urls, composer, signal }) {
    this.#menu = menu
    this.#timeline = timeline
    this.#urls = urls
    this.#composer = composer
    onPressed("message-menu", (event) => this.#open(event), signal)
    menu.addEventListener("click", (event) => this.#choose(event), { signal })
    // The menu key asks the browser for its own menu as well, of whatever has the focus by then.
    menu.addEventListener("contextmenu", (event) => event.preventDefault(), { signal })
    menu.addEventListener("toggle", () => this.#closed(), { signal })
    signal.addEventListener("abort", () => menu.matches(":popover-open") && menu.hidePopover())
  }

  // Enter on a link or a button inside of a message is theirs.
  #open({ key, target }) {
    if (key === "Enter" && !target.matches(".row")) return false
    const row = target.closest(".row")
    this.#message = this.#timeline.messageOf(row.parentElement)
    const { number, deleted_at } = this.#message
    const offers = {
      reply: number && this.#composer?.isOpen,
      "copy-text": navigator.clipboard && !deleted_at,
      "copy-message-link": number && navigator.clipboard,
    }
    for (const [name, isOffered] of Object.entries(offers)) this.#item(name).hidden = !isOffered
    const first = this.#menu.querySelector("button:not([hidden])")
    if (!first) return true
    this.#menu.showPopover()
    this.#place(row)
    first.focus({ preventScroll: true })
    return true
  }

  // Below the message, inside of the window.
  #place(row) {
    const { left, bottom } = row.querySelector(".body").getBoundingClientRect()
    const { width, height } = this.#menu.getBoundingClientRect()
    this.#menu.style.left = `${Math.max(0, Math.min(left, innerWidth - width))}px`
    this.#menu.style.top = `${Math.max(0, Math.min(bottom, innerHeight - height))}px`
  }

  #choose({ target }) {
    const { number, body } = this.#message
    const name = target.closest("button")?.name
    if (name === "copy-text") navigator.clipboard.writeText(body)
    if (name === "copy-message-link")
      navigator.clipboard.writeText(new URL(this.#urls.message(number), location.href).href)
    if (name) this.#menu.hidePopover()
    if (name === "reply") this.#composer.replyTo(this.#message)
  }

  // The browser gives the focus back to the message, unless that is gone.
  #closed() {
    if (document.activeElement === document.body) focusRoom()
  }

  #item(name) {
    return this.#menu.querySelector(`[name=${name}]`)
  }
}
