// All of it as plain text, to send to whoever looks after the site.

import { accept } from "./handshake.js"
import { figure, idleHint, MEASURES } from "./measures.js"
import { inLanguage, NAMES } from "./words.js"

/** @import { Language, Phrase, Result } from "./types.d.ts" */
/** @import { Trial } from "./trial.js" */

/** @type {Record<Result["state"], Phrase>} */
const STATES = {
  waiting: { en: "not tried yet", zh: "尚未测试" },
  trying: { en: "being tried", zh: "正在测试" },
  works: { en: "works", zh: "可用" },
  failed: { en: "fails", zh: "不可用" },
}

/** @param {Trial} trial @param {Language} language */
export function report(trial, language) {
  /** @param {Phrase} phrase */
  const say = (phrase) => inLanguage(phrase, language)
  const lines = [location.href, new Date().toISOString(), navigator.userAgent]
  if (trial.protocol) lines.push(`HTTP: ${trial.protocol}`)
  for (const result of Object.values(trial.results)) {
    const notes = result.notes.map((note) => ` (${say(note)})`).join("")
    lines.push("", `${say(NAMES[result.name])}: ${say(result.why ?? STATES[result.state])}${notes}`)
    for (const measure of MEASURES) {
      const text = figure(measure, result)
      const hint = say(measure.hint ?? idleHint(trial.idle.seconds))
      if (text) lines.push(`  ${say(measure.title)}: ${text} (${hint})`)
    }
  }
  if (trial.handshake) {
    const { key } = trial.handshake
    lines.push("", `Sec-WebSocket-Key: ${key}`, `Sec-WebSocket-Accept: ${accept(key).accept}`)
  }
  return lines.join("\n")
}

// Where the page may not write to the clipboard (over plain http), the text is shown and marked for the person to copy.
/** @param {string} text @param {HTMLElement} place */
export async function copy(text, place) {
  place.textContent = text
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    place.hidden = false
    getSelection()?.selectAllChildren(place)
    return false
  }
}
