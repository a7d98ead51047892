// Tries one transport after the other with trial messages, and then all that work side by side with nothing to carry.

import { t } from "../../lib/i18n.js"
import { inTime, sleep } from "./patience.js"
import { PollTransport } from "./poll_transport.js"
import { Site } from "./site.js"
import { SocketTransport } from "./socket_transport.js"
import { StreamTransport } from "./stream_transport.js"
import { Failure } from "./words.js"

/** @import { Handshake } from "../../lib/frames.d.ts" */
/** @import { Boot, Count, Name, Result, Results, TrialTransport } from "./types.d.ts" */

/** @type {Name[]} */
export const TRANSPORTS = ["socket", "stream", "long", "poll"]
export const MESSAGES = 20

// In 75 s each rhythm comes out even: heartbeats and long polls of 25 s, comments of 15 s, polls of 1 s.
export const IDLE_SECONDS = 75
const SETTLE_SECONDS = 2

const LATE = t("It opens, but a message didn't arrive within 10 seconds.")
const STUCK = t("It broke while idle.")

export class Trial {
  #site
  #onChange
  handshake = /** @type {Handshake | null} */ (null)
  idle = { seconds: IDLE_SECONDS, done: 0, isRunning: false }
  isDone = false

  /** @param {Boot} boot @param {{ idleSeconds: number, onChange: () => void }} options */
  constructor(boot, { idleSeconds, onChange }) {
    this.#site = new Site(boot)
    this.#onChange = onChange
    this.idle.seconds = idleSeconds
    /** @type {(name: Name) => Result} */
    const fresh = (name) => ({ name, state: "waiting", times: [], notes: [] })
    /** @type {Results} */
    this.results = { socket: fresh("socket"), stream: fresh("stream"), long: fresh("long"), poll: fresh("poll") }
  }

  get protocol() {
    return this.#site.protocol
  }

  get working() {
    return TRANSPORTS.map((name) => this.results[name]).filter(({ state }) => state === "works")
  }

  async run() {
    const failure = await inTime(this.#site.learn(), this.#site.silence).catch(failed)
    for (const name of TRANSPORTS) {
      if (failure && name !== "socket") this.#fail(this.results[name], failure)
      else await this.#deliver(this.results[name])
    }
    await this.#beIdle()
    this.isDone = true
    this.#onChange()
  }

  /** @param {Name} name @returns {TrialTransport} */
  #transport(name) {
    if (name === "socket") return new SocketTransport(this.#site)
    if (name === "stream") return new StreamTransport(this.#site)
    return new PollTransport(this.#site, name === "long" ? { wait: this.idle.seconds / 3 } : { every: 1 })
  }

  /** @param {Result} result */
  async #deliver(result) {
    const transport = this.#transport(result.name)
    result.state = "trying"
    this.#onChange()
    try {
      await inTime(transport.open(), transport.silence)
      this.handshake ??= transport.handshake ?? null
      const [got, sent] = [transport.count.now, transport.sending.now]
      while (result.times.length < MESSAGES) {
        await transport.pause()
        result.times.push(await inTime(transport.deliver(), LATE))
        this.#onChange()
      }
      result.getting = share(transport.count.since(got), MESSAGES)
      result.sending = share(transport.sending.since(sent), MESSAGES)
      if (transport.isCompressed) result.notes.push(t("bytes before compression"))
      result.state = "works"
    } catch (error) {
      this.#fail(result, failed(error))
    } finally {
      transport.close()
    }
    this.#onChange()
  }

  async #beIdle() {
    const timer = setInterval(() => {
      this.idle.done = Math.min(this.idle.seconds, this.idle.done + 1)
      this.#onChange()
    }, 1000)
    this.idle.isRunning = true
    this.#onChange()
    await Promise.all(this.working.map((result) => this.#countIdle(result)))
    clearInterval(timer)
    this.idle.isRunning = false
  }

  /** @param {Result} result */
  async #countIdle(result) {
    const transport = this.#transport(result.name)
    try {
      await inTime(transport.open(), transport.silence)
      await sleep(SETTLE_SECONDS * 1000)
      const counted = await inTime(transport.idle(this.idle.seconds), STUCK, (this.idle.seconds + 15) * 1000)
      result.idle = share(counted, this.idle.seconds / 60)
      if (transport.seesPings === false) result.notes.push(t("pings not counted"))
    } catch (error) {
      failed(error)
      result.notes.push(STUCK)
    } finally {
      transport.close()
    }
    this.#onChange()
  }

  /** @param {Result} result @param {Failure} failure */
  #fail(result, failure) {
    result.state = "failed"
    result.why = failure.message
    this.#onChange()
  }
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2
}

/** @param {Count} count @param {number} parts */
const share = ({ requests, bytes }, parts) => ({ requests: requests / parts, bytes: bytes / parts })

// Returns a fault of the transport, to be shown. A mistake of this page's own is thrown on.
/** @param {unknown} error */
function failed(error) {
  if (error instanceof Failure) return error
  throw error
}
