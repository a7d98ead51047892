// By asking again and again: the site may wait with its answer (long polling), or the page waits between two questions.

import { Arrivals } from "./arrivals.js"
import { Meter, size } from "./counting.js"
import { sleep } from "./patience.js"
import { bodyOf } from "./site.js"

/** @import { Cursors, ServerFrame } from "../../lib/frames.d.ts" */
/** @import { Site } from "./site.js" */
/** @import { TrialTransport } from "./types.d.ts" */

/** @implements {TrialTransport} */
export class PollTransport {
  #site
  #wait
  #every
  #cursors = /** @type {Cursors | null} */ (null)
  #arrivals = new Arrivals()
  #giveUp = new AbortController()
  count = new Meter()

  // The seconds that the site may wait with its answer, or those from one question to the next.
  /** @param {Site} site @param {{ wait?: number, every?: number }} rhythm */
  constructor(site, { wait = 0, every = 0 }) {
    this.#site = site
    this.#wait = wait
    this.#every = every
  }

  get sending() {
    return this.#site.sending
  }

  get silence() {
    return this.#site.silence
  }

  // The first answer comes at once: it tells where things stand.
  async open() {
    await this.#ask(0)
    this.#askOn().catch((error) => this.#arrivals.fail(error))
  }

  // At a random moment between two questions, or else it would always wait for the same time.
  pause() {
    return sleep(50 + Math.random() * (this.#every ? this.#every * 1000 : 100))
  }

  async deliver() {
    const began = performance.now()
    return (await this.#arrivals.when(await this.#site.probe())) - began
  }

  /** @param {number} seconds */
  async idle(seconds) {
    this.close()
    this.#giveUp = new AbortController()
    const before = this.count.now
    const end = performance.now() + seconds * 1000
    for (let left = seconds; left > 0.2; left = (end - performance.now()) / 1000)
      await this.#turn(Math.min(this.#wait, left))
    return this.count.since(before)
  }

  close() {
    this.#giveUp.abort()
  }

  async #askOn() {
    const { signal } = this.#giveUp
    while (!signal.aborted) await this.#turn(this.#wait)
  }

  /** @param {number} wait */
  async #turn(wait) {
    const began = performance.now()
    await this.#ask(wait)
    if (this.#every) await sleep(began + this.#every * 1000 - performance.now())
  }

  /** @param {number} wait */
  async #ask(wait) {
    const asked = { wait: Math.round(wait * 10) / 10, probe: this.#arrivals.last, cursors: this.#cursors }
    const response = await this.#site.poll(asked, this.count, this.#giveUp.signal)
    const text = await bodyOf(response)
    this.count.add(size(text))
    for (const line of text.trimEnd().split("\n")) {
      const frame = /** @type {ServerFrame} */ (JSON.parse(line))
      if (frame.type === "probe") this.#arrivals.heard(frame.number)
      else if (frame.type === "synced") this.#cursors = frame.rooms
    }
  }
}
