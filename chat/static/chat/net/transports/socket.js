// The WebSocket: the best transport, where it gets through.

/** @import { ClientFrame } from "../../lib/frames.d.ts" */
/** @import { Endpoints } from "../endpoints.js" */
/** @import { CursorSource, Transport } from "../types.d.ts" */

/** @implements {Transport} */
export class SocketTransport {
  name = /** @type {const} */ ("socket")
  onText = /** @type {Transport["onText"]} */ (null)
  onEnd = /** @type {Transport["onEnd"]} */ (null)
  #endpoints
  #cursors
  /** @type {WebSocket | null} */
  #socket = null

  /** @param {Endpoints} endpoints @param {CursorSource} cursors */
  constructor(endpoints, cursors) {
    this.#endpoints = endpoints
    this.#cursors = cursors
  }

  open() {
    const socket = (this.#socket = new WebSocket(this.#endpoints.socket))
    socket.onopen = () => this.send({ type: "sync", rooms: this.#cursors.opening() })
    socket.onmessage = ({ data }) => this.onText?.(data)
    socket.onclose = ({ code }) => this.onEnd?.(code, 0)
  }

  // Returns whether it left.
  /** @param {ClientFrame} frame */
  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  close() {
    if (!this.#socket) return
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null
    this.#socket.close()
  }
}
