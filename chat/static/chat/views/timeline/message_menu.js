// What can be done with a message, and where it is offered: by a menu, by a short bar at its row, by keys.

import { closest, find, part } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { onPressed } from "../shell/keys.js"
import { focusRoom } from "../shell/focus.js"

/** @import { Messages } from "../../store/messages.js" */
/** @import { Change, Shown } from "../../store/types.d.ts" */
/** @import { Composer } from "../composer/composer.js" */
/** @import { RoomUrls } from "../types.d.ts" */
/** @import { Timeline } from "./timeline.js" */
/** @typedef {"reply" | "edit" | "copy-text" | "copy-message-link" | "delete"} Action */

// What the browser has a menu of its own for.
const BROWSERS_OWN = "a, button, img, input"
// In pixels, between a menu and the edge of the window.
const MARGIN = 8

export class MessageActions {
  #messages
  #urls
  #composer
  #mayDelete
  #mayEdit
  #change

  /**
   * @param {object} room
   * @param {Messages} room.messages
   * @param {RoomUrls} room.urls
   * @param {Composer | null} room.composer
   * @param {(message: Shown) => boolean} room.mayEdit whether it is one's own, and may be changed
   * @param {(message: Shown) => boolean} room.mayDelete
   * @param {(kind: Change["kind"], message: Shown, body?: string) => void} room.change
   */
  constructor({ messages, urls, composer, mayEdit, mayDelete, change }) {
    this.#messages = messages
    this.#urls = urls
    this.#composer = composer
    this.#mayEdit = mayEdit
    this.#mayDelete = mayDelete
    this.#change = change
  }

