import assert from "node:assert/strict"
import { Messages } from "../../chat/static/chat/store/messages.js"
import { FakeTime } from "./time.js"

const ME = { id: 1, nickname: "me" }
const YOU = { id: 2, nickname: "you" }

const message = (number, more = {}) => ({
  number,
  sequence: number,
  sender: YOU,
  client_id: `y${number}`,
  body: `${number}`,
  ...more,
})
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => message(first + index))
const numbers = (messages) => messages.between(messages.first, messages.last).map(({ number }) => number)
const ENTRY = { client_id: "m1", created: 0, body: "mine", reply_to: undefined, state: "waiting" }

Deno.test("the window takes what follows it, and nothing beyond a gap", () => {
  const messages = new Messages(range(5, 7), ME)
  messages.put(message(8))
  messages.put(message(10))
  messages.put(message(3))
  assert.deepEqual(numbers(messages), [5, 6, 7, 8])
})

Deno.test("a message is replaced by a newer version of it, never by an older one", () => {
  const messages = new Messages(range(1, 2), ME)
  messages.put(message(1, { sequence: 9, body: "edited" }))
  messages.put(message(1, { sequence: 4, body: "older" }))
  assert.equal(messages.get(1).body, "edited")
})

Deno.test("pages of history lengthen the window at both ends, and pass over what is gone", () => {
  const messages = new Messages(range(10, 12), ME)
  messages.load(range(8, 9))
  messages.load(range(2, 5), [[6, 7]])
  messages.load(range(14, 15), [[13, 13]])
  assert.deepEqual(numbers(messages), [2, 3, 4, 5, 8, 9, 10, 11, 12, 14, 15])
  messages.load([], [[1, 1]])
  assert.equal(messages.first, 1)
})

Deno.test("one's own goes from pending to its number, and an ack does that as well as the message", () => {
  for (
    const settle of [
      (messages) => messages.settle({ client_id: "m1", number: 2, sequence: 2 }),
      (messages) => messages.put(message(2, { sender: ME, client_id: "m1" })),
    ]
  ) {
    const messages = new Messages(range(1, 1), ME)
    messages.addPending(ENTRY)
    assert.equal(messages.pending[0].state, "waiting")
    settle(messages)
    assert.deepEqual(messages.pending, [])
    assert.equal(messages.get(2).client_id, "m1")
    assert.ok(messages.has("m1"))
  }
})

Deno.test("one's own waits for what comes before it", () => {
  const messages = new Messages(range(1, 1), ME)
  messages.addPending(ENTRY)
  messages.settle({ client_id: "m1", number: 3, sequence: 3 })
  assert.equal(messages.pending[0].state, "sent")
  messages.put(message(2))
  messages.put(message(3, { sender: ME, client_id: "m1" }))
  assert.deepEqual(numbers(messages), [1, 2, 3])
  assert.deepEqual(messages.pending, [])
})

Deno.test("a message that failed says why, and can be sent again or dropped", () => {
  const messages = new Messages([], ME)
  messages.addPending(ENTRY)
  messages.addPending({ ...ENTRY, state: "failed", detail: "too long", mayRetry: true })
  assert.deepEqual([messages.pending[0].state, messages.pending[0].detail], ["failed", "too long"])
  messages.retry("m1")
  assert.equal(messages.pending[0].state, "waiting")
  messages.dropPending("m1")
  assert.deepEqual(messages.pending, [])
})

Deno.test("the window is trimmed at the end that is further from what is drawn", () => {
  const messages = new Messages(range(1, 100), ME)
  messages.trim(80, 100, 60)
  assert.deepEqual([messages.first, messages.last, messages.size], [41, 100, 60])
  messages.trim(41, 60, 50)
  assert.deepEqual([messages.first, messages.last], [41, 90])
  messages.put(message(101))
  assert.equal(messages.last, 90)
  assert.equal(messages.get(40), undefined)
})

