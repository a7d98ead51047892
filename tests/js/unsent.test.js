import assert from "node:assert/strict"
import { Unsent } from "../../chat/static/chat/app/unsent.js"
import { Outbox } from "../../chat/static/chat/store/outbox.js"
import { Rooms } from "../../chat/static/chat/store/rooms.js"

const ROOM = {
  id: 7,
  slug: "r",
  kind: "public",
  title: "R",
  topic: "",
  url: "/rooms/r/",
  sequence: 0,
  message_count: 0,
  read_number: 0,
}
const WRITTEN = { room: 7, to: null, place: "R", body: "hello" }

// A session in room 8, which nobody writes to. Keeps what the sidebar is told to mark, and what is shown as left over.
function session() {
  const marked = []
  const left = []
  const made = {
    outbox: new Outbox("#1", ""),
    rooms: new Rooms([ROOM], { id: 1 }),
    room: { holds: () => false, messages: { dropPending() {}, retry() {} } },
    sidebar: { markUnsent: (ids) => marked.push([...ids]) },
    leftovers: { show: ({ client_id }) => left.push(client_id), drop() {}, warn() {} },
  }
  return { made, marked, left }
}

Deno.test("only rooms of the sidebar are marked as having unsent words; those of other rooms are left over", async () => {
  const { made, marked, left } = session()
  const known = { ...made.outbox.create(WRITTEN), state: "failed" }
  const unknown = { ...made.outbox.create({ ...WRITTEN, room: null, to: "bob" }), state: "failed" }
  await made.outbox.put(known)
  await made.outbox.put(unknown)
  await new Unsent(made).show(made.room)
  await made.outbox.all()
  assert.deepEqual(left, [unknown.client_id])
  assert.deepEqual(marked, [[7]])
})
