// The line to the server, kept open: it comes back with full jitter, finds out by itself when it is dead, and takes
// another transport where one does not get through.

import { Preference, Prober } from "./choice.js"
import { FORBIDDEN, FROM_SERVER, SIGNED_OUT } from "../lib/refusals.js"
import { LaterTransport } from "./transports/later.js"
import { SocketTransport } from "./transports/socket.js"

/** @import { ClientFrame, Frame, ServerFrame } from "../lib/frames.d.ts" */
/** @import { Endpoints } from "./endpoints.js" */
/** @import { CursorSource, State, Transport, TransportName } from "./types.d.ts" */

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 10_000
const GRACE = 10_000
const HELLO_WITHIN = 5_000
const SETTLED_AFTER = 2_000
const MOST_SHORT_LIVES = 3
// A transport that has worked may fail to come back once: a line that cuts all its connections also cuts one just taken up again.
const MOST_FAILED_RETURNS = 2
// A reader who only glances at another tab keeps the line.
const HIDDEN_FOR = 5_000

const TERMINAL = [SIGNED_OUT, FORBIDDEN]

export class Connection {
  #endpoints
  #cursors
  #onFrame
  #onState
  #onFault
  #state = /** @type {State} */ ("closed")
  #transport = /** @type {Transport | null} */ (null)
  #isProven = false
  #openedAt = 0
  #turns = 0
  #attempt = 0
  #timer = 0
  #hiding = 0
  #interval = 25_000
  #preference = new Preference()
  #heartbeat = new Heartbeat({ onBeat: () => this.sync(), onDeath: () => this.#lose(0) })
  #prober = new Prober({
    make: (name) => this.#make(name),
    within: HELLO_WITHIN,
    better: () => this.#preference.betterThan(this.transport),
    onHello: (transport, text) =>
      this.#wants(transport.name) ? this.#change(transport, text) : this.#decline(transport),
  })

  /**
   * @param {Endpoints} endpoints
   * @param {object} page
   * @param {CursorSource} page.cursors
   * @param {(frame: ServerFrame) => void} page.onFrame
   * @param {(state: State, code?: number) => void} page.onState hears "ready", "lost" and, for ever, "over" with its code
   * @param {(error: unknown, about: string) => void} page.onFault hears what was thrown while one of them was told
   */
  constructor(endpoints, { cursors, onFrame, onState, onFault }) {
    this.#endpoints = endpoints
    this.#cursors = cursors
    this.#onFrame = onFrame
    this.#onState = onState
    this.#onFault = onFault
    addEventListener("online", () => this.#online())
    addEventListener("offline", () => this.#probe())
    addEventListener("pageshow", ({ persisted }) => persisted && this.wake())
    document.addEventListener("visibilitychange", () => this.#turn())
  }

  get ready() {
    return this.#state === "ready"
  }

  // The name of the transport in use, or else of the next: "socket", "stream" or "poll".
  get transport() {
    return this.#transport?.name ?? this.#preference.transport
  }

  open() {
    this.#drop()
    if (this.ready) this.#become("lost")
    const transport = this.#make(this.#preference.transport)
    this.#take(transport)
    this.#timer = setTimeout(() => this.#lose(0, 0, 0), HELLO_WITHIN)
    transport.open()
  }

  // Returns false where there is nobody to send to; nothing is kept for later here.
  /** @param {ClientFrame} frame */
  send(frame) {
    return this.ready && Boolean(this.#transport?.send(frame))
  }

  sync() {
    if (this.send({ type: "sync" })) this.#heartbeat.expect(this.#interval + GRACE)
  }

  // Somebody looks at the page again, or the network is back: no reason to wait any longer.
  wake() {
    if (this.#state === "over") return
    if (this.ready) this.#probe()
    else if (!this.#transport) this.open()
  }

  /** @param {number} [code] */
  stop(code) {
    this.#drop()
    this.#prober.stop()
    this.#become("over", code)
  }

  // Events around the page.

  // After a sleep a line looks open and is not: the answer to a sync tells, and need not be waited for long.
  #probe() {
    if (!this.ready) return
    this.sync()
    this.#heartbeat.expect(GRACE)
  }

  #online() {
    this.wake()
    if (!this.ready) return
    this.#prober.forget()
    this.#prober.begin(this.#preference.betterThan(this.transport))
  }

  #turn() {
    clearTimeout(this.#hiding)
    if (document.hidden) this.#hiding = setTimeout(() => this.#settle(), HIDDEN_FOR)
    else {
      this.wake()
      this.#settle()
    }
  }

  // A page that is hidden may go by another transport than one that is looked at.
  #settle() {
    if (this.ready && this.transport !== this.#preference.transport) this.#prober.begin([this.#preference.transport])
  }

  // One transport at a time.

  /** @param {TransportName} name @returns {Transport} */
  #make(name) {
    if (name === "socket") return new SocketTransport(this.#endpoints, this.#cursors)
    return new LaterTransport(name, this.#endpoints, this.#cursors)
  }

  /** @param {Transport} transport */
  #take(transport) {
    this.#transport = transport
    this.#isProven = false
    this.#openedAt = Date.now()
    transport.onText = (text) => this.#hear(text)
    transport.onEnd = (code, seconds) => this.#lose(code, seconds)
  }

  // Between a scout's leaving and its return a page may be hidden or shown.
  /** @param {TransportName} name */
  #wants(name) {
    return name === this.#preference.transport || this.#preference.betterThan(this.transport).includes(name)
  }

  /** @param {Transport} transport */
  #decline(transport) {
    transport.close()
    this.#prober.later()
  }

  // To the page it is a line that was lost and is back at once: what has no answer yet is asked again.
  /** @param {Transport} transport @param {string} text */
  #change(transport, text) {
    this.#drop()
    this.#become("lost")
    this.#preference.take(transport.name)
    this.#take(transport)
    this.#hear(text)
  }

  /** @param {string} text */
  #hear(text) {
    const transport = this.#transport
    this.#heartbeat.heard()
    for (const line of text.split("\n")) {
      if (line) this.#handle(line, transport)
      if (this.#transport !== transport) return
    }
  }

  // Each frame on its own: one that can't be read, or whose handler throws, takes no other with it.
  /** @param {string} line @param {Transport | null} transport */
  #handle(line, transport) {
    const frame = /** @type {ServerFrame} */ (this.#guard("unreadable", () => JSON.parse(line)) ?? {})
    if (frame.type === "hello") this.#greeted(frame)
    this.#guard(frame.type, () => this.#onFrame(frame))
    if (this.#transport !== transport) return
    if (frame.type === "hello") this.#begin()
    if (frame.type === "synced") this.#prove()
  }

  /** @template T @param {string} about @param {() => T} work @returns {T | undefined} */
  #guard(about, work) {
    try {
      return work()
    } catch (error) {
      this.#onFault(error, about)
    }
  }

  /** @param {Frame<"hello">} frame */
  #greeted({ heartbeat }) {
    this.#interval = (heartbeat ?? 25) * 1000
    this.#state = "ready"
  }

  #begin() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#lose(0), GRACE)
    this.#heartbeat.start(this.#interval)
    this.#prober.later()
    this.#guard("ready", () => this.#onState("ready"))
  }

  // The server has answered the page's cursors: frames get through in both directions.
  #prove() {
    if (this.#isProven) return
    this.#isProven = true
    clearTimeout(this.#timer)
    this.#preference.remember(this.transport)
    if (!this.#preference.betterThan(this.transport).length) this.#prober.forget()
  }

  // A transport that ends without a reason from the server is in doubt once it has used up its strikes: if the site
  // itself can be reached, it is given up. A site that is down is no fault of the transport's.
  /** @param {number} code */
  async #lose(code, seconds = 0, strikes = this.#strikes()) {
    // A server that throws everybody out at once must not be met by everybody at once.
    if (this.#isProven && Date.now() - this.#openedAt > SETTLED_AFTER) this.#attempt = 0
    if (TERMINAL.includes(code)) return this.stop(code)
    this.#drop()
    this.#become("lost")
    if (code >= FROM_SERVER || this.#attempt < strikes) return this.#retry(seconds)
    const turns = this.#turns
    const isReady = await this.#endpoints.isReady()
    // Somebody may have opened again meanwhile.
    if (turns !== this.#turns) return
    if (isReady && this.#preference.stepDown()) this.open()
    else this.#retry(seconds)
  }

  #strikes() {
    if (this.#isProven) return MOST_SHORT_LIVES
    return this.#preference.hasWorked(this.transport) ? MOST_FAILED_RETURNS : 0
  }

  /** @param {number} seconds */
  #retry(seconds) {
    const pause = seconds * 1000 + Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#attempt++)
    this.#timer = setTimeout(() => this.open(), pause)
  }

  #drop() {
    this.#turns += 1
    clearTimeout(this.#timer)
    this.#heartbeat.stop()
    this.#transport?.close()
    this.#transport = null
  }

  /** @param {State} state @param {number} [code] */
  #become(state, code) {
    this.#state = state
    this.#guard(state, () => this.#onState(state, code))
  }
}

// Whether a line lives: the server is asked at each beat, and a line on which then nothing is heard in time is dead.

export class Heartbeat {
  #onBeat
  #onDeath
  #beat = 0
  #deadline = 0
  #until = 0

  /** @param {{ onBeat: () => void, onDeath: () => void }} tell */
  constructor({ onBeat, onDeath }) {
    this.#onBeat = onBeat
    this.#onDeath = onDeath
  }

  /** @param {number} every in milliseconds */
  start(every) {
    this.#beat = setInterval(this.#onBeat, every)
  }

  // An earlier deadline stays.
  /** @param {number} within in milliseconds */
  expect(within) {
    const until = Date.now() + within
    if (this.#deadline && this.#until <= until) return
    clearTimeout(this.#deadline)
    this.#until = until
    this.#deadline = setTimeout(this.#onDeath, within)
  }

  heard() {
    clearTimeout(this.#deadline)
    this.#deadline = 0
  }

  stop() {
    clearInterval(this.#beat)
    this.heard()
  }
}