Deno.test("an original outside the window is learned, or known to be gone", () => {
  const messages = new Messages(range(50, 60), ME)
  assert.equal(messages.original(3), undefined)
  messages.learn(3, message(3))
  messages.learn(4, undefined)
  assert.equal(messages.original(3).body, "3")
  assert.equal(messages.original(4), null)
  assert.equal(messages.original(55).body, "55")
})

Deno.test("somebody who is renamed is renamed in all their messages", () => {
  const messages = new Messages([...range(5, 6), message(7, { sender: ME })], ME)
  messages.learn(1, message(1))
  messages.rename({ id: 2, nickname: "new" })
  assert.deepEqual([5, 6, 7].map((number) => messages.get(number).sender.nickname), ["new", "new", "me"])
  assert.equal(messages.original(1).sender.nickname, "new")
})

Deno.test("each change is told once, and what changes nothing is not told", () => {
  const messages = new Messages(range(1, 2), ME)
  let told = 0
  messages.addEventListener("change", () => (told += 1))
  messages.put(message(3))
  messages.put(message(9))
  messages.put(message(3, { sequence: 1 }))
  messages.markUnread(2)
  messages.markUnread(2)
  assert.equal(told, 2)
})

Deno.test("ten thousand messages are kept", () => {
  const messages = new Messages(range(1, 10_000), ME)
  messages.put(message(10_001))
  messages.trim(9_800, 10_001)
  assert.deepEqual([messages.first, messages.last, messages.size], [2, 10_001, 10_000])
  assert.deepEqual(messages.upTo(9_999, 2).map(({ number }) => number), [9_998, 9_999])
  assert.deepEqual(messages.from(10_000, 5).map(({ number }) => number), [10_000, 10_001])
})

// A change of message 2 as the outbox has it.
const change = (kind, more = {}) => ({
  client_id: kind,
  created: 0,
  room: 7,
  to: null,
  kind,
  number: 2,
  sequence: 2,
  body: kind === "edit" ? "better" : "",
  state: "changing",
  ...more,
})
const own = (more = {}) => message(2, { sender: ME, html: "<a>2</a>", ...more })

Deno.test("one's own edit is shown at once, and gives way to the server's version when that has come", () => {
  for (const isAckFirst of [true, false]) {
    const messages = new Messages([message(1), own()], ME)
    messages.addChange(change("edit"))
    const { body, html, change: { state } } = messages.get(2)
    assert.deepEqual([body, html, state], ["better", undefined, "changing"])
    const stored = own({ sequence: 9, body: "better", html: "<b>better</b>" })
    if (isAckFirst) messages.changeStored("edit", 9)
    else messages.put(stored)
    assert.equal(messages.get(2).body, "better")
    if (isAckFirst) messages.put(stored)
    else messages.changeStored("edit", 9)
    assert.deepEqual(messages.get(2), stored)
  }
})

Deno.test("an edit is made from the version that one's last edit has led to", () => {
  const messages = new Messages([message(1), own()], ME)
  messages.addChange(change("edit"))
  messages.changeStored("edit", 9)
  assert.equal(messages.get(2).sequence, 9)
})

Deno.test("two edits that are stored as one change are shown in the order of writing", () => {
  const messages = new Messages([message(1), own()], ME)
  messages.addChange(change("edit"))
  messages.addChange(change("edit", { client_id: "again", body: "best" }))
  messages.changeStored("edit", 9)
  messages.changeStored("again", 9)
  assert.equal(messages.get(2).body, "best")
})

Deno.test("a refused edit leaves the text as it is stored, and keeps its own until it is dropped", () => {
  const messages = new Messages([message(1), own()], ME)
  messages.addChange(change("edit"))
  messages.addChange(change("edit", { state: "failed", code: "edited_meanwhile" }))
  assert.equal(messages.get(2).body, "2")
  assert.deepEqual([messages.get(2).change.body, messages.get(2).change.code], ["better", "edited_meanwhile"])
  messages.put(own({ sequence: 9, body: "elsewhere" }))
  assert.deepEqual([messages.get(2).body, messages.get(2).change.body], ["elsewhere", "better"])
  messages.dropChange("edit")
  assert.equal(messages.get(2).change, undefined)
})

