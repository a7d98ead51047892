import assert from "node:assert/strict"
import { Prober } from "../../chat/static/chat/net/choice.js"
import { FakeTime } from "./time.js"

const MINUTE = 60_000
const HOUR = 60 * MINUTE

// A prober of transports that do what `open` says, and when it tried which.
function probing(time, open, better = []) {
  const tried = []
  const handed = []
  const make = (name) => ({
    name,
    open() {
      tried.push({ name, at: time.now })
      open(this)
    },
    close() {},
  })
  const onHello = (transport, text) => handed.push([transport.name, text])
  const prober = new Prober({ make, within: 5000, better: () => better, onHello })
  return { prober, tried, handed }
}

const ends = (transport) => transport.onEnd()
const isSilent = () => {}
const greets = (transport) => transport.onText("hello")

Deno.test("what does not work is tried again, and rarer each time", () => {
  using time = new FakeTime()
  const { prober, tried } = probing(time, ends, ["socket"])
  prober.later()
  time.pass(2 * HOUR)
  const minutes = tried.map(({ at }, place) => (at - (tried[place - 1]?.at ?? 0)) / MINUTE)
  assert(0.5 <= minutes[0] && minutes[0] <= 1.5)
  assert(1 <= minutes[1] && minutes[1] <= 3)
  assert(minutes.slice(4).every((pause) => 5 <= pause && pause <= 15))
  assert(minutes.length > 8)
})

Deno.test("a transport that says nothing in time is followed by the next one", () => {
  using time = new FakeTime()
  const { prober, tried, handed } = probing(time, isSilent)
  prober.begin(["socket", "stream"])
  time.pass(MINUTE)
  assert.deepEqual(tried, [{ name: "socket", at: 0 }, { name: "stream", at: 5000 }])
  assert.deepEqual(handed, [])
})

Deno.test("the first transport that says hello is handed over, and no other is tried", () => {
  using time = new FakeTime()
  const { prober, tried, handed } = probing(time, greets)
  prober.begin(["socket", "stream"])
  time.pass(MINUTE)
  assert.deepEqual(tried, [{ name: "socket", at: 0 }])
  assert.deepEqual(handed, [["socket", "hello"]])
})
