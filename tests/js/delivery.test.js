import assert from "node:assert/strict"
import { Delivery } from "../../chat/static/chat/store/delivery.js"
import { Outbox } from "../../chat/static/chat/store/outbox.js"

const WRITTEN = { room: 7, to: null, place: "R", body: "hello" }

// A delivery over a line that keeps what is sent. `next()` waits for the next post.
function delivering({ owner = "#1", outbox = new Outbox(owner, "") } = {}) {
  const sent = []
  const told = []
  let waiting = null
  const line = {
    ready: true,
    send(frame) {
      sent.push(frame)
      waiting?.(sent.shift())
      return line.ready
    },
  }
  const tell = {
    slowed: (isSlow) => told.push(["slowed", isSlow]),
    fault: (error, about) => told.push([error.message, about]),
  }
  const delivery = new Delivery({ outbox, connection: line, owner, tell })
  const next = () =>
    sent.length ? sent.shift() : new Promise((resolve) => (waiting = resolve)).finally(() => waiting = null)
  const write = async (more = {}) => {
    const entry = outbox.create({ ...WRITTEN, ...more })
    await outbox.put(entry)
    return entry
  }
  return { delivery, outbox, line, told, next, write, sent }
}

const ack = ({ client_id }) => ({ type: "ack", client_id, room: 7, number: 1, sequence: 1 })
const refused = ({ client_id }, code, more = {}) => ({ type: "error", client_id, code, detail: "", ...more })

Deno.test("posts leave one after the other, each when the last one has its answer", async () => {
  const { delivery, outbox, next, write, sent } = delivering()
  const [one, two] = [await write(), await write({ to: "bob", room: null, reply_to: 4 })]
  const done = delivery.wake()
  const first = await next()
  assert.deepEqual(first, { type: "post", client_id: one.client_id, room: 7, body: "hello", reply_to: undefined })
  assert.deepEqual(sent, [])
  delivery.answer(first.client_id, ack(first))
  const second = await next()
  assert.deepEqual(second, { type: "post", client_id: two.client_id, to: "bob", body: "hello", reply_to: 4 })
  delivery.answer(second.client_id, { type: "message", room: 7, after: 1, sequence: 2, message: {} })
  await done
  assert.deepEqual(await outbox.all(), [])
})

Deno.test("a refused post stays as failed, with the reason, and keeps no other back", async () => {
  const { delivery, outbox, next, write } = delivering()
  const [one, two] = [await write(), await write()]
  const done = delivery.wake()
  const first = await next()
  // An error that could not read which post it is about.
  delivery.answer(undefined, refused({}, "bad_body", { detail: "No.", params: { most: 1 } }))
  delivery.answer(two.client_id, ack(await next()))
  await done
  const [{ state, code, detail, params }] = await outbox.all()
  assert.deepEqual({ state, code, detail, params }, {
    state: "failed",
    code: "bad_body",
    detail: "No.",
    params: { most: 1 },
  })
  assert.equal(first.client_id, one.client_id)
})

Deno.test("a post that came too fast is sent again, and the page says so meanwhile", async () => {
  const { delivery, next, write, told } = delivering()
  await write()
  const done = delivery.wake()
  const first = await next()
  delivery.answer(first.client_id, refused(first, "too_fast", { retry_after: 0.001 }))
  const again = await next()
  assert.equal(again.client_id, first.client_id)
  assert.deepEqual(told, [["slowed", true]])
  delivery.answer(again.client_id, ack(again))
  await done
  assert.deepEqual(told, [["slowed", true], ["slowed", false]])
})

Deno.test("a post whose answer is lost with the line is sent again on the next one", async () => {
  const { delivery, outbox, line, next, write } = delivering()
  await write()
  const done = delivery.wake()
  const first = await next()
  line.ready = false
  delivery.lost()
  await done
  assert.equal((await outbox.next()).client_id, first.client_id)
  line.ready = true
  const again = delivery.wake()
  const second = await next()
  assert.equal(second.client_id, first.client_id)
  delivery.answer(second.client_id, ack(second))
  await again
})

