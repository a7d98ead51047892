// What this page says, in English and Chinese at once: the page's language decides by CSS which of the two is seen.

const LANGUAGES = ["en", "zh"]

export const NAMES = {
  socket: "WebSocket",
  stream: { en: "Event stream", zh: "事件流" },
  long: { en: "Long polling", zh: "长轮询" },
  poll: { en: "Polling", zh: "轮询" },
}

// A phrase is `{ en, zh }`, or a string where both say the same.
export const inLanguage = (phrase, language) => (typeof phrase === "string" ? phrase : phrase[language])

export function spoken(phrase) {
  const words = document.createDocumentFragment()
  for (const language of typeof phrase === "string" ? [] : LANGUAGES) {
    const span = document.createElement("span")
    span.lang = language
    span.textContent = phrase[language]
    words.append(span)
  }
  if (typeof phrase === "string") words.append(phrase)
  return words
}

// Why a transport does not work, in words for a person.
export class Failure extends Error {
  constructor(phrase) {
    super(inLanguage(phrase, "en"))
    this.phrase = phrase
  }
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 })

export const milliseconds = (ms) => (ms < 9.95 ? `${ms.toFixed(1)} ms` : `${number.format(Math.round(ms))} ms`)
export const bytes = (
  count,
) => (count < 10_000 ? `${number.format(Math.round(count))} B` : `${number.format(count / 1000)} kB`)
export const plain = (count) => number.format(count)
