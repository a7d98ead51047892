import assert from "node:assert/strict"
import { Preference } from "../../chat/static/chat/net/choice.js"
import { Tabs } from "./storage.js"
import { FakeTime } from "./time.js"

const HOUR = 60 * 60 * 1000

// A preference reads from its page whether anybody looks at it.
function page() {
  globalThis.document = { hidden: false }
  return globalThis.document
}

Deno.test("transports are taken from the best to the last, and then from the first again", () => {
  using _tabs = new Tabs()
  page()
  const preference = new Preference()
  const taken = [preference.transport]
  const went = [1, 2, 3].map(() => {
    const isLower = preference.stepDown()
    taken.push(preference.transport)
    return isLower
  })
  assert.deepEqual(taken, ["socket", "stream", "poll", "socket"])
  assert.deepEqual(went, [true, true, false])
  assert.deepEqual(preference.betterThan("poll"), ["socket", "stream"])
})

Deno.test("a hidden page keeps no stream open", () => {
  using _tabs = new Tabs()
  const shown = page()
  const preference = new Preference()
  preference.take("stream")
  shown.hidden = true
  assert.equal(preference.transport, "poll")
  assert.deepEqual(preference.betterThan("poll"), ["socket"])
  // The poll takes the stream's place meanwhile, and is not preferred to it.
  preference.take("poll")
  shown.hidden = false
  assert.equal(preference.transport, "stream")
})

Deno.test("the transport that works is remembered for a day from the first time", () => {
  using _tabs = new Tabs()
  using time = new FakeTime()
  page()
  const first = new Preference()
  first.take("poll")
  assert.equal(first.hasWorked("poll"), false)
  first.remember("poll")
  assert.equal(first.hasWorked("poll"), true)
  time.pass(23 * HOUR)
  const second = new Preference()
  assert.equal(second.transport, "poll")
  second.remember("poll")
  time.pass(HOUR)
  assert.equal(new Preference().transport, "socket")
})

Deno.test("nonsense in the storage is no transport", () => {
  page()
  for (const kept of ["{", "{}", '{"transport":"pigeon","at":0}', "7"]) {
    using tabs = new Tabs()
    tabs.shared.setItem("chatsite transport", kept)
    assert.equal(new Preference().transport, "socket")
  }
})
