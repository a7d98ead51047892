// The line that says who is typing, and the word to others that one types oneself.

import { element, isolated } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"

/** @import { Person } from "../../lib/frames.d.ts" */

// In milliseconds: how long one is remembered, and how often others are told.
const FOR = 6_000
const AT_MOST_EVERY = 3_000
// Stand for the names while the sentence is made, so that each becomes an element that gives way where there is no room.
const PLACES = ["\ue000", "\ue001", "\ue002"]

export class TypingLine {
  #line
  #me
  #tell
  #tracker = new TypingTracker()
  #toldAt = 0

  /**
   * @param {HTMLElement} line
   * @param {{ me: Person, tell: () => void, signal: AbortSignal }} room
   */
  constructor(line, { me, tell, signal }) {
    this.#line = line
    this.#me = me
    this.#tell = tell
    const timer = setInterval(() => this.#show(), 1000)
    signal.addEventListener("abort", () => clearInterval(timer))
  }

  /** @param {Person} person */
  heard(person) {
    if (person.id !== this.#me.id) this.#tracker.heard(person)
    this.#show()
  }

  /** @param {number} id */
  forget(id) {
    this.#tracker.forget(id)
    this.#show()
  }

  typed() {
    if (Date.now() - this.#toldAt < AT_MOST_EVERY) return
    this.#toldAt = Date.now()
    this.#tell()
  }

  // The typed words are sent: the next word is news again.
  sent() {
    this.#toldAt = 0
  }

  #show() {
    const names = this.#tracker.names()
    const sentence = typingSentence(PLACES.slice(0, names.length))
    const parts = sentence.split(/([\ue000-\ue002])/).filter(Boolean).map((part) => {
      const place = PLACES.indexOf(part)
      return place < 0 ? element("span", "", part) : isolated(names[place])
    })
    const text = parts.map((part) => part.textContent).join("")
    if (this.#line.textContent !== text) this.#line.replaceChildren(...parts)
  }
}

// The people who are typing: each is remembered for a moment.
export class TypingTracker {
  #people = /** @type {Map<number, { nickname: string, until: number }>} */ (new Map())

  /** @param {Person} person */
  heard({ id, nickname }, now = Date.now()) {
    this.#people.set(id, { nickname, until: now + FOR })
  }

  /** @param {number} id */
  forget(id) {
    this.#people.delete(id)
  }

  names(now = Date.now()) {
    for (const [id, { until }] of this.#people) if (until <= now) this.#people.delete(id)
    return Array.from(this.#people.values(), ({ nickname }) => nickname)
  }
}

/** @param {string[]} names */
export function typingSentence([one, two, third]) {
  if (third) return t("Several people are typing…")
  if (two) return t("{one} and {two} are typing…", { one, two })
  return one ? t("{nickname} is typing…", { nickname: one }) : ""
}
