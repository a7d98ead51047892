// The messages of one room: a window [first..last] of its numbers without a gap, then one's own that are not sent yet.
// Says "change" after each change, and tells all that it hears by "message" and "renamed": a thread goes beyond the window.

/** @import { Frame, Message, Person, Reactions } from "../lib/frames.d.ts" */
/** @import { Change, Pending, Placed, Post, ShownChange } from "./types.d.ts" */

// In the longest window. A message takes about 1 KB.
const MOST = 10_000
// In milliseconds: a second less than the server takes it, for the way there.
const UNDO_WITHIN = 9_000
// Changes that are seen at once and need no word about being on their way.
const QUIET = ["react", "pin", "save"]

// Whether a message names this person, or everybody in the room.
/** @param {Pick<Message, "mentions" | "everyone" | "sender">} message @param {number} id */
export const names = ({ mentions, everyone, sender }, id) =>
  Boolean(mentions?.includes(id) || (everyone && sender?.id !== id))

export class Messages extends EventTarget {
  first = 0
  last = 0
  firstUnread = 0
  // The numbers of the room's pinned messages, also of those outside the window.
  pins
  #me
  // The numbers of those that one has saved for later, and how many times they have changed.
  #saved
  timesSaved = 0
  // In the order of their numbers.
  #window = /** @type {Placed[]} */ ([])
  #byNumber = /** @type {Map<number, Placed>} */ (new Map())
  // By client_id, in the order of writing. Each looks like a message, and has the `state` of its entry in the outbox.
  #pending = /** @type {Map<string, Pending>} */ (new Map())
  // One's own changes by the number of their message, in the order of writing: until they are stored, and a deletion as
  // long as it can be undone.
  #changes = /** @type {Map<number, ShownChange[]>} */ (new Map())
  // The server's versions of the messages that have such changes.
  #unchanged = /** @type {Map<number, Placed>} */ (new Map())
  // Numbers for which the server has nothing any more: where a range begins, and where it ends.
  #gone = /** @type {Map<number, number>} */ (new Map())
  // Messages outside the window to which messages inside it reply; null where the server has none of that number.
  #originals = /** @type {Map<number, Message | null>} */ (new Map())

  /** @param {Message[]} messages @param {Person} me @param {{ pins?: number[], saved?: number[] }} [kept] */
  constructor(messages, me, { pins = [], saved = [] } = {}) {
    super()
    this.#me = me
    this.pins = new Set(pins)
    this.#saved = new Set(saved)
    for (const message of messages) this.#append(message)
    this.first = messages.at(0)?.number ?? 0
  }

  get size() {
    return this.#window.length
  }

