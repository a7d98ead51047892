// Loads what lies beyond either end of the window when the reader comes near it, and messages that are answered in it.

import { t } from "../../lib/i18n.js"

const PAGE = 50
const MOST_ROWS = 600

export class History {
  #connection
  #timeline
  #scroll
  #box
  #edges
  #roomId
  #newest
  // "older", "newer" or "original": one page at a time.
  #asked = null
  #original = 0
  #step = PAGE
  #watch

  // `edges` are the elements `older`, `beginning` and `newer` around the messages; `newest()` is the room's highest number.
  constructor({ connection, timeline, scroll, box, edges, roomId, newest }) {
    this.#connection = connection
    this.#timeline = timeline
    this.#scroll = scroll
    this.#box = box
    this.#edges = edges
    this.#roomId = roomId
    this.#newest = newest
    // Without scripts it is a link.
    edges.older.textContent = t("Loading older messages…")
    this.#watch = new IntersectionObserver((entries) => this.#near(entries), { root: box, rootMargin: "800px 0px" })
    this.look()
  }

  // Asks the observer anew: it tells of changes only, and an edge may be in sight still after a page was loaded.
  look() {
    for (const edge of [this.#edges.older, this.#edges.newer]) {
      this.#watch.unobserve(edge)
      this.#watch.observe(edge)
    }
  }

  receive({ messages, gone = [] }) {
    const asked = this.#asked
    this.#asked = null
    if (asked === "original") {
      const original = messages.find(({ number }) => number === this.#original)
      this.#scroll.keep(() => this.#timeline.learn(this.#original, original))
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
  refused({ retry_after }) {
    this.forget()
    if (retry_after) setTimeout(() => this.look(), retry_after * 1000)
  }

  // Returns whether this has brought the window further, or the next answer may. Else it is not asked for at once.
  #load(asked, messages, gone) {
    const { first, last } = this.#timeline
    // Of long messages the server gives only as many as one frame may carry, those nearest to what was asked before.
    const reached = Math.min(messages[0]?.number ?? Infinity, gone[0]?.[0] ?? Infinity)
    const isShort = asked === "newer" && messages.length > 0 && reached > last + 1
    this.#step = isShort ? messages.length : PAGE
    if (asked === "older") {
      this.#silence()
      this.#scroll.keep(() => {
        this.#timeline.load(messages, gone)
        this.#timeline.trimEnd(MOST_ROWS)
        this.#showEdges()
      })
    } else {
      this.#scroll.keep(() => {
        this.#timeline.load(messages, gone)
        this.#timeline.trimStart(MOST_ROWS)
        this.#showEdges()
      })
    }
    return isShort || this.#timeline.first !== first || this.#timeline.last !== last
  }

  // Fifty old messages are no news: a screen reader is not to read them out.
  #silence() {
    this.#box.ariaLive = "off"
    setTimeout(() => (this.#box.ariaLive = "polite"), 1000)
  }

  #showEdges() {
    this.#edges.older.hidden = this.#timeline.first <= 1
    this.#edges.beginning.hidden = this.#timeline.first > 1
  }

  #near(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue
      if (target === this.#edges.older && this.#timeline.first > 1) this.#ask("older", this.#timeline.first)
      if (target === this.#edges.newer && this.#timeline.last < this.#newest()) {
        this.#ask("newer", this.#timeline.last + this.#step + 1, this.#step)
      }
    }
    // After the ends: words that the reader comes to are worth more than words they were told before.
    const number = this.#timeline.unknownOriginal
    if (number && this.#ask("original", number + 1, 1)) this.#original = number
  }

  #ask(side, before, limit = PAGE) {
    if (this.#asked) return false
    const isSent = this.#connection.send({ type: "history", room: this.#roomId(), before, limit })
    if (isSent) this.#asked = side
    return isSent
  }
}
