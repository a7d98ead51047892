import assert from "node:assert/strict"
import { Heartbeat } from "../../chat/static/chat/net/connection.js"
import { FakeTime } from "./time.js"

function listen() {
  const heard = { beats: 0, deaths: 0 }
  const heartbeat = new Heartbeat({ onBeat: () => heard.beats++, onDeath: () => heard.deaths++ })
  return { heard, heartbeat }
}

Deno.test("a heart beats until it is stopped", () => {
  using time = new FakeTime()
  const { heard, heartbeat } = listen()
  heartbeat.start(1000)
  time.pass(3500)
  heartbeat.stop()
  time.pass(10_000)
  assert.deepEqual(heard, { beats: 3, deaths: 0 })
})

Deno.test("a line on which nothing is heard in time is dead", () => {
  using time = new FakeTime()
  const { heard, heartbeat } = listen()
  heartbeat.expect(1000)
  time.pass(999)
  assert.equal(heard.deaths, 0)
  time.pass(1)
  assert.equal(heard.deaths, 1)
})

Deno.test("a line on which something is heard lives", () => {
  using time = new FakeTime()
  const { heard, heartbeat } = listen()
  heartbeat.expect(1000)
  time.pass(999)
  heartbeat.heard()
  time.pass(10_000)
  assert.equal(heard.deaths, 0)
})

Deno.test("of two deadlines the earlier one counts", () => {
  using time = new FakeTime()
  const { heard, heartbeat } = listen()
  heartbeat.expect(1000)
  time.pass(500)
  heartbeat.expect(5000)
  time.pass(500)
  assert.equal(heard.deaths, 1)

  const later = listen()
  later.heartbeat.expect(5000)
  later.heartbeat.expect(1000)
  time.pass(1000)
  assert.equal(later.heard.deaths, 1)
})
