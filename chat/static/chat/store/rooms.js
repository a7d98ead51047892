// A person's rooms as they are now, made of summaries and frames. Hearing a frame twice changes nothing. The server
// names them with the newest message first, and they stay in that order.

import { names } from "./messages.js"

/** @import { Cursors, Frame, Person, RoomSummary } from "../lib/frames.d.ts" */
/** @import { KnownRoom } from "./types.d.ts" */

// So many rooms a frame may name.
const MOST_NAMED = 2000

export class Rooms {
  // The one with the newest message is the last.
  #rooms = /** @type {Map<number, KnownRoom>} */ (new Map())
  #me

  /** @param {RoomSummary[]} summaries @param {Pick<Person, "id">} me */
  constructor(summaries, me) {
    this.#me = me
    for (const summary of [...summaries].reverse()) this.put(summary)
  }

  // The one with the newest message is the first. A room that the person has just come into counts as such.
  get all() {
    return [...this.#rooms.values()].reverse()
  }

  get unread() {
    return this.all.reduce((total, room) => total + room.unread, 0)
  }

  /** @param {number | null} id */
  get(id) {
    return id === null ? undefined : this.#rooms.get(id)
  }

  // The direct room with this person, if something was said in it.
  /** @param {number} id */
  directWith(id) {
    return this.all.find((room) => room.other?.id === id)
  }

  cursors() {
    return cursorsOf(this.all.slice(0, MOST_NAMED))
  }

  // Of one room, if the person is in it.
  /** @param {number | null} id */
  cursorOf(id) {
    return cursorsOf(this.all.filter((room) => room.id === id))
  }

  /** @param {RoomSummary} summary */
  put(summary) {
    const known = this.#rooms.get(summary.id)
    const room = counted({
      ...known,
      ...summary,
      cursor: known?.cursor ?? summary.sequence,
      message_count: Math.max(known?.message_count ?? 0, summary.message_count),
      read_number: Math.max(known?.read_number ?? 0, summary.read_number ?? 0),
      unread: 0,
      mentioned: summary.mentioned ?? known?.mentioned ?? [],
    })
    this.#rooms.set(summary.id, room)
    return room
  }

  /** @param {number} id */
  remove(id) {
    return this.#rooms.delete(id)
  }

  // A new connection: its rooms are the rooms. What was missed is only needed of the open one, whose messages are on
  // the page and whose cursor was said; of the others the counts say it all. A hello of very many rooms may leave the
  // open one out: if it is gone, the next frame says so.
  /** @param {RoomSummary[]} summaries @param {number | null} openId */
  greet(summaries, openId) {
    const named = new Set(summaries.map((room) => room.id))
    for (const { id } of this.all) if (!named.has(id) && id !== openId) this.remove(id)
    for (const summary of [...summaries].reverse()) {
      const room = this.put({ mentioned: [], ...summary })
      this.#lift(room)
      if (room.id !== openId) room.cursor = summary.sequence
    }
  }

  // Returns false when something before this message has not come.
  /** @param {Frame<"message">} frame */
  heard({ room: id, after, sequence, message }) {
    const room = this.#rooms.get(id)
    if (!room) return true
    const follows = after <= room.cursor
    if (follows) room.cursor = Math.max(room.cursor, sequence)
    if (message.number > room.message_count) {
      room.message_count = message.number
      this.#lift(room)
    }
    room.mentioned = room.mentioned.filter((number) => number !== message.number)
    if (names(message, this.#me.id)) room.mentioned.push(message.number)
    if (message.sender?.id === this.#me.id) room.read_number = Math.max(room.read_number, message.number)
    counted(room)
    return follows
  }

  /** @param {Cursors} sequences */
  synced(sequences) {
    for (const [id, sequence] of Object.entries(sequences)) {
      const room = this.#rooms.get(Number(id))
      if (room) room.cursor = Math.max(room.cursor, sequence)
    }
  }

  /** @param {number} id @param {number} number */
  read(id, number) {
    const room = this.#rooms.get(id)
    if (!room) return
    room.read_number = Math.max(room.read_number, number)
    counted(room)
  }

  /** @param {KnownRoom} room */
  #lift(room) {
    this.#rooms.delete(room.id)
    this.#rooms.set(room.id, room)
  }
}

/** @param {KnownRoom} room */
function counted(room) {
  room.unread = Math.max(0, room.message_count - room.read_number)
  room.mentioned = room.mentioned.filter((number) => number > room.read_number)
  return room
}

/** @param {KnownRoom[]} rooms @returns {Cursors} */
const cursorsOf = (rooms) => Object.fromEntries(rooms.map((room) => [room.id, room.cursor]))
