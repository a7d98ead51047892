// What can be done with a message, and where it is offered: by a menu, by a short bar at its row, by keys.

import { closest, find, part, parts } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { focusRoom, onPressed } from "../shell/keys.js"
import { isForMenu } from "./clicks.js"

/** @import { EmojiHabits } from "../../store/emoji.js" */
/** @import { Change, Drawn, Shown } from "../../store/types.d.ts" */
/** @import { Composer } from "../composer/composer.js" */
/** @import { RoomUrls } from "../types.d.ts" */
/** @import { Timeline } from "./timeline.js" */
/** @typedef {"react" | "reply" | "edit" | "copy-text" | "copy-message-link" | "delete" | Keeping | Elsewhere} Action */
/** @typedef {"save" | "unsave" | "pin" | "unpin"} Keeping */
// Actions of other parts of the page, where these are.
/** @typedef {"show-thread" | "show-in-room" | "forward" | "select"} Elsewhere */

// In pixels, between a menu and the edge of the window.
const MARGIN = 8

export class MessageActions {
  #messages
  #urls
  #composer
  #mayDelete
  #mayEdit
  #mayReact
  #mayPin
  #change
  #pickEmoji
  #elsewhere
  #me

  /**
   * @param {object} room
   * @param {Drawn} room.messages
   * @param {RoomUrls} room.urls
   * @param {Composer | null} room.composer
   * @param {(message: Shown) => boolean} room.mayEdit whether it is one's own, and may be changed
   * @param {(message: Shown) => boolean} room.mayDelete
   * @param {boolean} room.mayReact
   * @param {boolean} room.mayPin
   * @param {number} room.me
   * @param {(kind: Change["kind"], message: Shown, written?: Partial<Change>) => void} room.change
   * @param {(number: number) => Promise<string | null>} room.pickEmoji beside the message of that number
   * @param {Partial<Record<Elsewhere, (message: Shown) => void>>} room.elsewhere
   */
  constructor({ messages, urls, composer, mayEdit, mayDelete, mayReact, mayPin, me, change, pickEmoji, elsewhere }) {
    this.#messages = messages
    this.#urls = urls
    this.#composer = composer
    this.#mayEdit = mayEdit
    this.#mayDelete = mayDelete
    this.#mayReact = mayReact
    this.#mayPin = mayPin
    this.#me = me
    this.#change = change
    this.#pickEmoji = pickEmoji
    this.#elsewhere = elsewhere
  }