  get pending() {
    return [...this.#pending.values()]
  }

  /** @param {number} number */
  get(number) {
    return this.#byNumber.get(number)
  }

  // Whether one's own message of this client_id is in the window.
  /** @param {string} client_id */
  has(client_id) {
    return this.#window.some((message) => message.client_id === client_id && message.sender?.id === this.#me.id)
  }

  // At most this many messages up to a number, or from a number on.
  /** @param {number} number @param {number} limit */
  upTo(number, limit) {
    const end = this.#indexFrom(number + 1)
    return this.#window.slice(Math.max(0, end - limit), end)
  }

  /** @param {number} number @param {number} limit */
  from(number, limit) {
    const start = this.#indexFrom(number)
    return this.#window.slice(start, start + limit)
  }

  /** @param {number} first @param {number} last */
  between(first, last) {
    return this.#window.slice(this.#indexFrom(first), this.#indexFrom(last + 1))
  }

  // A message that is new or has changed. One that the window does not reach is not kept.
  /** @param {Message} message */
  put(message) {
    this.dispatchEvent(new CustomEvent("message", { detail: message }))
    const isListed = this.#list(message)
    if (this.#put(message) || isListed) this.#changed()
  }

  // One has saved a message for later, or removed it, here or elsewhere.
  /** @param {number} number @param {boolean} on */
  setSaved(number, on) {
    this.timesSaved += 1
    if (on) this.#saved.add(number)
    else this.#saved.delete(number)
    const message = this.get(number)
    if (message) this.#replace(this.#unchanged.get(number) ?? message)
    this.#changed()
  }

  // All that are saved, as the server has them.
  /** @param {number[]} numbers */
  learnSaved(numbers) {
    for (const number of this.#saved) if (!numbers.includes(number)) this.setSaved(number, false)
    for (const number of numbers) this.setSaved(number, true)
  }

  // A page of history, on whichever side of the window it lies. The window passes over what is gone.
  /** @param {Message[]} messages @param {[number, number][]} gone */
  load(messages, gone = []) {
    for (const [from, to] of gone) this.#gone.set(from, to)
    this.#pass()
    for (const message of messages.toReversed()) if (message.number === this.first - 1) this.#prepend(message)
    for (const message of messages) this.#put(message)
    this.#changed()
  }

  // A message outside the window; nothing where the server has none of that number.
  /** @param {number} number @param {Message | undefined} message */
  learn(number, message) {
    this.#originals.set(number, message ?? null)
    this.#changed()
  }

  // Returns the message of that number, null where there is none, undefined where nothing is known of it.
  /** @param {number} number */
  original(number) {
    return this.#byNumber.get(number) ?? this.#originals.get(number)
  }

  // Somebody is called otherwise now.
  /** @param {Person} person */
  rename(person) {
    /** @param {Message} message */
    const renamed = (message) => ({ ...message, sender: { ...message.sender, ...person } })
    for (const message of [...this.#window])
      if (message.sender?.id === person.id) this.#replace(renamed(this.#unchanged.get(message.number) ?? message))
    for (const [number, message] of this.#originals)
      if (message?.sender?.id === person.id) this.#originals.set(number, renamed(message))
    this.dispatchEvent(new CustomEvent("renamed", { detail: person }))
    this.#changed()
  }

  // Gives up messages at the end of the window that is further from the range. They can be loaded again.
  /** @param {number} first @param {number} last */
  trim(first, last, most = MOST) {
    const over = this.size - most
    if (over <= 0) return
    const isAbove = this.#indexFrom(first) >= this.size - this.#indexFrom(last + 1)
    const given = isAbove ? this.#window.splice(0, over) : this.#window.splice(-over)
    for (const { number } of given) this.#byNumber.delete(number)
    this.first = this.#window[0].number
    this.last = this.#window[this.size - 1].number
  }

  /** @param {number} number */
  markUnread(number) {
    if (this.firstUnread === number) return
    this.firstUnread = number
    this.#changed()
  }

  // One's own on their way.

  // One's own last message that can be edited; nothing where the window has none.
  get lastOwn() {
    return this.#window.findLast(({ sender, deleted_at, forwarded }) =>
      sender?.id === this.#me.id && !deleted_at && !forwarded
    )
  }

  /** @param {Post & { mayRetry?: boolean }} entry */
  addPending({ created, forward, ...entry }) {
    const sent_at = new Date(created).toISOString()
    const text = forward && { body: forward.body, html: forward.html, forwarded: true }
    this.#pending.set(entry.client_id, { ...entry, ...text, sender: this.#me, sent_at })
    this.#changed()
  }

  // The server has it. It goes to its place when everything before it is here, which may be now.
  /** @param {Pick<Frame<"ack">, "client_id" | "number" | "sequence">} ack */
  settle({ client_id, number, sequence }) {
    const message = this.#pending.get(client_id)
    if (!message) return
    if (this.get(number)) this.#pending.delete(client_id)
    else if (number === this.last + 1) this.#put({ ...message, number, sequence, state: undefined })
    else this.#pending.set(client_id, { ...message, state: "sent" })
    this.#changed()
  }

  /** @param {string} client_id */
  retry(client_id) {
    const message = this.#pending.get(client_id)
    if (!message) return
    this.#pending.set(client_id, { ...message, state: "waiting" })
    this.#changed()
  }

  /** @param {string} client_id */
  dropPending(client_id) {
    if (this.#pending.delete(client_id)) this.#changed()
  }

  // One's own changes on their way.

  // A change that is new, or was refused.
  /** @param {Change} change */
  addChange(change) {
    const others = this.#changes.get(change.number)?.filter(({ client_id }) => client_id !== change.client_id)
    this.#setChanges(change.number, [...others ?? [], change])
  }

  // The server has a change: it has led to this sequence, with which the message itself may come only later.
  /** @param {string} client_id @param {number} sequence */
  changeStored(client_id, sequence) {
    const change = this.#changeOf(client_id)
    if (!change) return
    const { number, kind, on = false } = change
    // No change of the message: nothing will come of it.
    if (kind === "save") {
      this.dropChange(client_id)
      return this.setSaved(number, on)
    }
    const others = this.#changes.get(number)?.filter((one) => one !== change) ?? []
    const before = kind === "restore" ? others.filter((one) => one.kind !== "delete") : others
    this.#setChanges(number, [...before, { ...change, state: "stored", sequence }])
    if (kind === "delete") setTimeout(() => this.dropChange(client_id), UNDO_WITHIN)
  }

  /** @param {string} client_id */
  dropChange(client_id) {
    const change = this.#changeOf(client_id)
    if (!change) return
    this.#setChanges(change.number, this.#changes.get(change.number)?.filter((one) => one !== change) ?? [])
  }

  /** @param {string} client_id */
  #changeOf(client_id) {
    return [...this.#changes.values()].flat().find((change) => change.client_id === client_id)
  }

  /** @param {number} number @param {ShownChange[]} changes */
  #setChanges(number, changes) {
    this.#changes.set(number, changes)
    const message = this.get(number)
    if (message) this.#replace(this.#unchanged.get(number) ?? message)
    this.#changed()
  }

  // A message of the server's as it is shown: with one's own changes of it. What is stored in it already is forgotten.
  /** @param {Placed} message @returns {Placed} */
  withChanges(message) {
    const known = this.#changes.get(message.number)
    if (!known) return message
    const changes = known.filter((change) => change.kind === "delete" || !isIn(change, message))
    if (!changes.length) {
      this.#changes.delete(message.number)
      this.#unchanged.delete(message.number)
      return message
    }
    this.#changes.set(message.number, changes)
    this.#unchanged.set(message.number, message)
    const shown = changes.reduce((version, change) => changed(version, change, message, this.#me.id), message)
    const told = changes.filter(({ kind, state }) => !QUIET.includes(kind) || state === "failed")
    return { ...shown, change: told.findLast(({ state }) => state === "failed") ?? told.at(-1) }
  }

  #changed() {
    this.dispatchEvent(new Event("change"))
  }

  // Returns whether it has become one of the pinned ones, or none any more.
  /** @param {Message} message */
  #list({ number, sequence = 0, pinned_at }) {
    if (Boolean(pinned_at) === this.pins.has(number) || sequence < (this.get(number)?.sequence ?? 0)) return false
    if (pinned_at) this.pins.add(number)
    else this.pins.delete(number)
    return true
  }

  // Returns whether anything has changed.
  /** @param {Placed} message */
  #put(message) {
    const { number, sequence = 0, sender, client_id } = message
    const isOriginal = this.#originals.has(number)
    if (isOriginal) this.#originals.set(number, message)
    if (number > this.last + 1 || number < this.first) return isOriginal
    const wasPending = sender?.id === this.#me.id && this.#pending.delete(client_id)
    const known = this.get(number)
    if (!known) this.#append(message)
    else if (sequence >= (known.sequence ?? 0)) this.#replace(message)
    else return wasPending
    return true
  }

  /** @param {Placed} message */
  #append(message) {
    this.#window.push(this.#keep(message))
    this.first ||= message.number
    this.last = message.number
    this.#pass()
  }

  /** @param {Placed} message */
  #prepend(message) {
    this.#window.unshift(this.#keep(message))
    this.first = message.number
    this.#pass()
  }

  /** @param {Placed} message */
  #replace(message) {
    this.#window[this.#indexFrom(message.number)] = this.#keep(message)
  }

  /** @param {Placed} message */
  #keep(message) {
    const saved = this.#saved.has(message.number)
    const shown = this.withChanges(saved === Boolean(message.saved) ? message : { ...message, saved })
    this.#byNumber.set(message.number, shown)
    return shown
  }

