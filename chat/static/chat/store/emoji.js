// A person's habits with emoji: those picked last, and the tone of skin. Kept in the browser until they sign out.

import { stored } from "../lib/storage.js"

const MOST = 24
// For those who have picked few so far.
const USUAL = ["👍", "❤️", "😂", "🎉", "😮", "😢"]

/** @typedef {{ recent: string[], tone: string }} Habits */

export class EmojiHabits {
  #key
  // Where nothing can be stored, as long as the page.
  #habits = /** @type {Habits | null} */ (null)

  /** @param {string} owner */
  constructor(owner) {
    this.#key = keyOf(owner)
  }

  // The last first.
  get recent() {
    return this.#read().recent
  }

  // For one click: the last few, and usual ones where there are fewer.
  get quick() {
    return [...new Set([...this.recent, ...USUAL])].slice(0, USUAL.length)
  }

  get tone() {
    return this.#read().tone
  }

  set tone(tone) {
    this.#write({ ...this.#read(), tone })
  }

  /** @param {string} emoji */
  picked(emoji) {
    const { recent, tone } = this.#read()
    this.#write({ tone, recent: [emoji, ...recent.filter((one) => one !== emoji)].slice(0, MOST) })
  }

  /** @returns {Habits} */
  #read() {
    const kept = stored((storage) => storage.getItem(this.#key))
    return kept ? JSON.parse(kept) : this.#habits ?? { recent: [], tone: "" }
  }

  /** @param {Habits} habits */
  #write(habits) {
    this.#habits = habits
    stored((storage) => storage.setItem(this.#key, JSON.stringify(habits)))
  }
}

/** @param {string} owner */
export function forgetEmoji(owner) {
  stored((storage) => storage.removeItem(keyOf(owner)))
}

/** @param {string} owner */
const keyOf = (owner) => `chatsite emoji ${owner}`
