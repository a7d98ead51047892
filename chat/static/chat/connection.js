// The WebSocket, kept open: it comes back with full jitter, and finds out by itself when the line is dead.

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
const GRACE = 10_000

export const SIGNED_OUT = 4401
export const FORBIDDEN = 4403
const TERMINAL = [SIGNED_OUT, FORBIDDEN]

export class Connection {
  #url
  #cursors
  #onFrame
  #onState
  #socket = null
  #openedAt = 0
  #attempt = 0
  #heartbeat = 25_000
  #timers = { beat: 0, deadline: 0, retry: 0 }
  #state = "closed"

  // `cursors()` gives what `sync` tells the server; `onState` hears "ready", "lost" and, for ever, "over" with its code.
  constructor(path, { cursors, onFrame, onState }) {
    this.#url = new URL(path, location.href.replace(/^http/, "ws")).href
    this.#cursors = cursors
    this.#onFrame = onFrame
    this.#onState = onState
    addEventListener("online", () => this.wake())
    addEventListener("offline", () => this.#probe())
    addEventListener("pageshow", ({ persisted }) => persisted && this.wake())
    document.addEventListener("visibilitychange", () => document.hidden || this.wake())
  }

  get ready() {
    return this.#state === "ready"
  }

  open() {
    this.#drop()
    const socket = (this.#socket = new WebSocket(this.#url))
    this.#openedAt = Date.now()
    socket.onmessage = ({ data }) => this.#hear(data)
    socket.onclose = ({ code }) => this.#lose(code)
    this.#expectAnswer(this.#heartbeat + GRACE)
  }

  // Returns false where there is nobody to send to; nothing is kept for later here.
  send(frame) {
    if (!this.ready || this.#socket.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  sync() {
    if (this.send({ type: "sync", rooms: this.#cursors() })) this.#expectAnswer(this.#heartbeat + GRACE)
  }

  // Somebody looks at the page again, or the network is back: no reason to wait any longer.
  wake() {
    if (this.#state === "over") return
    if (this.ready) this.#probe()
    else if (this.#socket?.readyState !== WebSocket.CONNECTING) this.open()
  }

  stop() {
    this.#drop()
    this.#become("over")
  }

  // After a sleep a socket looks open and is not: the answer to a sync tells, and need not be waited for long.
  #probe() {
    if (!this.ready) return
    this.sync()
    this.#expectAnswer(GRACE)
  }

  #hear(data) {
    const socket = this.#socket
    clearTimeout(this.#timers.deadline)
    this.#timers.deadline = 0
    for (const line of data.split("\n")) {
      const frame = JSON.parse(line)
      if (frame.type === "hello") this.#greeted(frame)
      this.#onFrame(frame)
      if (this.#socket !== socket) return
      if (frame.type === "hello") this.#begin()
    }
  }

  #greeted({ heartbeat }) {
    this.#heartbeat = (heartbeat ?? 25) * 1000
    this.#state = "ready"
  }

  #begin() {
    this.sync()
    this.#timers.beat = setInterval(() => this.sync(), this.#heartbeat)
    this.#onState("ready")
  }

  #expectAnswer(within) {
    const until = Date.now() + within
    if (this.#timers.deadline && this.#timers.until <= until) return
    clearTimeout(this.#timers.deadline)
    this.#timers.until = until
    this.#timers.deadline = setTimeout(() => this.#lose(0), within)
  }

  #lose(code) {
    // A server that throws everybody out at once must not be met by everybody at once.
    if (Date.now() - this.#openedAt > GRACE) this.#attempt = 0
    this.#drop()
    if (TERMINAL.includes(code)) return this.#become("over", code)
    this.#become("lost")
    const pause = Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#attempt++)
    this.#timers.retry = setTimeout(() => this.open(), pause)
  }

  #drop() {
    clearInterval(this.#timers.beat)
    clearTimeout(this.#timers.deadline)
    clearTimeout(this.#timers.retry)
    this.#timers = { beat: 0, deadline: 0, retry: 0 }
    if (!this.#socket) return
    this.#socket.onmessage = this.#socket.onclose = null
    this.#socket.close()
    this.#socket = null
  }

  #become(state, code) {
    this.#state = state
    this.#onState(state, code)
  }
}
