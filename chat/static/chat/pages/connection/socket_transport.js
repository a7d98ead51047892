// By WebSocket: one connection, and whoever has something to say sends a frame.

import { t } from "../../lib/i18n.js"
import { sentenceOf } from "../../lib/refusals.js"
import { Arrivals } from "./arrivals.js"
import { Meter, receivedFrame, sentFrame, size } from "./counting.js"
import { sleep } from "./patience.js"
import { Failure } from "./words.js"

/** @import { ClientFrame, Frames, Handshake, ServerFrame } from "../../lib/frames.d.ts" */
/** @import { Site } from "./site.js" */
/** @import { TrialTransport, Waiter } from "./types.d.ts" */

/** @type {Record<number, string>} */
const REASONS = {
  1006: t(
    "It was refused. Something on the way (a proxy, a firewall, a browser extension) doesn't let WebSockets through.",
  ),
  4401: t("The site says that you're not signed in."),
  4403: t("The site thinks this page belongs to another site. Its proxy may not pass on the Host header."),
  4412: t("The site is restarting. Try again in a moment."),
}

const CUT = t("It opened, and was cut off on the way.")
const SILENT = t("It opens, but nothing arrived within 10 seconds.")

/** @implements {TrialTransport} */
export class SocketTransport {
  #site
  #socket = /** @type {WebSocket | null} */ (null)
  #arrivals = new Arrivals()
  #failure = /** @type {Failure | null} */ (null)
  // The waiters for a frame of a type; one at a time waits for each.
  #waiting = /** @type {Map<string, Waiter<ServerFrame>>} */ (new Map())
  #isCounted = false
  count = new Meter()
  sending = new Meter()
  handshake = /** @type {Handshake | null} */ (null)
  silence = SILENT

  /** @param {Site} site */
  constructor(site) {
    this.#site = site
  }

  async open() {
    const socket = (this.#socket = new WebSocket(this.#site.socketUrl))
    socket.onmessage = ({ data }) => this.#hear(data)
    socket.onclose = ({ code }) => {
      const known = code === 1006 && this.handshake ? CUT : REASONS[code]
      this.#break(new Failure(known ?? t("It was closed with code {code}.", { code: String(code) })))
    }
    socket.onopen = () => this.#send({ type: "sync" })
    await Promise.all([this.#next("hello"), this.#next("synced")])
  }

  get isCompressed() {
    return Boolean(this.#socket?.extensions.includes("permessage-deflate"))
  }

  pause() {
    return sleep(50 + Math.random() * 100)
  }

  async deliver() {
    const began = performance.now()
    this.#send({ type: "probe" })
    const { number } = await this.#next("probed")
    return (await this.#arrivals.when(number)) - began
  }

  // Three heartbeats, and the pings that only the server sees: it tells what has passed, where it counts.
  /** @param {number} seconds */
  async idle(seconds) {
    const before = await this.#passed()
    for (let beat = 1; beat <= 3; beat++) {
      await sleep((seconds / 3) * 1000)
      this.#send({ type: "sync" })
      await this.#next("synced")
    }
    return { requests: 0, bytes: (await this.#passed()) - before }
  }

  get seesPings() {
    return this.#isCounted
  }

  close() {
    if (!this.#socket) return
    this.#socket.onopen = this.#socket.onclose = this.#socket.onmessage = null
    this.#socket.close()
  }

  async #passed() {
    if (!this.#isCounted) return this.count.bytes + this.sending.bytes
    const { received, sent } = await this.#next("traffic")
    return received + sent
  }

  /** @param {ClientFrame} frame */
  #send(frame) {
    const text = JSON.stringify(frame)
    this.sending.add(sentFrame(size(text)))
    this.#socket?.send(text)
  }

  /**
   * @template {keyof Frames} Type
   * @param {Type} type
   * @returns {Promise<Frames[Type]>}
   */
  #next(type) {
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) =>
      this.#waiting.set(type, { resolve: (frame) => isOf(frame, type) && resolve(frame), reject })
    )
  }

  /** @param {string} text */
  #hear(text) {
    const frames = text.split("\n").map((line) => /** @type {ServerFrame} */ (JSON.parse(line)))
    if (frames[0].type === "traffic") this.#isCounted = true
    else this.#count(text, frames)
    for (const frame of frames) this.#take(frame)
  }

  // An answer to sending is counted with it, and what the server tells of its count not at all.
  /** @param {string} text @param {ServerFrame[]} frames */
  #count(text, frames) {
    const total = receivedFrame(size(text))
    const answer = frames.findIndex(({ type }) => type === "probed")
    const line = answer < 0 ? 0 : size(text.split("\n")[answer]) + 1
    const share = frames.length > 1 ? line : line && total
    this.sending.add(share)
    this.count.add(total - share)
  }

  /** @param {ServerFrame} frame */
  #take(frame) {
    if (frame.type === "handshake") this.handshake = frame
    else if (frame.type === "probe") this.#arrivals.heard(frame.number)
    else if (frame.type === "error") this.#break(new Failure(sentenceOf(frame)))
    this.#waiting.get(frame.type)?.resolve(frame)
  }

  /** @param {Failure} failure */
  #break(failure) {
    this.#failure = failure
    this.#arrivals.fail(failure)
    for (const { reject } of this.#waiting.values()) reject(failure)
  }
}

/**
 * @template {keyof Frames} Type
 * @param {ServerFrame} frame
 * @param {Type} type
 * @returns {frame is Frames[Type]}
 */
const isOf = (frame, type) => frame.type === type
