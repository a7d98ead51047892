// The basis of completion: the beginning of a name in front of the caret, and the names that it may become.

import { isFenced } from "./edits.js"

/** @typedef {{ sign: "@" | "#" | ":", from: number, typed: string }} Trigger */
/** @typedef {{ id: string | number, name: string, keys: string[], isNear: boolean, hint?: string, emoji?: string }} Name */

// Chinese text has no space in front of a name; an address, a path or a word has something that is no name behind it.
const NAME =
  /(?<![0-9A-Za-z_.@#&/\\\-\u00c0-\u024f\u0370-\u06ff])([@＠#＃])([^\s@＠#＃](?:[^@＠#＃\n]{0,62}[^\s@＠#＃])?)?$/u
const CODE = /(?<![0-9A-Za-z:/]):([\p{L}+\-][\p{L}\p{N}_+\-]{1,31})$/u
const CLOSED = /(?<![0-9A-Za-z:/]):([a-z0-9_+\-]{2,32}):$/
// Longer names are no names.
const LONGEST = 64

/** @param {string} text @param {number} caret @returns {Trigger | null} */
export function triggerAt(text, caret) {
  if (isInCode(text, caret)) return null
  const before = text.slice(Math.max(0, caret - LONGEST - 2), caret)
  const name = NAME.exec(before)
  const code = name ? null : CODE.exec(before)
  const found = name ?? code
  if (!found) return null
  const sign = name ? (/[@＠]/.test(name[1]) ? "@" : "#") : ":"
  return { sign, from: caret - found[0].length, typed: (name ? name[2] : found[1]) ?? "" }
}

// A short code that has just been closed: `:smile:`.
/** @param {string} text @param {number} caret */
export function closedCode(text, caret) {
  const found = CLOSED.exec(text.slice(Math.max(0, caret - LONGEST), caret))
  return found && !isInCode(text, caret) ? { from: caret - found[0].length, code: found[1] } : null
}

/** @param {string} text @param {number} caret */
function isInCode(text, caret) {
  const from = text.lastIndexOf("\n", caret - 1) + 1
  const marks = text.slice(from, caret).match(/\x60+/g)?.length ?? 0
  return marks % 2 === 1 || isFenced(text.slice(0, from))
}

/** @param {string} text */
export const folded = (text) => text.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ")

// Those that a text may become: those near first, exact ones and beginnings before the inside; else in their order. From
// afar, and with several words, only beginnings: whoever goes on writing after a name is not offered others.
/** @template {Name} Kind @param {Iterable<Kind>} names @param {string} typed @returns {Kind[]} */
export function ranked(names, typed) {
  const key = folded(typed)
  const groups = /** @type {Kind[][]} */ ([[], [], [], [], []])
  for (const name of names) {
    const rank = rankOf(name.keys, key)
    if (name.isNear && rank < 3 && !(rank === 2 && key.includes(" "))) groups[rank].push(name)
    else if (!name.isNear && rank < 2) groups[3 + rank].push(name)
  }
  return groups.flat()
}

/** @param {string[]} keys @param {string} key */
function rankOf(keys, key) {
  if (keys.includes(key)) return 0
  if (keys.some((one) => one.startsWith(key) || one.includes(` ${key}`))) return 1
  return keys.some((one) => one.includes(key)) ? 2 : 3
}

/** @typedef {{ names: Name[], more: boolean, everyone?: boolean }} Answer */

// The names that one sign stands for: those that the page knows, and those that the server has told.
export class Names {
  #local
  #ask
  #known = /** @type {Map<string | number, Name>} */ (new Map())
  #answers = /** @type {Map<string, Answer>} */ (new Map())

  /** @param {{ local: () => Name[], ask: ((typed: string) => Promise<Answer>) | null }} source */
  constructor({ local, ask }) {
    this.#local = local
    this.#ask = ask
  }

  /** @param {string} typed */
  find(typed) {
    return ranked(this.#all(), typed)
  }

  #all() {
    const names = new Map(this.#local().map((name) => [name.id, name]))
    for (const [id, name] of this.#known) names.set(id, name)
    return [...names.values()]
  }

  get isEveryone() {
    return [...this.#answers.values()].at(-1)?.everyone ?? false
  }

  // Whether the server may know others. An answer that has all of a beginning has all that begin so. Of words after a
  // name the server is not asked.
  /** @param {string} typed */
  isOpen(typed) {
    const key = folded(typed)
    if (!this.#ask || this.#answers.has(key)) return false
    const words = key.slice(0, key.lastIndexOf(" ") + 1)
    if (words && !this.#all().some(({ keys }) => keys[0].startsWith(words))) return false
    return ![...this.#answers].some(([before, { more }]) => !more && key.startsWith(before))
  }

  /** @param {string} typed */
  async load(typed) {
    const answer = await this.#ask?.(typed)
    if (!answer) return
    this.#answers.set(folded(typed), answer)
    for (const name of answer.names) this.#known.set(name.id, name)
  }
}
