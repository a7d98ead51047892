// Words and changes that have not got out: shown in their room, whichever tab the server refused them in, and marked in
// the sidebar.

/** @import { Change, Entry, Post } from "../store/types.d.ts" */
/** @import { OpenRoom, OpenSession } from "./types.d.ts" */

// A message that waits so long waits for more than its answer.
const LONG = 10_000

export class Unsent {
  #session
  #timer = 0

  /** @param {OpenSession} session */
  constructor(session) {
    this.#session = session
    const { outbox, leftovers } = session
    outbox.addEventListener(
      "change",
      (/** @type {CustomEventInit<Entry>} */ { detail }) => this.#change(detail),
    )
    outbox.addEventListener("discard", (/** @type {CustomEventInit<string>} */ { detail = "" }) => this.#drop(detail))
    outbox.addEventListener(
      "stored",
      (/** @type {CustomEventInit<{ client_id: string, sequence: number }>} */ { detail }) =>
        detail && session.room.messages.changeStored(detail.client_id, detail.sequence),
    )
    outbox.addEventListener("unstored", () => leftovers.warn())
  }

  // A room that was just opened gets its own.
  /** @param {OpenRoom} room */
  async show(room) {
    const { outbox, leftovers } = this.#session
    const all = await outbox.all()
    if (room !== this.#session.room) return
    for (const entry of all) {
      if (!room.holds(entry)) continue
      if (entry.kind) this.#showChange(entry)
      else if (room.messages.has(entry.client_id)) outbox.remove(entry.client_id)
      else room.messages.addPending({ ...entry, mayRetry: room.isMember })
    }
    for (const entry of all) if (this.#isLeft(entry)) leftovers.show(entry)
    this.#mark()
  }

  /** @param {Entry} [entry] */
  #change(entry) {
    if (entry?.kind) entry.state === "failed" && this.#showChange(entry)
    else if (entry?.state === "failed") this.#fail(entry, entry.code !== "not_a_member")
    else if (entry) this.#session.room.messages.retry(entry.client_id)
    this.#mark()
  }

  // At its message. A refused one whose message is not on the page is shown above all; its room is marked where there is
  // one to go to.
  /** @param {Change} entry */
  #showChange(entry) {
    const { room, leftovers, outbox } = this.#session
    const isHere = room.holds(entry)
    if (isHere && (entry.state !== "failed" || room.messages.get(entry.number))) room.messages.addChange(entry)
    else if (entry.kind !== "edit") outbox.discard(entry.client_id)
    else if (isHere || this.#isLeft(entry)) leftovers.show(entry)
  }

  /** @param {Post} entry @param {boolean} mayRetry */
  #fail(entry, mayRetry) {
    const { room, leftovers } = this.#session
    if (room.holds(entry)) room.messages.addPending({ ...entry, mayRetry })
    else if (!mayRetry || this.#isLeft(entry)) leftovers.show(entry)
  }

  /** @param {string} client_id */
  #drop(client_id) {
    this.#session.room.messages.dropPending(client_id)
    this.#session.room.messages.dropChange(client_id)
    this.#session.leftovers.drop(client_id)
    this.#mark()
  }

  async #mark() {
    const unsent = await this.#session.outbox.all()
    /** @param {Entry} entry */
    const isStuck = ({ state, created }) => state === "failed" || Date.now() - created >= LONG
    const stuck = unsent.filter(isStuck).flatMap((entry) => this.#roomOf(entry) ?? [])
    this.#session.sidebar.markUnsent(new Set(stuck))
    clearTimeout(this.#timer)
    if (!unsent.every(isStuck)) this.#timer = setTimeout(() => this.#mark(), LONG)
  }

  /** @param {Entry} entry */
  #roomOf({ room, to }) {
    const { rooms } = this.#session
    return (to ? rooms.all.find(({ other }) => other?.nickname === to) : rooms.get(room))?.id
  }

  // Refused by a room that is not in the sidebar, so that one can't go there, nor the open one.
  /** @param {Entry} entry */
  #isLeft(entry) {
    return entry.state === "failed" && !this.#roomOf(entry) && !this.#session.room.holds(entry)
  }
}
