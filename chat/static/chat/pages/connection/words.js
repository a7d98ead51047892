// What this page says, in English and Chinese at once: the page's language decides by CSS which of the two is seen.

/** @import { Language, Name, Phrase } from "./types.d.ts" */

/** @type {Language[]} */
const LANGUAGES = ["en", "zh"]

/** @type {Record<Name, Phrase>} */
export const NAMES = {
  socket: "WebSocket",
  stream: { en: "Event stream", zh: "事件流" },
  long: { en: "Long polling", zh: "长轮询" },
  poll: { en: "Polling", zh: "轮询" },
}

// A phrase is `{ en, zh }`, or a string where both say the same.
/** @param {Phrase} phrase @param {Language} language */
export const inLanguage = (phrase, language) => (typeof phrase === "string" ? phrase : phrase[language])

/** @param {Phrase} phrase */
export function spoken(phrase) {
  const words = document.createDocumentFragment()
  if (typeof phrase === "string") words.append(phrase)
  else words.append(...LANGUAGES.map((language) => span(phrase[language], language)))
  return words
}

/** @param {string} text @param {Language} language */
function span(text, language) {
  const element = document.createElement("span")
  element.lang = language
  element.textContent = text
  return element
}

// Why a transport does not work, in words for a person.
export class Failure extends Error {
  /** @param {Phrase} phrase */
  constructor(phrase) {
    super(inLanguage(phrase, "en"))
    this.phrase = phrase
  }
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 })

/** @param {number} ms */
export const milliseconds = (ms) => (ms < 9.95 ? `${ms.toFixed(1)} ms` : `${number.format(Math.round(ms))} ms`)
/** @param {number} count */
export const bytes = (
  count,
) => (count < 10_000 ? `${number.format(Math.round(count))} B` : `${number.format(count / 1000)} kB`)
/** @param {number} count */
export const plain = (count) => number.format(count)