Deno.test("a deletion can be undone for nine seconds, also before it is stored", () => {
  using time = new FakeTime()
  const messages = new Messages([message(1), own()], ME)
  messages.addChange(change("delete"))
  assert.ok(messages.get(2).deleted_at)
  messages.addChange(change("restore"))
  assert.deepEqual([messages.get(2).deleted_at, messages.get(2).body], [undefined, "2"])
  messages.changeStored("delete", 9)
  messages.put(own({ sequence: 9, body: "", deleted_at: "now" }))
  messages.changeStored("restore", 10)
  messages.put(own({ sequence: 10 }))
  assert.deepEqual(messages.get(2), own({ sequence: 10 }))
  messages.addChange(change("delete", { client_id: "for good" }))
  messages.changeStored("for good", 11)
  messages.put(own({ sequence: 11, body: "", deleted_at: "now" }))
  time.pass(8_999)
  assert.equal(messages.get(2).change.kind, "delete")
  time.pass(1)
  assert.equal(messages.get(2).change, undefined)
})

Deno.test("a change of a message that is not in the window is shown when the message has come", () => {
  const messages = new Messages(range(4, 5), ME)
  messages.addChange(change("edit", { number: 3 }))
  messages.load([message(3, { sender: ME })])
  assert.equal(messages.get(3).body, "better")
})

Deno.test("who is renamed keeps their changes, and their text as it is stored", () => {
  const messages = new Messages([message(1), own()], ME)
  messages.addChange(change("edit"))
  messages.rename({ id: 1, nickname: "new" })
  messages.dropChange("edit")
  assert.deepEqual([messages.get(2).sender.nickname, messages.get(2).body], ["new", "2"])
})

Deno.test("one's own last message is the last that is not removed", () => {
  const messages = new Messages([own(), message(3, { sender: ME, deleted_at: "now" }), message(4)], ME)
  assert.equal(messages.lastOwn.number, 2)
  messages.addChange(change("delete"))
  assert.equal(messages.lastOwn, undefined)
})

// A generator of numbers below a bound, the same for the same seed.
const random = (seed) => (below) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor((seed / 2_147_483_648) * below)
}

Deno.test("one's own reaction is shown at once, keeps those of others, and is counted once when the server has it", () => {
  const stored = own({ number: 2, sequence: 2, reactions: { "👍": [8] } })
  const messages = new Messages([own({ number: 1, sequence: 1 }), stored], ME)
  messages.addChange(change("react", { emoji: "👍", on: true }))
  assert.deepEqual(messages.get(2).reactions, { "👍": [8, ME.id] })
  assert.equal(messages.get(2).change, undefined)
  messages.put({ ...stored, sequence: 9, reactions: { "👍": [8, ME.id], "🎉": [8] } })
  assert.deepEqual(messages.get(2).reactions, { "👍": [8, ME.id], "🎉": [8] })
  messages.changeStored("react", 9)
  messages.addChange(change("react", { client_id: "off", emoji: "👍", on: false }))
  messages.addChange(change("react", { client_id: "off too", emoji: "🎉", on: false }))
  assert.deepEqual(messages.get(2).reactions, { "👍": [8], "🎉": [8] })
})

Deno.test("the last of one's reactions that is taken away takes the emoji along", () => {
  const messages = new Messages([own({ number: 1, sequence: 1 }), own({ number: 2, reactions: { "👍": [ME.id] } })], ME)
  messages.addChange(change("react", { emoji: "👍", on: false }))
  assert.deepEqual(messages.get(2).reactions, {})
})

