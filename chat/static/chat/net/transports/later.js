// The transports that few pages need: a WebSocket gets through almost everywhere. Their modules are loaded when one of
// them is opened.

/** @import { ClientFrame } from "../../lib/frames.d.ts" */
/** @import { Endpoints } from "../endpoints.js" */
/** @import { CursorSource, Transport } from "../types.d.ts" */

/** @typedef {"stream" | "poll"} Name */

const KINDS = {
  stream: async () => (await import("./stream.js")).StreamTransport,
  poll: async () => (await import("./poll.js")).PollTransport,
}
// Both, and all that they import that is not loaded yet.
const FILES = ["poll.js", "sending.js", "sse.js", "stream.js"]

/** @implements {Transport} */
export class LaterTransport {
  name
  onText = /** @type {Transport["onText"]} */ (null)
  onEnd = /** @type {Transport["onEnd"]} */ (null)
  #endpoints
  #cursors
  #isClosed = false
  /** @type {Transport | null} */
  #transport = null

  /** @param {Name} name @param {Endpoints} endpoints @param {CursorSource} cursors */
  constructor(name, endpoints, cursors) {
    this.name = name
    this.#endpoints = endpoints
    this.#cursors = cursors
  }

  // Modules that cannot be loaded are a transport that fails: another one comes next, and this one again later.
  async open() {
    const Kind = await load(this.name).catch(() => null)
    if (this.#isClosed) return
    if (!Kind) return this.onEnd?.(0, 0)
    const transport = (this.#transport = new Kind(this.#endpoints, this.#cursors))
    transport.onText = (text) => this.onText?.(text)
    transport.onEnd = (...ending) => this.onEnd?.(...ending)
    await transport.open()
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    return Boolean(this.#transport?.send(frame))
  }

  close() {
    this.#isClosed = true
    this.#transport?.close()
  }
}

// Older browsers never ask again for a module whose request has failed once. So all of them are in the browser's cache
// before one is imported.
/** @param {Name} name */
async function load(name) {
  await Promise.all(FILES.map(store))
  return await KINDS[name]()
}

/** @param {string} file */
async function store(file) {
  const response = await fetch(new URL(file, import.meta.url))
  if (!response.ok) throw new Error(`${file}: ${response.status}`)
  await response.arrayBuffer()
}
