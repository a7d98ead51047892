import assert from "node:assert/strict"
import { Outbox } from "../../chat/static/chat/store/outbox.js"
import { FakeTime } from "./time.js"

// No IndexedDB is there: the page's memory has to do. In browsers tests/browser/test_unsent.py tries it with one.
const WRITTEN = { room: 7, to: null, place: "R", body: "hello" }

Deno.test("entries are delivered in the order of writing, also those of one moment, and without those that failed", async () => {
  using _time = new FakeTime()
  const outbox = new Outbox("#1", "alice")
  const [first, second, third] = [1, 2, 3].map((body) => outbox.create({ ...WRITTEN, body: String(body) }))
  for (const entry of [third, first, second]) await outbox.put(entry)
  assert.equal((await outbox.next()).body, "1")
  await outbox.put({ ...first, state: "failed" })
  assert.equal((await outbox.next()).body, "2")
  await outbox.remove(second.client_id)
  assert.deepEqual((await outbox.all()).map(({ body }) => body), ["1", "3"])
  assert.equal((await outbox.get(third.client_id)).body, "3")
  await outbox.clear()
  assert.deepEqual(await outbox.all(), [])
})

Deno.test("each change is told, and once that nothing is stored", async () => {
  const outbox = new Outbox("#1", "alice")
  const told = []
  for (const type of ["change", "discard", "unstored"]) {
    outbox.addEventListener(type, ({ detail }) => told.push([type, detail?.body ?? detail ?? null]))
  }
  const [one, two] = [outbox.create(WRITTEN), outbox.create(WRITTEN)]
  await outbox.put(one)
  await outbox.put(two)
  await outbox.remove(one.client_id)
  await outbox.discard(two.client_id)
  const put = ["change", "hello"]
  assert.deepEqual(told, [["unstored", null], put, put, ["change", null], ["discard", two.client_id]])
})

Deno.test("another tab of the same person hears of a change, one of somebody else does not", async () => {
  const [here, there, elsewhere] = ["#1", "#1", "#2"].map((owner) => new Outbox(owner, ""))
  elsewhere.addEventListener("change", () => assert.fail("somebody else hears of it"))
  const heard = new Promise((resolve) => there.addEventListener("change", ({ detail }) => resolve(detail)))
  const entry = here.create(WRITTEN)
  await here.put(entry)
  assert.deepEqual(await heard, entry)
})

Deno.test("a change that is stored tells its sequence, and later edits of the message are made from that", async () => {
  const outbox = new Outbox("#1", "alice")
  const told = []
  outbox.addEventListener("stored", ({ detail }) => told.push(detail))
  const edit = (more = {}) =>
    outbox.createChange({ room: 7, place: "R", kind: "edit", number: 3, sequence: 3, body: "x", ...more })
  const [first, later, other] = [edit(), edit(), edit({ number: 4 })]
  const refused = { ...edit(), state: "failed" }
  for (const entry of [first, later, other, refused]) await outbox.put(entry)
  assert.equal((await outbox.next()).client_id, first.client_id)
  await outbox.stored(first, 9)
  assert.deepEqual(told, [{ client_id: first.client_id, sequence: 9 }])
  assert.deepEqual((await outbox.all()).map(({ sequence }) => sequence), [9, 3, 3])
})
