// The menu of the message that the keyboard is at: the menu key opens it, and Enter on the message itself.

import { closest, find, part } from "../../lib/dom.js"
import { onPressed } from "../shell/keys.js"
import { focusRoom } from "../shell/focus.js"

/** @import { Shown } from "../../store/types.d.ts" */
/** @import { Composer } from "../composer/composer.js" */
/** @import { RoomUrls } from "../types.d.ts" */
/** @import { Timeline } from "./timeline.js" */

export class MessageMenu {
  #menu
  #timeline
  #urls
  #composer
  #message = /** @type {Shown | undefined} */ (undefined)

  /**
   * @param {HTMLElement} menu
   * @param {object} room
   * @param {Timeline} room.timeline
   * @param {RoomUrls} room.urls
   * @param {Composer | null} room.composer
   * @param {AbortSignal} room.signal
   */
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
  /** @param {KeyboardEvent} event */
  #open(event) {
    const row = closest(event, ".row")
    if (!row?.parentElement || (event.key === "Enter" && event.target !== row)) return false
    this.#message = this.#timeline.messageOf(row.parentElement)
    if (!this.#message) return false
    const { number, deleted_at } = this.#message
    const offers = {
      reply: number && this.#composer?.isOpen,
      "copy-text": navigator.clipboard && !deleted_at,
      "copy-message-link": number && navigator.clipboard,
    }
    for (const [name, isOffered] of Object.entries(offers)) this.#item(name).hidden = !isOffered
    const first = find(this.#menu, "button:not([hidden])")
    if (!first) return true
    this.#menu.showPopover()
    this.#place(row)
    first.focus({ preventScroll: true })
    return true
  }

  // Below the message, inside of the window.
  /** @param {HTMLElement} row */
  #place(row) {
    const { left, bottom } = part(row, ".body").getBoundingClientRect()
    const { width, height } = this.#menu.getBoundingClientRect()
    this.#menu.style.left = `${Math.max(0, Math.min(left, innerWidth - width))}px`
    this.#menu.style.top = `${Math.max(0, Math.min(bottom, innerHeight - height))}px`
  }

  /** @param {Event} event */
  #choose(event) {
    const name = closest(event, "button")?.getAttribute("name")
    const message = this.#message
    if (!name || !message) return
    const { number, body } = message
    if (name === "copy-text") navigator.clipboard.writeText(body)
    if (name === "copy-message-link" && number)
      navigator.clipboard.writeText(new URL(this.#urls.message(number), location.href).href)
    this.#menu.hidePopover()
    if (name === "reply" && number) this.#composer?.replyTo(message)
  }

  // The browser gives the focus back to the message, unless that is gone.
  #closed() {
    if (document.activeElement === document.body) focusRoom()
  }

  /** @param {string} name */
  #item(name) {
    return part(this.#menu, `[name=${name}]`)
  }
}