  #pass() {
    /** @param {number} number */
    const rangeOf = (number) => [...this.#gone].find(([from, to]) => from <= number && number <= to)
    for (let range; (range = rangeOf(this.first - 1));) this.first = range[0]
    for (let range; (range = rangeOf(this.last + 1));) this.last = range[1]
    if (this.last) this.first ||= 1
  }

  // The place of the first message in the window whose number is at least this one. By halves: each draw asks.
  /** @param {number} number */
  #indexFrom(number) {
    let [low, high] = [0, this.#window.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#window[middle].number < number) low = middle + 1
      else high = middle
    }
    return low
  }
}

// Whether the server's version has this change already.
/** @param {ShownChange} change @param {Placed} message */
const isIn = ({ state, sequence }, message) => state === "stored" && sequence <= (message.sequence ?? 0)

// A version of a message after a change of it by `me`. `stored` is what the server has.
/** @param {Placed} version @param {ShownChange} change @param {Placed} stored @param {number} me @returns {Placed} */
function changed(version, change, stored, me) {
  const { kind, state, body, created, sequence, on } = change
  if (state === "failed" || isIn(change, stored)) return version
  const after = state === "stored" ? { ...version, sequence } : { ...version }
  if (kind === "react") return { ...after, reactions: withReaction(after.reactions, change, me) }
  if (kind === "save") return { ...after, saved: Boolean(on) }
  const now = new Date(created).toISOString()
  if (kind === "pin") return { ...after, pinned_at: on ? version.pinned_at ?? now : undefined }
  if (kind === "edit") return { ...after, body, html: undefined, edited_at: now }
  if (kind === "delete") return { ...after, deleted_at: now }
  // The text of a message that the server has deleted comes from the server.
  return stored.deleted_at ? after : { ...after, deleted_at: undefined }
}

/** @param {Reactions | undefined} reactions @param {ShownChange} change @param {number} me */
function withReaction(reactions = {}, { emoji = "", on }, me) {
  const others = (reactions[emoji] ?? []).filter((id) => id !== me)
  if (on) return reactions[emoji]?.includes(me) ? reactions : { ...reactions, [emoji]: [...others, me] }
  return Object.fromEntries(
    Object.entries({ ...reactions, [emoji]: others }).filter(([, people]) => people.length),
  )
}