Deno.test("a refused reaction is shown as what the server has, with the reason", () => {
  const messages = new Messages([own({ number: 1, sequence: 1 }), own({ number: 2, sequence: 2 })], ME)
  messages.addChange(change("react", { emoji: "👍", on: true }))
  messages.addChange(change("react", { emoji: "👍", on: true, state: "failed", code: "too_many" }))
  assert.deepEqual([messages.get(2).reactions, messages.get(2).change.code], [undefined, "too_many"])
})

Deno.test("one's own pin is shown at once, and counted when the server has it", () => {
  const stored = own({ number: 2, sequence: 2 })
  const messages = new Messages([own({ number: 1, sequence: 1 }), stored], ME)
  messages.addChange(change("pin", { on: true }))
  assert.ok(messages.get(2).pinned_at)
  assert.deepEqual([messages.get(2).change, messages.pins.size], [undefined, 0])
  messages.changeStored("pin", 9)
  messages.put({ ...stored, sequence: 9, pinned_at: "now" })
  assert.deepEqual([messages.get(2).pinned_at, [...messages.pins]], ["now", [2]])
  messages.addChange(change("pin", { client_id: "off", on: false, state: "failed", code: "forbidden" }))
  assert.deepEqual([messages.get(2).pinned_at, messages.get(2).change.code], ["now", "forbidden"])
})

Deno.test("pins are counted wherever their messages are, and nothing changes them that is older", () => {
  const messages = new Messages([message(5, { sequence: 9 })], ME, { pins: [1] })
  let changes = 0
  messages.addEventListener("change", () => changes += 1)
  messages.put(message(1, { sequence: 10 }))
  messages.put(message(2, { sequence: 11, pinned_at: "now" }))
  messages.put(message(5, { sequence: 8, pinned_at: "now" }))
  assert.deepEqual([[...messages.pins], changes], [[2], 2])
})

Deno.test("what is saved for later is marked, at once and as the server has it, and is no change of a message", () => {
  const stored = [own({ number: 1, sequence: 1 }), own({ number: 2, sequence: 2 })]
  const messages = new Messages(stored, ME, { saved: [1, 9] })
  const saved = () => [1, 2].filter((number) => messages.get(number).saved)
  assert.deepEqual(saved(), [1])
  messages.addChange(change("save", { on: true }))
  assert.deepEqual([saved(), messages.get(2).change], [[1, 2], undefined])
  messages.changeStored("save", 2)
  messages.put({ ...stored[1], sequence: 7, body: "edited" })
  assert.deepEqual([saved(), messages.get(2).body], [[1, 2], "edited"])
  messages.setSaved(1, false)
  assert.deepEqual(saved(), [2])
  messages.learnSaved([1])
  assert.deepEqual(saved(), [1])
  messages.addChange(change("save", { client_id: "n", on: true, state: "failed", code: "too_many_saved" }))
  assert.deepEqual([saved(), messages.get(2).change.code], [[1], "too_many_saved"])
})

Deno.test("a forwarded message of one's own shows the original's text until the server has it, and is not edited", () => {
  const messages = new Messages([own({ number: 1, sequence: 1 })], ME)
  const forward = { room: 3, number: 4, body: "theirs", html: "<p>theirs</p>" }
  messages.addPending({ client_id: "f", created: 1, room: 7, to: null, body: "", forward, state: "waiting" })
  const [{ body, html, forwarded }] = messages.pending
  assert.deepEqual([body, html, forwarded], ["theirs", "<p>theirs</p>", true])
  messages.settle({ client_id: "f", number: 2, sequence: 2 })
  assert.deepEqual([messages.get(2).body, messages.lastOwn.number], ["theirs", 1])
})

// Somebody changes their messages while others do, on a page and beside it: what the server has of two messages, the frames
// that tell it, and what became of the page's own changes.
class Site {
  sequence = 2
  stored = new Map([1, 2].map((number) => [number, own({ number, sequence: number })]))
  texts = new Map()
  frames = []
  answers = []