Deno.test("an ack that nobody waits for any more takes its entry out, an error does not", async () => {
  const { delivery, outbox, write } = delivering()
  const [one, two] = [await write(), await write()]
  const changed = new Promise((resolve) => outbox.addEventListener("change", resolve))
  delivery.answer(one.client_id, refused(one, "bad_body"))
  delivery.answer(undefined, refused({}, "bad_body"))
  delivery.answer(two.client_id, ack(two))
  await changed
  assert.deepEqual((await outbox.all()).map(({ client_id }) => client_id), [one.client_id])
})

Deno.test("two tabs of one person send one after the other", async () => {
  const one = delivering()
  const two = delivering({ outbox: one.outbox })
  await one.write()
  await one.write()
  const done = [one.delivery.wake(), two.delivery.wake()]
  const first = await Promise.race([one.next(), two.next()])
  assert.equal(one.sent.length + two.sent.length, 0)
  const holder = first.client_id
  for (const each of [one, two]) each.delivery.answer(holder, ack(first))
  const second = await Promise.race([one.next(), two.next()])
  assert.notEqual(second.client_id, holder)
  for (const each of [one, two]) each.delivery.answer(second.client_id, ack(second))
  await Promise.all(done)
  assert.deepEqual(await one.outbox.all(), [])
})

Deno.test("changes leave in the order of writing, between posts", async () => {
  const { delivery, outbox, next, write } = delivering()
  await write()
  for (const kind of ["edit", "delete", "restore"]) {
    const entry = outbox.createChange({ room: 7, place: "R", kind, number: 3, sequence: 5, body: "better" })
    await outbox.put(entry)
  }
  const done = delivery.wake()
  const sent = []
  for (let count = 0; count < 4; count++) {
    const frame = await next()
    sent.push({ ...frame, client_id: null })
    delivery.answer(frame.client_id, ack(frame))
  }
  await done
  const about = { client_id: null, room: 7, number: 3 }
  assert.deepEqual(sent.slice(1), [
    { ...about, type: "edit", sequence: 5, body: "better" },
    { ...about, type: "delete" },
    { ...about, type: "restore" },
  ])
  assert.deepEqual(await outbox.all(), [])
})

Deno.test("a change whose ack comes late is stored all the same", async () => {
  const { delivery, outbox } = delivering()
  const entry = outbox.createChange({ room: 7, place: "R", kind: "edit", number: 3, sequence: 5, body: "better" })
  await outbox.put(entry)
  const stored = new Promise((resolve) => outbox.addEventListener("stored", ({ detail }) => resolve(detail)))
  delivery.answer(entry.client_id, { ...ack(entry), sequence: 8 })
  assert.deepEqual(await stored, { client_id: entry.client_id, sequence: 8 })
})

Deno.test("pins, what is saved for later and what is forwarded leave as their frames", async () => {
  const { delivery, outbox, next } = delivering()
  const forward = { room: 3, number: 4, body: "theirs", html: "" }
  const entries = [
    outbox.createChange({ room: 7, place: "R", kind: "pin", number: 3, sequence: 5, body: "", on: true }),
    outbox.createChange({ room: 7, place: "R", kind: "save", number: 3, sequence: 5, body: "", on: false }),
    outbox.create({ ...WRITTEN, body: "", forward }),
  ]
  for (const entry of entries) await outbox.put(entry)
  const done = delivery.wake()
  const sent = []
  for (const { client_id } of entries) {
    sent.push(await next())
    delivery.answer(client_id, ack({ client_id }))
  }
  await done
  const [pin, save, post] = entries.map(({ client_id }) => client_id)
  assert.deepEqual(sent, [
    { type: "pin", client_id: pin, room: 7, number: 3, on: true },
    { type: "save", client_id: save, room: 7, number: 3, on: false },
    { type: "post", client_id: post, room: 7, body: "", reply_to: undefined, forward: { room: 3, number: 4 } },
  ])
})
