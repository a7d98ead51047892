// All emoji, and how one is found by words: for the picker, and for short codes in the message box.

/** @typedef {{ emoji: string, hasTones: boolean, code: string, words: string }} Known */
/** @typedef {Map<string, Known[]>} Groups */

// Short codes are shorter.
const LONGEST = 100

/** @type {Promise<Groups> | null} */
let catalogue = null

// Loaded once; asked for again where it did not come.
/** @param {string} address @returns {Promise<Groups>} */
export function catalogueOf(address) {
  catalogue ??= load(address).catch((error) => {
    catalogue = null
    throw error
  })
  return catalogue
}

/** @param {string} address */
async function load(address) {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(String(answer.status))
  /** @type {[string, [string, number, string, string][]][]} */
  const groups = await answer.json()
  return new Map(
    groups.map(([name, group]) => [
      name,
      group.map(([emoji, hasTones, code, words]) => ({ emoji, hasTones: Boolean(hasTones), code, words })),
    ]),
  )
}

// Where the short code is or begins with what is looked for comes first, short ones before all; then other words that do.
/** @param {Groups} groups @param {string[]} wanted */
export function found(groups, wanted) {
  /** @param {Known} one */
  const place = ({ code, words }) => {
    if (!wanted.every((word) => words.includes(word))) return Infinity
    if (code === wanted.join("_")) return 0
    if (code.startsWith(wanted[0])) return 1 + code.length / LONGEST
    return ` ${words}`.includes(` ${wanted[0]}`) ? 2 : 3
  }
  return [...groups.values()].flat().map((one) => ({ one, place: place(one) }))
    .filter((each) => each.place < Infinity).sort((one, other) => one.place - other.place)
    .map(({ one }) => one)
}

/** @param {Known} known @param {string} tone */
export function toned({ emoji, hasTones }, tone) {
  if (!tone || !hasTones) return emoji
  const [first, ...rest] = emoji
  return first + tone + rest.join("").replace(/^\ufe0f/, "")
}

// The same for all tones of an emoji.
/** @param {string} emoji */
export const withoutTone = (emoji) => emoji.replace(/[\u{1f3fb}-\u{1f3ff}\ufe0f]/gu, "")
