// Long polling to hear, POST to speak: answers that end get through where a stream does not. Each poll says what the
// page has, so an answer that is lost is given again by the next one.

import { isFrames, refusal } from "../endpoints.js"
import { Sending } from "./sending.js"

/** @import { ClientFrame } from "../../lib/frames.d.ts" */
/** @import { Endpoints } from "../endpoints.js" */
/** @import { Answer, CursorSource, Ending, Listen, Transport } from "../types.d.ts" */

// In seconds, as the endpoint takes them.
const LONGEST_WAIT = 25
const SHORTEST_WAIT = 4
const MARGIN = 10

// In milliseconds. In a busy room, what comes within this time comes together.
const APART = 250
// Of a page that nobody looks at: browsers allow six connections to a site, and each waiting poll would hold one.
const GLANCE_EVERY = 10_000
const MOST_FAILURES = 2
// An error sooner than this is no line that cuts what waits.
const AT_ONCE = 2_000

/** @implements {Transport} */
export class PollTransport {
  name = /** @type {const} */ ("poll")
  onText = /** @type {Transport["onText"]} */ (null)
  onEnd = /** @type {Transport["onEnd"]} */ (null)
  #endpoints
  #cursors
  #sending
  #wait = LONGEST_WAIT
  #failures = 0
  #end = new AbortController()
  #turn = new AbortController()

  /** @param {Endpoints} endpoints @param {CursorSource} cursors */
  constructor(endpoints, cursors) {
    this.#endpoints = endpoints
    this.#cursors = cursors
    this.#sending = new Sending(endpoints, {
      onText: (text) => this.onText?.(text),
      onEnd: (...ending) => this.#finish(...ending),
    })
  }

  async open() {
    document.addEventListener("visibilitychange", () => this.#turn.abort(), { signal: this.#end.signal })
    await this.#greet()
    while (!this.#end.signal.aborted) await this.#listen()
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    this.#sending.send(frame)
    return true
  }

  close() {
    this.#end.abort()
    this.#turn.abort()
    this.#sending.close()
  }

  async #greet() {
    const asked = { wait: 0, hello: true, cursors: this.#cursors.opening() }
    const { text, ending } = await this.#ask(asked, this.#end.signal)
    if (this.#end.signal.aborted) return
    if (ending) this.#finish(...ending)
    else this.onText?.(text)
  }

  async #listen() {
    this.#turn = new AbortController()
    const isGlance = document.hidden
    const wait = isGlance ? 0 : this.#wait
    const began = Date.now()
    const limit = AbortSignal.timeout((wait + MARGIN) * 1000)
    const asked = { wait, cursors: this.#cursors.all() }
    const answer = await this.#ask(asked, AbortSignal.any([this.#turn.signal, limit]))
    if (this.#end.signal.aborted) return
    if (!answer.ending) {
      this.#failures = 0
      this.onText?.(answer.text)
    } else if (!this.#turn.signal.aborted) this.#fail(answer.ending, Date.now() - began)
    await this.#rest(isGlance ? GLANCE_EVERY : APART - (Date.now() - began))
  }

  // A line that cuts what waits for long is given less to cut; one that fails at once, and again, is lost.
  /** @param {Ending} ending @param {number} after in milliseconds */
  #fail([code, seconds], after) {
    if (code || (after < AT_ONCE && ++this.#failures === MOST_FAILURES)) this.#finish(code, seconds)
    else if (after >= AT_ONCE) this.#wait = Math.max(SHORTEST_WAIT, Math.min(this.#wait, Math.floor(after / 1000) - 1))
  }

  /** @param {Listen} asked @param {AbortSignal} signal @returns {Promise<Answer>} */
  async #ask(asked, signal) {
    const response = await this.#endpoints.ask("poll", asked, signal).catch(() => null)
    if (!response?.ok || !isFrames(response)) return { ending: response ? refusal(response) : [0, 0] }
    const text = await response.text().catch(() => "")
    return isWhole(text) ? { text } : { ending: [0, 0] }
  }

  // For so many milliseconds, or until the page is shown or hidden.
  /** @param {number} milliseconds */
  async #rest(milliseconds) {
    if (milliseconds <= 0 || this.#end.signal.aborted || this.#turn.signal.aborted) return
    await new Promise((/** @type {(nothing: void) => void} */ resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#turn.signal.addEventListener("abort", () => resolve(clearTimeout(timer)))
    })
  }

  /** @param {Ending} ending */
  #finish(...ending) {
    if (this.#end.signal.aborted) return
    this.close()
    this.onEnd?.(...ending)
  }
}

// An answer that a line cut off has no last line.
/** @param {string} text */
const isWhole = (text) => String(text.trimEnd().split("\n").at(-1)).startsWith('{"type":"synced"')
