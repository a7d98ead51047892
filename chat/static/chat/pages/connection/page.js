// The connection page: runs the trial, and shows how far it is.

import { plural, t } from "../../lib/i18n.js"
import { Charts } from "./charts.js"
import { FaultReporter } from "../../lib/errors.js"
import { sendReport } from "../../net/endpoints.js"
import { showHandshake } from "./handshake.js"
import { MEASURES } from "./measures.js"
import { byId, part, parts } from "../../lib/dom.js"
import { copy, report } from "./report.js"
import { IDLE_SECONDS, MESSAGES, TRANSPORTS, Trial } from "./trial.js"
import { NAMES } from "./words.js"

/** @import { Boot, Name, Result } from "./types.d.ts" */

const progress = byId("progress", HTMLProgressElement)

// `?idle=15` is for those in a hurry; the label says over how many seconds was counted.
const idleSeconds = Math.min(600, Math.max(3, Number(new URLSearchParams(location.search).get("idle")) || IDLE_SECONDS))

/** @type {Boot} */
const boot = JSON.parse(byId("boot").textContent)
new FaultReporter((fault) => sendReport(boot.urls.report, boot.token, fault)).listen()
const trial = new Trial(boot, { idleSeconds, onChange: show })
const charts = new Charts(byId("charts"), byId("chart-template", HTMLTemplateElement), idleSeconds)

/** @type {Record<string, Name>} */
const SEQUEL = { socket: "socket", stream: "stream", poll: "long" }

function show() {
  for (const name of TRANSPORTS)
    showTransport(part(document, `.transport[data-transport="${name}"]`), trial.results[name])
  charts.show(trial.results)
  showProgress()
  showFigures()
  if (trial.handshake && byId("handshake").hidden) showHandshake(byId("handshake"), trial.handshake)
}

/** @param {HTMLElement} card @param {Result} result */
function showTransport(card, { state, times, why, notes }) {
  card.dataset.state = state
  part(card, ".state").textContent = stateOf(state, times.length)
  part(card, ".why").textContent = [...(why ? [why] : []), ...notes].join(" ")
}

/** @param {Result["state"]} state @param {number} count @returns {string} */
function stateOf(state, count) {
  if (state === "trying") return t("{count} of {total}", { count, total: MESSAGES })
  if (state === "works") return t("works")
  if (state === "failed") return t("fails")
  return t("waiting")
}

function showProgress() {
  const { idle, isDone, results } = trial
  const tried = TRANSPORTS.map((name) => results[name])
  const delivered = tried.reduce((sum, { state, times }) => sum + (state === "failed" ? MESSAGES : times.length), 0)
  // Half of it by messages, half by seconds.
  progress.value = isDone ? 1 : (delivered / (MESSAGES * TRANSPORTS.length) + idle.done / idle.seconds) / 2
  const current = tried.find(({ state }) => state === "trying")
  const text = isDone ? doneText() : current ? tryingText(current) : idleText(idle)
  if (byId("step").textContent !== text) byId("step").textContent = text
}

function doneText() {
  return t("Done: {count} of {total} ways work.", { count: trial.working.length, total: TRANSPORTS.length })
}

/** @param {Result} result */
function tryingText({ name }) {
  return t("Sending test messages: {way}", { way: NAMES[name] })
}

/** @param {Trial["idle"]} idle */
function idleText({ isRunning, seconds, done }) {
  if (!isRunning) return t("Getting ready")
  return plural(
    "Counting what an idle minute costs: {count} second to go",
    "Counting what an idle minute costs: {count} seconds to go",
    seconds - done,
  )
}

// The figures inside the explanations: `data-figure="stream 4"` is the fifth measure of the event stream.
function showFigures() {
  for (const place of parts(document, "[data-figure]")) {
    const [name, number] = String(place.dataset.figure).split(" ")
    const [measure, result] = [MEASURES[Number(number)], trial.results[/** @type {Name} */ (name)]]
    const value = measure.value(result)
    const none = trial.isDone || result.state === "failed" ? "–" : "…"
    place.textContent = value === undefined ? none : measure.format(value)
  }
}

// Which transport the chat has found last in this browser.
function showWayNow() {
  let transport = "socket"
  try {
    transport = JSON.parse(localStorage.getItem("chatsite transport") ?? "null")?.transport ?? transport
  } catch {
    // Nothing is kept there that can be read: then it is the one that is tried first.
  }
  byId("now").textContent = NAMES[SEQUEL[transport] ?? "socket"]
}

byId("copy").addEventListener("click", async () => {
  const done = await copy(report(trial), byId("report"))
  byId("copied").textContent = done ? t("Copied") : t("Copy the selected text with Ctrl+C.")
})

for (const name of TRANSPORTS) part(document, `.transport[data-transport="${name}"] h2`).textContent = NAMES[name]

addEventListener("storage", showWayNow)
showWayNow()
show()
trial.run()
