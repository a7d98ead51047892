// The rows of a room's messages: a part of the window that the store has, with one's own that are not sent below it.

import { find, keepFocus, parts, patch } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { Row } from "./row.js"

/** @import { Person } from "../../lib/frames.d.ts" */
/** @import { Drawn, Shown } from "../../store/types.d.ts" */
/** @import { RoomUrls } from "../types.d.ts" */
/** @import { Context } from "./row.js" */

// Rows. What lies beyond is drawn when the reader comes near it.
const MOST = 300
const STEP = 50

export class Timeline {
  // The numbers of the first and the last message that are drawn.
  first = 0
  last = 0
  #list
  #messages
  #me
  #urls
  #onFault
  #title
  #ids
  #rows = /** @type {Map<number | string, Row>} */ (new Map())

  // Takes over the rows that the server has drawn.
  /**
   * @param {HTMLElement} list
   * @param {object} room
   * @param {Drawn} room.messages
   * @param {Person} room.me
   * @param {RoomUrls} room.urls
   * @param {(error: unknown, about: string) => void} room.onFault
   * @param {string} [room.title] the id of the heading that names the list
   * @param {string} [room.ids] what the ids of its rows begin with
   */
  constructor(list, { messages, me, urls, onFault, title = "room-title", ids = "" }) {
    this.#list = list
    this.#messages = messages
    this.#me = me
    this.#urls = urls
    this.#onFault = onFault
    this.#title = title
    this.#ids = ids
    this.first = messages.first
    this.last = messages.last
    for (const element of parts(list, ":scope > *")) {
      const message = messages.get(Number(element.dataset.number))
      if (message) this.#rows.set(this.#keyOf(message), new Row(urls, ids, element, message))
    }
    this.draw()
  }

  // The element of a message that is drawn.
  /** @param {number | null | undefined} number */
  row(number) {
    const message = this.#messages.get(number ?? 0)
    return message && this.#rows.get(this.#keyOf(message))?.element
  }

  // Shows which message is being changed; 0 for none.
  /** @param {number} number */
  mark(number) {
    this.#list.querySelector(".edited")?.classList.remove("edited")
    this.row(number)?.classList.add("edited")
  }

  /** @param {Element} element */
  messageOf(element) {
    const { number, clientId } = element instanceof HTMLElement ? element.dataset : {}
    return this.#messages.get(Number(number)) ?? this.#messages.pending.find((one) => one.client_id === clientId)
  }

  // Whether the first or the last message of the store is drawn.
  get isAtStart() {
    return !this.#messages.upTo(this.first - 1, 1).length
  }

  get isAtEnd() {
    return !this.#messages.from(this.last + 1, 1).length
  }

  // The number of a message that a drawn one answers and of which nothing is known; the last such, or nothing.
  get unknownOriginal() {
    const answered = this.#shown().map((message) => message.reply_to)
    return answered.findLast((number) => number && this.#messages.original(number) === undefined)
  }

  // Draws more of what the store has, and returns whether there was more.
  extendUp() {
    const above = this.#messages.upTo(this.first - 1, STEP)
    if (!above.length) return false
    this.first = above[0].number
    this.last = this.#messages.from(this.first, MOST).at(-1)?.number ?? this.last
    this.draw()
    return true
  }

  extendDown() {
    const below = this.#messages.from(this.last + 1, STEP)
    if (!below.length) return false
    this.last = below[below.length - 1].number
    this.first = this.#messages.upTo(this.last, MOST)[0].number
    this.draw()
    return true
  }

  // Draws the end of what the store has.
  showEnd() {
    this.last = this.#messages.last
    this.#cutAbove()
    this.draw()
  }

  // New messages below are drawn as long as there is room for them; with `isFollowing` the rows at the top make room.
  /** @param {boolean} isFollowing */
  follow(isFollowing) {
    const drawn = this.#messages.between(this.first, this.last).length
    const below = this.#messages.from(this.last + 1, isFollowing ? Infinity : Math.max(0, MOST - drawn))
    if (below.length) this.last = below[below.length - 1].number
    if (isFollowing) this.#cutAbove()
    this.first ||= this.#messages.first
    this.draw()
  }

  draw() {
    const shown = this.#shown()
    const keys = new Set(shown.map((message) => this.#keyOf(message)))
    for (const key of this.#rows.keys()) if (!keys.has(key)) this.#rows.delete(key)
    const today = new Date()
    const elements = shown.map((message) => this.#rowOf(message).element)
    keepFocus(this.#list, () => patch(this.#list, elements), { stops: ".row", instead: find(document, "main") })
    // Without messages it is no feed.
    for (const [name, value] of [["role", "feed"], ["aria-labelledby", this.#title]]) {
      if (shown.length) this.#list.setAttribute(name, value)
      else this.#list.removeAttribute(name)
    }
    let before = /** @type {Shown | null} */ (null)
    for (const message of shown) {
      before = this.#drawRow(message, {
        me: this.#me,
        before,
        original: message.reply_to ? this.#messages.original(message.reply_to) : null,
        isFirstUnread: Boolean(message.number) && message.number === this.#messages.firstUnread,
        today,
      })
    }
  }

  // Returns the message that is drawn: in place of one that can't be, one that says so.
  /** @param {Shown} message @param {Context} context */
  #drawRow(message, context) {
    const row = this.#rowOf(message)
    try {
      row.draw(message, context)
      return message
    } catch (error) {
      if (row.failed !== message) this.#onFault(error, "row")
      row.failed = message
      const instead = inPlaceOf(message)
      row.draw(instead, { ...context, original: null })
      return instead
    }
  }

  /** @returns {Shown[]} */
  #shown() {
    const drawn = this.#messages.between(this.first, this.last)
    return this.isAtEnd ? [...drawn, ...this.#messages.pending] : drawn
  }

  #cutAbove() {
    const [first] = this.#messages.upTo(this.last, MOST)
    if (first) this.first = Math.max(this.first, first.number)
  }

  /** @param {Shown} message */
  #rowOf(message) {
    const key = this.#keyOf(message)
    const known = this.#rows.get(key)
    if (known) return known
    const row = new Row(this.#urls, this.#ids)
    this.#rows.set(key, row)
    return row
  }

  // One's own keep their row when they get their number.
  /** @param {Shown} message */
  #keyOf({ number, client_id, sender }) {
    return (sender?.id === this.#me.id && client_id) || (number ?? client_id)
  }
}

/** @param {Shown} message @returns {Shown} */
function inPlaceOf(message) {
  const instead = {
    client_id: message.client_id,
    sender: { id: 0, nickname: "?" },
    sent_at: new Date().toISOString(),
    body: t("This message can't be shown."),
  }
  const { number, sequence } = message
  return number === undefined ? { ...instead, state: "waiting" } : { ...instead, number, sequence }
}