  // Returns whether it was taken. Nobody hears of a change that a later one of the same transaction has overtaken.
  change({ kind, number, body = "", emoji, on }, isOvertaken = false) {
    const before = this.stored.get(number)
    if (kind === "restore" ? !before.deleted_at : before.deleted_at) return false
    const people = before.reactions?.[emoji] ?? []
    if (kind === "react" && people.includes(ME.id) === on) return true
    if (kind === "pin" && Boolean(before.pinned_at) === on) return true
    this.sequence += 1
    const version = { ...before, sequence: this.sequence }
    if (kind === "edit") Object.assign(version, { body, html: "", edited_at: "now" })
    if (kind === "react") {
      const others = people.filter((id) => id !== ME.id)
      version.reactions = { ...before.reactions, [emoji]: on ? [...others, ME.id] : others }
    }
    if (kind === "pin") version.pinned_at = on ? "now" : undefined
    const { body: text, reactions, pinned_at } = before
    if (kind === "delete") this.texts.set(number, { body: text, reactions, pinned_at })
    const nothing = { body: "", html: "", reactions: {}, pinned_at: undefined, deleted_at: "now" }
    if (kind === "delete") Object.assign(version, nothing)
    if (kind === "restore") Object.assign(version, { ...this.texts.get(number), deleted_at: undefined })
    this.stored.set(number, version)
    if (!isOvertaken) this.frames.push(version)
    return true
  }
}

Deno.test("a page that has heard all shows what the server has, in whatever order acks, refusals and messages come", () => {
  using time = new FakeTime()
  for (let seed = 1; seed <= 400; seed++) {
    const below = random(seed)
    const site = new Site()
    const messages = new Messages([...site.stored.values()], ME)
    const told = []
    let isOvertaken = false
    for (let step = 0; step < 40; step++) {
      const kind = ["edit", "edit", "delete", "restore", "react", "react", "pin", "pin"][below(8)]
      const written = {
        kind,
        number: 1 + below(2),
        body: `text ${step}`,
        emoji: ["👍", "🎉"][below(2)],
        on: below(2) > 0,
      }
      const act = below(5)
      if (act < 2) {
        const entry = change(kind, { ...written, client_id: `c${step}`, sequence: 0 })
        messages.addChange(entry)
        isOvertaken = below(4) === 0
        const isTaken = site.change(written, isOvertaken)
        site.answers.push([entry, isTaken ? site.stored.get(written.number).sequence : null])
        if (isOvertaken && isTaken) site.change({ ...written, kind: "edit", body: `later ${step}` })
        if (isOvertaken && isTaken) site.frames.push({ ...site.stored.get(written.number) })
      } else if (act === 2) {
        site.change(written)
      } else if (act === 3 && site.frames.length) {
        told.push(site.frames.shift())
        messages.put(told.at(-1))
        // A replay may tell again what was told before.
        messages.put(told[below(told.length)])
      } else if (site.answers.length) {
        answer(messages, ...site.answers.shift())
      }
    }
    while (site.frames.length || site.answers.length) {
      if (site.frames.length && below(2)) messages.put(site.frames.shift())
      else if (site.answers.length) answer(messages, ...site.answers.shift())
    }
    time.pass(10_000)
    for (const [number, stored] of site.stored) assert.deepEqual(messages.get(number), stored, `seed ${seed}`)
    const pinned = [...site.stored.values()].filter((one) => one.pinned_at).map((one) => one.number)
    assert.deepEqual([...messages.pins].sort(), pinned, `seed ${seed}`)
  }
})

// What was refused is dropped, as its writer does.
function answer(messages, entry, sequence) {
  if (sequence) return messages.changeStored(entry.client_id, sequence)
  messages.addChange({ ...entry, state: "failed", code: "forbidden" })
  messages.dropChange(entry.client_id)
}
