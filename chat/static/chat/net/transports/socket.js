// The WebSocket: the best transport, where it gets through.

export class SocketTransport {
  name = "socket"
  onText = null
  onEnd = null
  #endpoints
  #cursors
  #socket = null

  constructor(endpoints, cursors) {
    this.#endpoints = endpoints
    this.#cursors = cursors
  }

  open() {
    this.#socket = new WebSocket(this.#endpoints.socket)
    this.#socket.onopen = () => this.send({ type: "sync", rooms: this.#cursors.opening() })
    this.#socket.onmessage = ({ data }) => this.onText(data)
    this.#socket.onclose = ({ code }) => this.onEnd(code, 0)
  }

  // Returns whether it left.
  send(frame) {
    if (this.#socket.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  close() {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null
    this.#socket.close()
  }
}
