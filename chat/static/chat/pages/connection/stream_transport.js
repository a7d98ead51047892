// By event stream: an answer that never ends. Read by `fetch`, because an EventSource does not show all its bytes.

import { t } from "../../lib/i18n.js"
import { Arrivals } from "./arrivals.js"
import { chunk, Meter, size } from "./counting.js"
import { sleep } from "./patience.js"
import { Failure } from "./words.js"

/** @import { ServerFrame } from "../../lib/frames.d.ts" */
/** @import { Site } from "./site.js" */
/** @import { TrialTransport } from "./types.d.ts" */

const SILENT = t(
  "It opens, but nothing arrived within 10 seconds. Something on the way holds the response back until it ends.",
)
const ENDED = t("The stream was cut off on the way.")

/** @implements {TrialTransport} */
export class StreamTransport {
  #site
  #arrivals = new Arrivals()
  #giveUp = new AbortController()
  count = new Meter()
  silence = SILENT

  /** @param {Site} site */
  constructor(site) {
    this.#site = site
  }

  get sending() {
    return this.#site.sending
  }

  async open() {
    const response = await this.#site.stream(this.count, this.#giveUp.signal)
    await new Promise((/** @type {(nothing: void) => void} */ resolve, reject) => {
      if (!response.body) return reject(new Failure(ENDED))
      this.#read(response.body.getReader(), resolve).catch((error) => {
        this.#arrivals.fail(error)
        reject(error)
      })
    })
  }

  pause() {
    return sleep(50 + Math.random() * 100)
  }

  async deliver() {
    const began = performance.now()
    return (await this.#arrivals.when(await this.#site.probe())) - began
  }

  // The comments by which both sides know that it still stands.
  /** @param {number} seconds */
  async idle(seconds) {
    const before = this.count.now
    await sleep(seconds * 1000 + 300)
    return this.count.since(before)
  }

  close() {
    this.#giveUp.abort()
  }

  // The site writes each event by itself, and an empty line ends it.
  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {() => void} greeted */
  async #read(reader, greeted) {
    const decoder = new TextDecoder()
    let text = ""
    while (true) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done) throw new Failure(ENDED)
      text += decoder.decode(value, { stream: true })
      const events = text.split("\n\n")
      text = events.pop() ?? ""
      for (const event of events) {
        this.count.add(chunk(size(event) + 2))
        if (this.#take(event).includes("hello")) greeted()
      }
    }
  }

  /** @param {string} event */
  #take(event) {
    const lines = event.split("\n")
    if (lines.includes("event: close")) throw new Failure(ENDED)
    const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6))
    const frames = data.map((text) => /** @type {ServerFrame} */ (JSON.parse(text)))
    for (const frame of frames) if (frame.type === "probe") this.#arrivals.heard(frame.number)
    return frames.map(({ type }) => type)
  }
}
