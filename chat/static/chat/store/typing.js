// The people who are typing: each is remembered for a moment. Knows nothing of the page.

import { t } from "../lib/i18n.js"

/** @import { Person } from "../lib/frames.d.ts" */

const FOR = 6_000

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
