import assert from "node:assert/strict"
import { Rooms } from "../../chat/static/chat/store/rooms.js"

const ROOM = {
  id: 7,
  slug: "r",
  kind: "public",
  title: "R",
  topic: "",
  url: "/rooms/r/",
  sequence: 10,
  message_count: 8,
  read_number: 6,
}
const ME = { id: 1 }

const message = (after, sequence, number, sender = 2) => ({
  room: ROOM.id,
  after,
  sequence,
  message: { number, sender: { id: sender } },
})

Deno.test("a cursor moves with what follows it, and by synced only", () => {
  const rooms = new Rooms([ROOM], ME)
  assert.equal(rooms.heard(message(10, 12, 9)), true)
  assert.equal(rooms.get(7).cursor, 12)
  assert.equal(rooms.heard(message(13, 14, 12)), false)
  assert.equal(rooms.get(7).cursor, 12)
  rooms.synced({ 7: 14, 99: 3 })
  assert.equal(rooms.get(7).cursor, 14)
  assert.equal(rooms.heard(message(10, 12, 9)), true)
  assert.deepEqual(rooms.cursors(), { 7: 14 })
  assert.deepEqual(rooms.cursorOf(7), { 7: 14 })
  assert.deepEqual(rooms.cursorOf(8), {})
})

Deno.test("unread is what lies between the counts", () => {
  const rooms = new Rooms([ROOM], ME)
  const unread = [rooms.unread]
  const steps = [
    () => rooms.heard(message(10, 11, 9)),
    () => rooms.heard(message(10, 11, 9)),
    () => rooms.heard(message(11, 12, 3)),
    () => rooms.read(7, 5),
    () => rooms.read(7, 9),
    () => rooms.heard(message(12, 13, 10)),
    () => rooms.heard(message(13, 14, 11, ME.id)),
  ]
  for (const step of steps) {
    step()
    unread.push(rooms.unread)
  }
  assert.deepEqual(unread, [2, 3, 3, 3, 3, 0, 1, 0])
})

Deno.test("a greeting renews all rooms but the cursor of the open one", () => {
  const rooms = new Rooms([ROOM, { ...ROOM, id: 8 }, { ...ROOM, id: 9 }], ME)
  rooms.greet([{ ...ROOM, sequence: 20, message_count: 15 }, { ...ROOM, id: 8, sequence: 30 }], 7)
  const { read_number: _, ...without } = ROOM
  rooms.put({ ...without, title: "New", sequence: 21 })
  assert.deepEqual(rooms.cursors(), { 7: 10, 8: 30 })
  const { read_number, title, unread } = rooms.get(7)
  assert.deepEqual({ read_number, title, unread }, { read_number: 6, title: "New", unread: 9 })
})

Deno.test("the room with the newest message is the first, and one that the person comes into", () => {
  const rooms = new Rooms([ROOM, { ...ROOM, id: 8 }, { ...ROOM, id: 9 }], ME)
  const ids = () => rooms.all.map(({ id }) => id).join(" ")
  assert.equal(ids(), "7 8 9")
  rooms.heard({ ...message(10, 11, 9), room: 9 })
  assert.equal(ids(), "9 7 8")
  // An older message that has changed, a room that has another title, and what was read.
  rooms.heard({ ...message(10, 11, 3), room: 8 })
  rooms.put({ ...ROOM, id: 8, title: "New" })
  rooms.read(8, 8)
  assert.equal(ids(), "9 7 8")
  rooms.put({ ...ROOM, id: 10 })
  assert.equal(ids(), "10 9 7 8")
  rooms.greet([{ ...ROOM, id: 8 }, { ...ROOM, id: 10 }, ROOM], 7)
  assert.equal(ids(), "8 10 7")
})

// It may be one of very many; if it is gone, a frame of its own says so.
Deno.test("a greeting that leaves the open room out does not take it away", () => {
  const rooms = new Rooms([ROOM, { ...ROOM, id: 8 }], ME)
  rooms.greet([{ ...ROOM, id: 8 }], 7)
  assert.deepEqual(rooms.cursors(), { 7: 10, 8: 10 })
})

Deno.test("cursors name as many rooms as a frame may", () => {
  const many = Array.from({ length: 2500 }, (_, place) => ({ ...ROOM, id: place + 1 }))
  assert.equal(Object.keys(new Rooms(many, ME).cursors()).length, 2000)
})

const naming = (after, sequence, number, more) => {
  const frame = message(after, sequence, number)
  return { ...frame, message: { ...frame.message, ...more } }
}

Deno.test("unread messages that name the person are counted as they come and go", () => {
  const rooms = new Rooms([{ ...ROOM, mentioned: [7] }], ME)
  const mentioned = () => rooms.get(7).mentioned
  assert.deepEqual(mentioned(), [7])
  const steps = [
    [() => rooms.heard(naming(10, 11, 9, { mentions: [1, 3] })), [7, 9]],
    [() => rooms.heard(naming(10, 11, 9, { mentions: [1, 3] })), [7, 9]],
    [() => rooms.heard(naming(11, 12, 10, { everyone: "all" })), [7, 9, 10]],
    [() => rooms.heard(naming(12, 13, 9, { mentions: [3] })), [7, 10]],
    [() => rooms.heard(naming(13, 14, 3, { mentions: [1] })), [7, 10]],
    [() => rooms.put({ ...ROOM, topic: "other" }), [7, 10]],
    [() => rooms.read(7, 7), [10]],
    [() => rooms.heard({ ...message(14, 15, 11, 1), message: { number: 11, sender: ME, everyone: "all" } }), []],
  ]
  for (const [step, expected] of steps) {
    step()
    assert.deepEqual(mentioned(), expected)
  }
})

Deno.test("a greeting says which unread messages name the person", () => {
  const rooms = new Rooms([{ ...ROOM, mentioned: [7] }], ME)
  rooms.greet([{ ...ROOM, sequence: 11, message_count: 9, mentioned: [9] }], 7)
  assert.deepEqual(rooms.get(7).mentioned, [9])
  rooms.greet([ROOM], 7)
  assert.deepEqual(rooms.get(7).mentioned, [])
})
