// The page's messages about itself: a quiet strip over the first lines of the talk says what is wrong with the line, if it
// lasts; a live region reads new messages to those who listen to the page instead of looking at it.

import { FORBIDDEN, SIGNED_OUT } from "../../lib/refusals.js"
import { t } from "../../lib/i18n.js"
import { withoutSpoilers } from "../timeline/row.js"

/** @import { Message } from "../../lib/frames.d.ts" */

const PATIENCE = 1000
// After this long without a line it is more than a moment's trouble: there is a page that finds out.
const LONG = 10_000

/** @type {Record<string, string>} */
const SENTENCES = {
  offline: t("You're offline. We'll send your messages when you're back."),
  lost: t("Reconnecting…"),
  "lost for long": t("Reconnecting…"),
  removed: t("You're no longer in this room."),
  [SIGNED_OUT]: t("You're signed out."),
  [FORBIDDEN]: t("The site doesn't accept connections from this address."),
}

export class Status {
  #strip
  #home
  #state = "lost"
  #final = /** @type {string | null} */ (null)
  #timer = 0
  #lasting = 0
  #isLong = false

  /** @param {HTMLElement} strip @param {string} home */
  constructor(strip, home) {
    this.#strip = strip
    this.#home = home
    for (const event of ["online", "offline"]) addEventListener(event, () => this.#show())
    this.become("lost")
  }

  /** @param {string} state as a connection has them */
  become(state) {
    if (state === "ready") this.#recover()
    else this.#lasting ||= setTimeout(() => this.#despair(), LONG)
    this.#state = state
    clearTimeout(this.#timer)
    if (state === "ready" || !navigator.onLine) this.#show()
    else this.#timer = setTimeout(() => this.#show(), PATIENCE)
  }

  // For good: nothing comes back by itself. With a way home.
  /** @param {number | "removed"} reason a code, or the open room's own */
  end(reason) {
    this.#final = String(reason)
    this.#show()
  }

  // A page whose person has signed out shows nothing of theirs any more, but why, which is read out.
  blank() {
    document.title = "chatsite"
    document.body.classList.add("blank")
    document.body.replaceChildren(this.#strip)
    this.#strip.tabIndex = -1
    this.#strip.focus()
  }

  // Another room is open: that one was removed from the last one matters no more.
  moved() {
    if (this.#final === "removed") this.#final = null
    this.#show()
  }

  #show() {
    const state = this.#isLong && this.#state === "lost" ? "lost for long" : this.#state
    const key = this.#final ?? (navigator.onLine ? state : "offline")
    const sentence = SENTENCES[key] ?? ""
    if (this.#strip.dataset.key === key) return
    this.#strip.dataset.key = key
    this.#strip.textContent = sentence
    this.#strip.hidden = !sentence
    if (this.#final) this.#strip.append(" ", this.#link(t("Go to home page"), this.#home))
    else if (key === "lost for long")
      this.#strip.append(" ", this.#link(t("Trouble connecting?"), this.#strip.dataset.help ?? this.#home))
  }

  #recover() {
    clearTimeout(this.#lasting)
    this.#lasting = 0
    this.#isLong = false
  }

  #despair() {
    this.#isLong = true
    this.#show()
  }

  /** @param {string} text @param {string} href */
  #link(text, href) {
    const link = document.createElement("a")
    link.href = href
    link.textContent = text
    return link
  }
}

// Reads others' new messages, and what the message box says.
// Characters of a message.
const MOST = 200
// A line that is taken away before it was read is not read.
const KEPT = 3

export class Announcer {
  #lines

  // `lines` is a live region that nobody sees.
  /** @param {HTMLElement} lines */
  constructor(lines) {
    this.#lines = lines
  }

  /** @param {Pick<Message, "sender" | "body">} message */
  announce({ sender, body }) {
    if (document.hidden || !document.hasFocus()) return
    this.say(`${sender.nickname}: ${Array.from(withoutSpoilers(body)).slice(0, MOST).join("")}`)
  }

  // The same words twice are read twice: each time in an element of their own.
  /** @param {string} text */
  say(text) {
    const line = document.createElement("p")
    line.textContent = text
    this.#lines.append(line)
    while (this.#lines.childElementCount > KEPT) this.#lines.firstElementChild?.remove()
  }

  // Another room is open: what was said in the last one is not to be found here.
  clear() {
    this.#lines.replaceChildren()
  }
}
