// What a person's rooms look like now, made of summaries and frames. Hearing a frame twice changes nothing. The server
// names them with the newest message first, and they stay in that order.

// So many rooms a frame may name.
const MOST_NAMED = 2000

export class Rooms {
  // The one with the newest message is the last.
  #rooms = new Map()
  #me

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

  get(id) {
    return this.#rooms.get(id)
  }

  // The direct room with this person, if something was said in it.
  directWith(id) {
    return this.all.find((room) => room.other?.id === id)
  }

  cursors() {
    return cursorsOf(this.all.slice(0, MOST_NAMED))
  }

  // Of one room, if the person is in it.
  cursorOf(id) {
    return cursorsOf(this.all.filter((room) => room.id === id))
  }

  put(summary) {
    const known = this.#rooms.get(summary.id)
    this.#rooms.set(
      summary.id,
      counted({
        ...known,
        ...summary,
        cursor: known?.cursor ?? summary.sequence,
        message_count: Math.max(known?.message_count ?? 0, summary.message_count),
        read_number: Math.max(known?.read_number ?? 0, summary.read_number ?? 0),
      }),
    )
  }

  remove(id) {
    return this.#rooms.delete(id)
  }

  // A new connection: its rooms are the rooms. What was missed is only needed of the open one, whose messages are on
  // the page and whose cursor was said; of the others the counts say it all. A hello of very many rooms may leave the
  // open one out: if it is gone, the next frame says so.
  greet(summaries, openId) {
    const named = new Set(summaries.map((room) => room.id))
    for (const { id } of this.all) if (!named.has(id) && id !== openId) this.remove(id)
    for (const summary of [...summaries].reverse()) {
      this.put(summary)
      this.#lift(this.get(summary.id))
      if (summary.id !== openId) this.get(summary.id).cursor = summary.sequence
    }
  }

  // Returns false when something before this message has not come.
  heard({ room: id, after, sequence, message }) {
    const room = this.#rooms.get(id)
    if (!room) return true
    const follows = after <= room.cursor
    if (follows) room.cursor = Math.max(room.cursor, sequence)
    if (message.number > room.message_count) {
      room.message_count = message.number
      this.#lift(room)
    }
    if (message.sender?.id === this.#me.id) room.read_number = Math.max(room.read_number, message.number)
    counted(room)
    return follows
  }

  synced(sequences) {
    for (const [id, sequence] of Object.entries(sequences)) {
      const room = this.#rooms.get(Number(id))
      if (room) room.cursor = Math.max(room.cursor, sequence)
    }
  }

  read(id, number) {
    const room = this.#rooms.get(id)
    if (!room) return
    room.read_number = Math.max(room.read_number, number)
    counted(room)
  }

  #lift(room) {
    this.#rooms.delete(room.id)
    this.#rooms.set(room.id, room)
  }
}

function counted(room) {
  room.unread = Math.max(0, room.message_count - room.read_number)
  return room
}

const cursorsOf = (rooms) => Object.fromEntries(rooms.map((room) => [room.id, room.cursor]))
