// The ways through a room that is longer than what is drawn of it: pages of history, and the button to what is new.

import { part } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"
import { focusRoom } from "../shell/keys.js"

/** @import { Frame, Message } from "../../lib/frames.d.ts" */
/** @import { Messages } from "../../store/messages.js" */
/** @import { KnownRoom } from "../../store/types.d.ts" */
/** @import { RoomUrls } from "../types.d.ts" */
/** @import { Scroll } from "./scroll.js" */
/** @import { Timeline } from "./timeline.js" */
/** @typedef {"older" | "newer" | "original"} Asked */

const PAGE = 50

const isTouch = matchMedia("(hover: none) and (pointer: coarse)")

// Draws or loads what lies beyond either end of the timeline when the reader comes near it, and loads messages that are
// answered in it.
export class Pagination {
  #messages
  #timeline
  #scroll
  #edges
  #ask
  #newest
  // One page at a time.
  #asked = /** @type {Asked | null} */ (null)
  #original = 0
  #step = PAGE
  #watch

  /**
   * @param {object} parts
   * @param {Messages} parts.messages
   * @param {Timeline} parts.timeline
   * @param {Scroll} parts.scroll
   * @param {HTMLElement} parts.box
   * @param {Record<"older" | "beginning" | "newer", HTMLElement>} parts.edges the elements around the messages
   * @param {(before: number, limit: number) => boolean} parts.ask returns whether the request for a page has left
   * @param {() => number} parts.newest the room's highest number
   * @param {AbortSignal} parts.signal
   */
  constructor({ messages, timeline, scroll, box, edges, ask, newest, signal }) {
    this.#messages = messages
    this.#timeline = timeline
    this.#scroll = scroll
    this.#edges = edges
    this.#ask = ask
    this.#newest = newest
    // Without scripts it is a link.
    edges.older.textContent = t("Loading older messages…")
    this.#watch = new IntersectionObserver((entries) => this.#near(entries), { root: box, rootMargin: "800px 0px" })
    signal.addEventListener("abort", () => this.#watch.disconnect())
    this.#showEdges()
    this.look()
  }

  // Asks the observer anew: it tells of changes only, and an edge may be in sight still after a page was loaded.
  look() {
    for (const edge of [this.#edges.older, this.#edges.newer]) {
      this.#watch.unobserve(edge)
      this.#watch.observe(edge)
    }
  }

  /** @param {Frame<"history">} page */
  receive({ messages, gone = [] }) {
    const asked = this.#asked
    this.#asked = null
    if (asked === "original") {
      this.#messages.learn(this.#original, messages.find(({ number }) => number === this.#original))
      this.look()
    } else if (this.#load(asked, messages, gone)) {
      this.look()
    }
  }

  // No answer will come any more: the connection is lost.
  forget() {
    this.#asked = null
  }

  // The server could not answer. Whoever still looks at that end is not to have to scroll away and back.
  /** @param {Frame<"error">} error */
  refused({ retry_after }) {
    this.forget()
    if (retry_after) setTimeout(() => this.look(), retry_after * 1000)
  }

  // Returns whether this has brought the window further, or the next answer may. Else it is not asked for at once.
  /** @param {Asked | null} asked @param {Message[]} messages @param {[number, number][]} gone */
  #load(asked, messages, gone) {
    const { first, last } = this.#messages
    // Of long messages the server gives only as many as one frame may carry, those nearest to what was asked before.
    const reached = Math.min(messages[0]?.number ?? Infinity, gone[0]?.[0] ?? Infinity)
    const isShort = asked === "newer" && messages.length > 0 && reached > last + 1
    this.#step = isShort ? messages.length : PAGE
    this.#messages.load(messages, gone)
    this.#extend(asked)
    this.#messages.trim(this.#timeline.first, this.#timeline.last)
    return isShort || this.#messages.first !== first || this.#messages.last !== last
  }

  /** @param {Asked | null} side */
  #extend(side) {
    let isExtended = false
    this.#scroll.keep(() => {
      isExtended = side === "older" ? this.#timeline.extendUp() : this.#timeline.extendDown()
      this.#showEdges()
    })
    return isExtended
  }

  #showEdges() {
    const isAtBeginning = this.#messages.first <= 1 && this.#timeline.isAtStart
    this.#edges.older.hidden = isAtBeginning
    this.#edges.beginning.hidden = !isAtBeginning
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #near(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue
      const side = target === this.#edges.older ? "older" : "newer"
      if (this.#extend(side)) this.look()
      else if (side === "older") this.#request("older", this.#messages.first > 1, this.#messages.first, PAGE)
      else {
        const { last } = this.#messages
        this.#request("newer", last < this.#newest(), last + this.#step + 1, this.#step)
      }
    }
    // After the ends: words that the reader comes to are worth more than words they were told before.
    const number = this.#timeline.unknownOriginal
    if (number && this.#request("original", true, number + 1, 1)) this.#original = number
  }

  /** @param {Asked} side @param {boolean} isMore @param {number} before @param {number} limit */
  #request(side, isMore, before, limit) {
    if (!isMore || this.#asked || !this.#ask(before, limit)) return false
    this.#asked = side
    return true
  }
}

// The button that leads to what is new, or else to the end.
export class Jump {
  #button
  #messages
  #timeline
  #scroll
  #room
  #urls

  /**
   * @param {HTMLElement} button
   * @param {object} parts
   * @param {Messages} parts.messages
   * @param {Timeline} parts.timeline
   * @param {Scroll} parts.scroll
   * @param {{ summary: () => KnownRoom | undefined, isDetached: () => boolean }} parts.room
   * @param {RoomUrls} parts.urls
   */
  constructor(button, { messages, timeline, scroll, room, urls }) {
    this.#button = button
    this.#messages = messages
    this.#timeline = timeline
    this.#scroll = scroll
    this.#room = room
    this.#urls = urls
    button.addEventListener("click", () => this.#jump())
  }

  look() {
    const unread = this.#room.summary()?.unread ?? 0
    this.#button.hidden = this.#scroll.isNearEnd && this.#timeline.isAtEnd && !this.#room.isDetached()
    const label = unread ? plural("{count} new message", "{count} new messages", unread) : t("Jump to latest")
    const text = part(this.#button, "span")
    if (text.textContent !== label) text.textContent = label
  }

  #jump() {
    // The button hides itself, and what is typed next must go somewhere. A tap must not bring a keyboard up.
    const isByKeyboard = this.#button.matches(":focus-visible")
    const news = this.#news
    if (news) this.#scroll.toRow(news)
    else if (this.#room.isDetached()) return location.assign(this.#urls.latest)
    else {
      this.#timeline.showEnd()
      this.#scroll.toEnd()
    }
    if (isByKeyboard || !isTouch.matches) focusRoom()
  }

  // The first of the new messages, if it is further down.
  get #news() {
    const row = this.#timeline.row(this.#messages.firstUnread)
    return row && this.#scroll.isBelow(row) ? row : null
  }
}
