// The connection page: runs the trial, and shows how far it is.

import { Charts } from "./charts.js"
import { FaultReporter } from "../../lib/errors.js"
import { sendReport } from "../../net/endpoints.js"
import { showHandshake } from "./handshake.js"
import { MEASURES } from "./measures.js"
import { part, parts } from "./parts.js"
import { copy, report } from "./report.js"
import { IDLE_SECONDS, MESSAGES, TRANSPORTS, Trial } from "./trial.js"
import { inLanguage, NAMES, spoken } from "./words.js"

/** @import { Language, Name, Phrase, Result } from "./types.d.ts" */

/** @param {string} id */
const element = (id) => part(document, `#${id}`)
const page = element("trial")
const progress = part(document, "#progress", HTMLProgressElement)

// `?idle=15` is for those in a hurry; the label says over how many seconds was counted.
const idleSeconds = Math.min(600, Math.max(3, Number(new URLSearchParams(location.search).get("idle")) || IDLE_SECONDS))

const boot = JSON.parse(element("boot").textContent)
new FaultReporter((fault) => sendReport(boot.urls.report, boot.token, fault)).listen()
const trial = new Trial(boot, { idleSeconds, onChange: show })
const charts = new Charts(element("charts"), part(document, "#chart-template", HTMLTemplateElement), idleSeconds)

/** @type {Record<string, Name>} */
const SEQUEL = { socket: "socket", stream: "stream", poll: "long" }

function show() {
  for (const name of TRANSPORTS)
    showTransport(part(document, `.transport[data-transport="${name}"]`), trial.results[name])
  charts.show(trial.results)
  showProgress()
  showFigures()
  if (trial.handshake && element("handshake").hidden) showHandshake(element("handshake"), trial.handshake)
}

/** @param {HTMLElement} card @param {Result} result */
function showTransport(card, { state, times, why, notes }) {
  card.dataset.state = state
  part(card, ".state").replaceChildren(spoken(stateOf(state, times.length)))
  const said = [...(why ? [why] : []), ...notes]
  part(card, ".why").replaceChildren(...said.map(spoken))
}

/** @param {Result["state"]} state @param {number} count @returns {Phrase} */
function stateOf(state, count) {
  if (state === "trying") return { en: `${count} of ${MESSAGES}`, zh: `${count} / ${MESSAGES}` }
  if (state === "works") return { en: "works", zh: "可用" }
  if (state === "failed") return { en: "fails", zh: "不可用" }
  return { en: "waiting", zh: "等待中" }
}

function showProgress() {
  const { idle, isDone, results } = trial
  const tried = TRANSPORTS.map((name) => results[name])
  const delivered = tried.reduce((sum, { state, times }) => sum + (state === "failed" ? MESSAGES : times.length), 0)
  // Half of it by messages, half by seconds.
  progress.value = isDone ? 1 : (delivered / (MESSAGES * TRANSPORTS.length) + idle.done / idle.seconds) / 2
  const current = tried.find(({ state }) => state === "trying")
  const text = isDone ? doneText() : current ? tryingText(current) : idleText(idle)
  if (element("step").dataset.text === text.en) return
  element("step").dataset.text = text.en
  element("step").replaceChildren(spoken(text))
}

function doneText() {
  const count = trial.working.length
  return {
    en: `Done: ${count} of ${TRANSPORTS.length} ways work.`,
    zh: `完成：${TRANSPORTS.length} 种方式中有 ${count} 种可用。`,
  }
}

/** @param {Result} result */
function tryingText({ name }) {
  const [en, zh] = [inLanguage(NAMES[name], "en"), inLanguage(NAMES[name], "zh")]
  return { en: `Sending trial messages: ${en}`, zh: `正在发送测试消息：${zh}` }
}

/** @param {Trial["idle"]} idle */
function idleText({ isRunning, seconds, done }) {
  if (!isRunning) return { en: "Getting ready", zh: "正在准备" }
  return {
    en: `Counting what an idle minute costs: ${seconds - done} seconds to go`,
    zh: `正在计数空闲一分钟的开销：还有 ${seconds - done} 秒`,
  }
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
  element("now").replaceChildren(spoken(NAMES[SEQUEL[transport] ?? "socket"]))
}

/** @returns {Language} */
const language = () => (page.dataset.language === "zh" ? "zh" : "en")

function speak() {
  document.documentElement.lang = language()
  for (const button of element("languages").children) {
    button.ariaPressed = String(button.getAttribute("value") === language())
  }
}

element("languages").addEventListener("click", ({ target }) => {
  if (!(target instanceof HTMLButtonElement)) return
  page.dataset.language = target.value
  speak()
})

element("copy").addEventListener("click", async () => {
  const done = await copy(report(trial, language()), element("report"))
  element("copied").replaceChildren(
    spoken(
      done
        ? { en: "Copied.", zh: "已复制。" }
        : { en: "Copy the marked text with Ctrl+C.", zh: "请用 Ctrl+C 复制选中的文字。" },
    ),
  )
})

for (const name of TRANSPORTS) part(document, `.transport[data-transport="${name}"] h2`).append(spoken(NAMES[name]))

addEventListener("storage", showWayNow)
showWayNow()
speak()
show()
trial.run()
