// The connection page: runs the trial, and shows how far it is.

import { plural, t } from "../../lib/i18n.js"
import { Charts } from "./charts.js"
import { showHandshake } from "./handshake.js"
import { MEASURES } from "./measures.js"
import { copy, report } from "./report.js"
import { IDLE_SECONDS, MESSAGES, TRANSPORTS, Trial } from "./trial.js"
import { NAMES } from "./words.js"

const element = (id) => document.getElementById(id)

// `?idle=15` is for those in a hurry; the label says over how many seconds was counted.
const idleSeconds = Math.min(600, Math.max(3, Number(new URLSearchParams(location.search).get("idle")) || IDLE_SECONDS))

const trial = new Trial(JSON.parse(element("boot").textContent), { idleSeconds, onChange: show })
const charts = new Charts(element("charts"), element("chart-template"), idleSeconds)

const SEQUEL = { socket: "socket", stream: "stream", poll: "long" }

function show() {
  for (const name of TRANSPORTS)
    showTransport(document.querySelector(`.transport[data-transport="${name}"]`), trial.results[name])
  charts.show(trial.results)
  showProgress()
  showFigures()
  if (trial.handshake && element("handshake").hidden) showHandshake(element("handshake"), trial.handshake)
}

function showTransport(card, { state, times, why, notes }) {
  card.dataset.state = state
  card.querySelector(".state").textContent = stateOf(state, times.length)
  card.querySelector(".why").textContent = [...(why ? [why] : []), ...notes].join(" ")
}

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
  element("progress").value = isDone ? 1 : (delivered / (MESSAGES * TRANSPORTS.length) + idle.done / idle.seconds) / 2
  const current = tried.find(({ state }) => state === "trying")
  const text = isDone ? doneText() : current ? tryingText(current) : idleText(idle)
  if (element("step").textContent !== text) element("step").textContent = text
}

function doneText() {
  return t("Done: {count} of {total} ways work.", { count: trial.working.length, total: TRANSPORTS.length })
}

function tryingText({ name }) {
  return t("Sending test messages: {way}", { way: NAMES[name] })
}

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
  for (const place of document.querySelectorAll("[data-figure]")) {
    const [name, number] = place.dataset.figure.split(" ")
    const value = MEASURES[number].value(trial.results[name])
    const none = trial.isDone || trial.results[name].state === "failed" ? "–" : "…"
    place.textContent = value === undefined ? none : MEASURES[number].format(value)
  }
}

// Which transport the chat has found last in this browser.
function showWayNow() {
  let transport = "socket"
  try {
    transport = JSON.parse(localStorage.getItem("chatsite transport"))?.transport ?? transport
  } catch {
    // Nothing is kept there that can be read: then it is the one that is tried first.
  }
  element("now").textContent = NAMES[SEQUEL[transport] ?? "socket"]
}

element("copy").addEventListener("click", async () => {
  const done = await copy(report(trial), element("report"))
  element("copied").textContent = done ? t("Copied") : t("Copy the selected text with Ctrl+C.")
})

for (const card of document.querySelectorAll(".transport"))
  card.querySelector("h2").textContent = NAMES[card.dataset.transport]

addEventListener("storage", showWayNow)
showWayNow()
show()
trial.run()
