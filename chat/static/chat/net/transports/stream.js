// An event stream to hear, POST to speak. Read by hand: an EventSource tells neither statuses nor signs of life.

import { isEvents, refusal } from "../endpoints.js"
import { EventParser } from "./sse.js"
import { Sending } from "./sending.js"

/** @import { ClientFrame } from "../../lib/frames.d.ts" */
/** @import { Endpoints } from "../endpoints.js" */
/** @import { CursorSource, Ending, Transport } from "../types.d.ts" */

// The server comments on its own silence every 15 seconds.
const SILENCE = 25_000

/** @implements {Transport} */
export class StreamTransport {
  name = /** @type {const} */ ("stream")
  onText = /** @type {Transport["onText"]} */ (null)
  onEnd = /** @type {Transport["onEnd"]} */ (null)
  #endpoints
  #cursors
  #sending
  #parser = new EventParser()
  #silence = 0
  #end = new AbortController()

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
    const asked = { cursors: this.#cursors.opening() }
    const response = await this.#endpoints.ask("stream", asked, this.#end.signal).catch(() => null)
    if (!response) return this.#finish(0, 0)
    if (!response.body || !isEvents(response)) return this.#finish(...refusal(response))
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    while (!this.#end.signal.aborted) {
      const { value } = await reader.read().catch(() => ({ value: undefined }))
      if (value === undefined) return this.#finish(0, 0)
      this.#hear(value)
    }
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    this.#sending.send(frame)
    return true
  }

  close() {
    clearTimeout(this.#silence)
    this.#end.abort()
    this.#sending.close()
  }

  /** @param {string} piece */
  #hear(piece) {
    if (this.#end.signal.aborted) return
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#finish(0, 0), SILENCE)
    for (const { type, data } of this.#parser.push(piece)) {
      if (this.#end.signal.aborted) return
      if (type === "close") this.#finish(Number(data), 0)
      else this.onText?.(data)
    }
  }

  /** @param {Ending} ending */
  #finish(...ending) {
    if (this.#end.signal.aborted) return
    this.close()
    this.onEnd?.(...ending)
  }
}
