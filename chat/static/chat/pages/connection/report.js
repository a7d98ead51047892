// All of it as plain text, to send to whoever looks after the site.

import { t } from "../../lib/i18n.js"
import { accept } from "./handshake.js"
import { figure, idleHint, MEASURES } from "./measures.js"
import { NAMES } from "./words.js"

/** @import { Result } from "./types.d.ts" */
/** @import { Trial } from "./trial.js" */

/** @type {Record<Result["state"], string>} */
const STATES = {
  waiting: t("not tested yet"),
  trying: t("being tested"),
  works: t("works"),
  failed: t("fails"),
}

/** @param {Trial} trial */
export function report(trial) {
  const lines = [location.href, new Date().toISOString(), navigator.userAgent]
  if (trial.protocol) lines.push(`HTTP: ${trial.protocol}`)
  for (const result of Object.values(trial.results)) {
    const notes = result.notes.map((note) => ` (${note})`).join("")
    lines.push("", `${NAMES[result.name]}: ${result.why ?? STATES[result.state]}${notes}`)
    for (const measure of MEASURES) {
      const text = figure(measure, result)
      const hint = measure.hint ?? idleHint(trial.idle.seconds)
      if (text) lines.push(`  ${measure.title}: ${text} (${hint})`)
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
