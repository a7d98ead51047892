import assert from "node:assert/strict"
import { Connection } from "../../chat/static/chat/net/connection.js"
import { Tabs } from "./storage.js"
import { FakeTime } from "./time.js"

const HELLO = { type: "hello", heartbeat: 25 }
const SYNCED = { type: "synced", rooms: {} }
const CURSORS = { 7: 12 }

globalThis.document = Object.assign(new EventTarget(), { hidden: false })

// Stands for the browser's WebSocket, whose other end needs a network.
class FakeSocket {
  static OPEN = 1
  static made = []
  static #waiting = null
  readyState = 0
  sent = []

  constructor() {
    FakeSocket.made.push(this)
    FakeSocket.#waiting?.()
  }

  static async next() {
    while (!FakeSocket.made.length) await new Promise((resolve) => (FakeSocket.#waiting = resolve))
    return FakeSocket.made.shift()
  }

  open(...frames) {
    this.readyState = FakeSocket.OPEN
    this.onopen()
    this.say(...frames)
  }

  say(...frames) {
    this.onmessage({ data: frames.map((frame) => JSON.stringify(frame)).join("\n") })
  }

  send(text) {
    this.sent.push(JSON.parse(text))
  }

  end(code) {
    this.readyState = 3
    this.onclose({ code })
  }

  close() {
    this.readyState = 3
  }
}

globalThis.WebSocket = FakeSocket

// A connection over such sockets, with all that its page hears.
function connecting({ onFrame = () => {} } = {}) {
  FakeSocket.made.length = 0
  const heard = { frames: [], states: [], faults: [] }
  const connection = new Connection({ socket: "ws://chat/ws", isReady: () => Promise.resolve(true) }, {
    cursors: { opening: () => CURSORS, all: () => CURSORS },
    onFrame: (frame) => {
      heard.frames.push(frame.type)
      onFrame(frame)
    },
    onState: (state, code) => heard.states.push(code ? [state, code] : state),
    onFault: (_, about) => heard.faults.push(about),
  })
  connection.open()
  return { connection, heard }
}

Deno.test("a line says where the page is, is ready with the hello, and carries frames until it is stopped", async () => {
  using _tabs = new Tabs()
  using _time = new FakeTime()
  const { connection, heard } = connecting()
  const socket = await FakeSocket.next()
  assert.equal(connection.send({ type: "probe" }), false)
  socket.open(HELLO, SYNCED)
  assert.equal(connection.send({ type: "probe" }), true)
  assert.deepEqual(socket.sent, [{ type: "sync", rooms: CURSORS }, { type: "probe" }])
  assert.deepEqual(heard, { frames: ["hello", "synced"], states: ["ready"], faults: [] })
  connection.stop()
  assert.equal(connection.send({ type: "probe" }), false)
  connection.wake()
  assert.deepEqual([heard.states, FakeSocket.made], [["ready", "over"], []])
})

Deno.test("a frame that can't be read or handled takes no other with it", async () => {
  using _tabs = new Tabs()
  using _time = new FakeTime()
  const { connection, heard } = connecting({
    onFrame({ type }) {
      if (type === "read") throw new Error("a fault of the handler")
    },
  })
  const socket = await FakeSocket.next()
  socket.open(HELLO)
  socket.onmessage({ data: 'nonsense\nnull\n{"type":"read"}\n\n{"type":"typing"}' })
  assert.deepEqual(heard.frames.filter(Boolean), ["hello", "read", "typing"])
  assert.deepEqual(heard.faults, ["unreadable", "read"])
  connection.stop()
})

Deno.test("a line that is lost comes back after a moment, and at once for one who looks at the page", async () => {
  using _tabs = new Tabs()
  using time = new FakeTime()
  const { connection, heard } = connecting()
  const first = await FakeSocket.next()
  first.open(HELLO, SYNCED)
  first.end(1006)
  assert.deepEqual([heard.states, FakeSocket.made.length], [["ready", "lost"], 0])
  time.pass(500)
  const second = await FakeSocket.next()
  second.open(HELLO, SYNCED)
  second.end(1006)
  connection.wake()
  const third = await FakeSocket.next()
  third.open(HELLO)
  assert.deepEqual(heard.states, ["ready", "lost", "ready", "lost", "ready"])
  connection.stop()
})

Deno.test("a line on which nothing is answered is dead", async () => {
  using _tabs = new Tabs()
  using time = new FakeTime()
  const { connection, heard } = connecting()
  const socket = await FakeSocket.next()
  socket.open(HELLO, SYNCED)
  time.pass(25_000)
  assert.deepEqual(socket.sent.at(-1), { type: "sync" })
  socket.say(SYNCED)
  time.pass(50_000)
  assert.deepEqual(heard.states, ["ready"])
  time.pass(10_000)
  assert.deepEqual(heard.states, ["ready", "lost"])
  connection.stop()
})

Deno.test("a server that refuses the person ends the line for ever", async () => {
  using _tabs = new Tabs()
  using time = new FakeTime()
  const { connection, heard } = connecting()
  const socket = await FakeSocket.next()
  socket.open(HELLO, SYNCED)
  socket.end(4401)
  connection.wake()
  time.pass(60_000)
  assert.deepEqual([heard.states, FakeSocket.made], [["ready", ["over", 4401]], []])
})