  /** @param {Shown} message @returns {Record<Action, boolean>} */
  offered(message) {
    const { number, deleted_at, pinned_at, saved } = message
    const isOpen = Boolean(number && this.#composer?.isOpen)
    const mayKeep = isOpen && !deleted_at && this.#mayReact
    const does = (/** @type {Elsewhere} */ name) => Boolean(number && this.#elsewhere[name])
    return {
      react: isOpen && !deleted_at && this.#mayReact,
      reply: isOpen && !deleted_at,
      edit: isOpen && !deleted_at && this.#mayEdit(message),
      "show-thread": does("show-thread"),
      "show-in-room": does("show-in-room"),
      forward: mayKeep && does("forward"),
      save: mayKeep && !saved,
      unsave: mayKeep && Boolean(saved),
      pin: mayKeep && this.#mayPin && !pinned_at,
      unpin: mayKeep && this.#mayPin && Boolean(pinned_at),
      "copy-text": Boolean(navigator.clipboard) && !deleted_at,
      "copy-message-link": Boolean(navigator.clipboard && number),
      select: does("select") && !deleted_at,
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
    if (action === "react") this.#pick(message, number)
    if (action === "edit") this.#composer?.edit(message)
    if (action === "pin" || action === "unpin") this.#change("pin", message, { on: action === "pin" })
    if (action === "save" || action === "unsave") this.#change("save", message, { on: action === "save" })
    if (action in this.#elsewhere) this.#elsewhere[/** @type {Elsewhere} */ (action)]?.(message)
    if (action === "delete") this.#change("delete", message)
  }

  // Puts an emoji there, or takes one's own away.
  /** @param {Shown} message @param {string} emoji */
  react(message, emoji) {
    const on = !message.reactions?.[emoji]?.includes(this.#me)
    this.#change("react", message, { emoji, on })
  }

  // What was picked is put there, also where it is already. The message may have changed meanwhile.
  /** @param {Shown} message @param {number} number */
  async #pick(message, number) {
    const emoji = await this.#pickEmoji(number)
    if (emoji) this.#change("react", this.#messages.get(number) ?? message, { emoji, on: true })
  }

  // Returns whether there is one.
  /** @param {Shown | undefined} message one's own last one */
  editLast(message) {
    if (!message || !this.offered(message).edit) return false
    this.#composer?.edit(message)
    return true
  }
}

// The menu key opens it, Enter on the message itself, the right button of a mouse, a long press.
export class MessageMenu {
  #menu
  // Of the list that it was opened in last.
  #actions = /** @type {MessageActions | undefined} */ (undefined)
  #habits
  #message = /** @type {Shown | undefined} */ (undefined)

  /**
   * @param {HTMLElement} menu
   * @param {object} room
   * @param {() => Promise<EmojiHabits>} room.habits
   * @param {AbortSignal} room.signal
   */
  constructor(menu, { habits, signal }) {
    this.#menu = menu
    this.#habits = habits
    menu.addEventListener("click", (event) => this.#choose(event), { signal })
    // The menu key asks the browser for its own menu as well, of whatever has the focus by then.
    menu.addEventListener("contextmenu", (event) => event.preventDefault(), { signal })
    menu.addEventListener("toggle", () => this.#closed(), { signal })
    signal.addEventListener("abort", () => menu.matches(":popover-open") && menu.hidePopover())
  }

  // Where it can be opened.
  /** @param {HTMLElement} list @param {{ timeline: Timeline, actions: MessageActions, signal: AbortSignal }} room */
  listen(list, { timeline, actions, signal }) {
    onPressed("message-menu", (event) => this.#openByKey(event, timeline, actions), signal, list)
    list.addEventListener("contextmenu", (event) => this.#openByPointer(event, timeline, actions))
  }

  // Enter on a link or a button inside of a message is theirs.
  /** @param {KeyboardEvent} event @param {Timeline} timeline @param {MessageActions} actions */
  #openByKey(event, timeline, actions) {
    const row = closest(event, ".row")
    // A spoiler is no button of the browser's.
    const spoiler = closest(event, "[role=button]")
    if (event.key === "Enter") spoiler?.click()
    if (!row?.parentElement || (event.key === "Enter" && event.target !== row)) return Boolean(spoiler)
    const message = timeline.messageOf(row.parentElement)
    if (!message) return false
    this.open(row, message, actions)
    return true
  }

  /** @param {MouseEvent} event @param {Timeline} timeline @param {MessageActions} actions */
  #openByPointer(event, timeline, actions) {
    const row = closest(event, ".row")
    const message = row?.parentElement && timeline.messageOf(row.parentElement)
    if (!message || !isForMenu(event)) return
    if (this.open(row, message, actions, { left: event.clientX, bottom: event.clientY })) event.preventDefault()
  }

  // At a place in the window; without one below the message. Returns whether it offers anything.
  /**
   * @param {HTMLElement} row
   * @param {Shown} message
   * @param {MessageActions} actions
   * @param {{ left: number, bottom: number }} [place]
   */
  open(row, message, actions, place = part(row, ".body").getBoundingClientRect()) {
    this.#message = message
    this.#actions = actions
    const { react, ...offered } = actions.offered(message)
    for (const [name, isOffered] of Object.entries(offered))
      part(this.#menu, `[name=${name}]`).hidden = !isOffered
    part(this.#menu, ".quick-reactions").hidden = !react
    if (react) this.#offerQuick()
    const first = find(this.#menu, ".menu-item:not([hidden])")
    if (!first) return false
    this.#menu.showPopover()
    const { width, height } = this.#menu.getBoundingClientRect()
    this.#menu.style.left = `${Math.max(0, Math.min(place.left, innerWidth - width - MARGIN))}px`
    this.#menu.style.top = `${Math.max(0, Math.min(place.bottom, innerHeight - height - MARGIN))}px`
    first.focus({ preventScroll: true })
    return true
  }

  // For one click, the emoji that were picked last.
  async #offerQuick() {
    const habits = await this.#habits().catch(() => null)
    const buttons = /** @type {HTMLButtonElement[]} */ (parts(this.#menu, ".quick"))
    buttons.forEach((button, index) => {
      button.disabled = !habits
      button.value = button.textContent = habits?.quick[index] ?? ""
    })
  }

  /** @param {Event} event */
  #choose(event) {
    const button = closest(event, "button")
    const name = button?.getAttribute("name")
    const message = this.#message
    if (!button || !name || !message) return
    this.#menu.hidePopover()
    const emoji = button.getAttribute("value")
    if (emoji) this.#actions?.react(message, emoji)
    else this.#actions?.take(name, message)
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
    this.#moveTo(find(list, ".row:hover") ?? find(list, ".row:focus-within"))
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
      if (name === "more") menu.open(row, message, actions)
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
    part(this.#bar, "[name=react]").hidden = !offered.react
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