  /** @param {Shown} message @returns {Record<Action, boolean>} */
  offered(message) {
    const { number, deleted_at } = message
    const isOpen = Boolean(number && this.#composer?.isOpen)
    return {
      reply: isOpen && !deleted_at,
      edit: isOpen && !deleted_at && this.#mayEdit(message),
      "copy-text": Boolean(navigator.clipboard) && !deleted_at,
      "copy-message-link": Boolean(navigator.clipboard && number),
      delete: isOpen && !deleted_at && this.#mayDelete(message),
    }
  }

  /** @param {string} action @param {Shown} message */
  take(action, message) {
    const { number, body } = message
    if (action === "copy-text") navigator.clipboard.writeText(body)
    if (!number) return
    if (action === "copy-message-link")
      navigator.clipboard.writeText(new URL(this.#urls.message(number), location.href).href)
    if (action === "reply") this.#composer?.replyTo(message)
    if (action === "edit") this.#composer?.edit(message)
    if (action === "delete") this.#change("delete", message)
  }

  // Returns whether there is one.
  editLast() {
    const message = this.#messages.lastOwn
    if (!message || !this.offered(message).edit) return false
    this.#composer?.edit(message)
    return true
  }
}

// The menu key opens it, Enter on the message itself, the right button of a mouse, a long press.
export class MessageMenu {
  #menu
  #timeline
  #actions
  #message = /** @type {Shown | undefined} */ (undefined)

  /**
   * @param {HTMLElement} menu
   * @param {object} room
   * @param {HTMLElement} room.list
   * @param {Timeline} room.timeline
   * @param {MessageActions} room.actions
   * @param {AbortSignal} room.signal
   */
  constructor(menu, { list, timeline, actions, signal }) {
    this.#menu = menu
    this.#timeline = timeline
    this.#actions = actions
    onPressed("message-menu", (event) => this.#openByKey(event), signal)
    list.addEventListener("contextmenu", (event) => this.#openByPointer(event))
    menu.addEventListener("click", (event) => this.#choose(event), { signal })
    // The menu key asks the browser for its own menu as well, of whatever has the focus by then.
    menu.addEventListener("contextmenu", (event) => event.preventDefault(), { signal })
    menu.addEventListener("toggle", () => this.#closed(), { signal })
    signal.addEventListener("abort", () => menu.matches(":popover-open") && menu.hidePopover())
  }

  // Enter on a link or a button inside of a message is theirs.
  /** @param {KeyboardEvent} event */
  #openByKey(event) {
    const row = closest(event, ".row")
    if (!row?.parentElement || (event.key === "Enter" && event.target !== row)) return false
    const message = this.#timeline.messageOf(row.parentElement)
    if (!message) return false
    this.open(row, message)
    return true
  }

  // Where something is selected, its own menu is wanted; with Shift as well.
  /** @param {MouseEvent} event */
  #openByPointer(event) {
    const row = closest(event, ".row")
    const message = row?.parentElement && this.#timeline.messageOf(row.parentElement)
    if (!message || event.shiftKey || closest(event, BROWSERS_OWN) || getSelection()?.isCollapsed === false) return
    if (this.open(row, message, { left: event.clientX, bottom: event.clientY })) event.preventDefault()
  }

  // At a place in the window; without one below the message. Returns whether it offers anything.
  /** @param {HTMLElement} row @param {Shown} message @param {{ left: number, bottom: number }} [place] */
  open(row, message, place = part(row, ".body").getBoundingClientRect()) {
    this.#message = message
    for (const [name, isOffered] of Object.entries(this.#actions.offered(message)))
      part(this.#menu, `[name=${name}]`).hidden = !isOffered
    const first = find(this.#menu, "button:not([hidden])")
    if (!first) return false
    this.#menu.showPopover()
    const { width, height } = this.#menu.getBoundingClientRect()
    this.#menu.style.left = `${Math.max(0, Math.min(place.left, innerWidth - width - MARGIN))}px`
    this.#menu.style.top = `${Math.max(0, Math.min(place.bottom, innerHeight - height - MARGIN))}px`
    first.focus({ preventScroll: true })
    return true
  }

  /** @param {Event} event */
  #choose(event) {
    const name = closest(event, "button")?.getAttribute("name")
    const message = this.#message
    if (!name || !message) return
    this.#menu.hidePopover()
    this.#actions.take(name, message)
  }

  // The browser gives the focus back to the message, unless that is gone.
  #closed() {
    if (document.activeElement === document.body) focusRoom()
  }
}

// The short bar at the message that the pointer or the keyboard is at: one for all of them. It stands inside of the row, so
// that Tab comes to it from there.
export class MessageBar {
  #list
  #bar
  #timeline
  #actions
  // The message that the bar was last arranged for, and what was offered.
  #arranged = ""

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} bar
   * @param {object} room
   * @param {Timeline} room.timeline
   * @param {MessageActions} room.actions
   * @param {MessageMenu} room.menu
   */
  constructor(list, bar, { timeline, actions, menu }) {
    this.#list = list
    this.#bar = bar
    this.#timeline = timeline
    this.#actions = actions
    for (const name of ["pointerover", "focusin", "click"])
      list.addEventListener(name, (event) => this.#moveTo(closest(event, ".row")))
    list.addEventListener("pointerleave", () => this.#leave())
    list.addEventListener(
      "focusout",
      ({ relatedTarget }) => relatedTarget instanceof Element && list.contains(relatedTarget) || this.#leave(),
    )
    bar.addEventListener("click", (event) => {
      const name = closest(event, "button")?.getAttribute("name")
      const row = /** @type {HTMLElement | null} */ (bar.closest(".row"))
      const message = row?.parentElement && timeline.messageOf(row.parentElement)
      if (!name || !message) return
      if (name === "more") menu.open(row, message)
      else actions.take(name, message)
    })
  }

  // After every change: what is offered depends on the message.
  look() {
    if (this.#bar.isConnected) this.#moveTo(/** @type {HTMLElement | null} */ (this.#bar.closest(".row")))
  }

  /** @param {HTMLElement | null} row */
  #moveTo(row) {
    const isBusy = this.#bar.contains(document.activeElement) && !row?.contains(document.activeElement)
    if (!row?.parentElement || isBusy) return
    const message = this.#timeline.messageOf(row.parentElement)
    if (!message?.number) return this.#bar.remove()
    const offered = this.#actions.offered(message)
    const arranged = `${message.number} ${Object.values(offered)}`
    if (this.#bar.parentElement === row && this.#arranged === arranged) return
    this.#arranged = arranged
    part(this.#bar, "[name=reply]").hidden = !offered.reply
    part(this.#bar, "[name=reply] .unseen").textContent = t("Reply to {nickname}", {
      nickname: message.sender.nickname,
    })
    part(this.#bar, "[name=edit]").hidden = !offered.edit
    part(this.#bar, "[name=more]").hidden = !Object.values(offered).some(Boolean)
    if (this.#bar.parentElement !== row) row.append(this.#bar)
  }

  // Where the keyboard is at a message, the bar stays there.
  #leave() {
    const row = /** @type {HTMLElement | null | undefined} */ (document.activeElement?.closest(".row"))
    if (row && this.#list.contains(row)) this.#moveTo(row)
    else this.#bar.remove()
  }
}
