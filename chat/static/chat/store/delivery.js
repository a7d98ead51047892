// Carries the outbox to the server: one message at a time and in order, until each has its answer.

/** @import { ClientFrame, Frame } from "../lib/frames.d.ts" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Entry, Line, Outcome } from "./types.d.ts" */

const ANSWER_WITHIN = 30_000
const LONGEST_PAUSE = 30_000
// A tab that sleeps, or hangs, keeps its lock. The server stores a message once, whoever sends it.
const LOCK_WITHIN = 5_000
const AFTER_A_FAULT = 5_000

export class Delivery {
  #outbox
  #connection
  #lock
  #tell
  #awaited = /** @type {{ client_id: string, resolve: (outcome: Outcome | null) => void } | null} */ (null)
  #running = false
  #again = false
  #refused = 0
  #isSlow = false

  /**
   * An entry that the server refuses is put back as failed.
   * @param {object} parts
   * @param {Outbox} parts.outbox
   * @param {Line} parts.connection
   * @param {string} parts.owner
   * @param {{ slowed: (isSlow: boolean) => void, fault: (error: unknown, about: string) => void }} parts.tell
   */
  constructor({ outbox, connection, owner, tell }) {
    this.#outbox = outbox
    this.#connection = connection
    this.#lock = `chatsite outbox of ${owner}`
    this.#tell = tell
  }

  async wake() {
    this.#again = true
    if (this.#running) return
    this.#running = true
    try {
      while (this.#again && this.#connection.ready) {
        this.#again = false
        while (this.#connection.ready && (await this.#alone(() => this.#deliverNext())));
      }
    } catch (error) {
      this.#tell.fault(error, "delivery")
      setTimeout(() => this.wake(), AFTER_A_FAULT)
    } finally {
      this.#running = false
    }
  }

  // An ack, an error or the message itself: whichever tells first what became of an entry.
  /** @param {string | undefined} client_id an error may have none @param {Outcome} frame */
  answer(client_id, frame) {
    if (this.#awaited && (client_id ?? this.#awaited.client_id) === this.#awaited.client_id)
      this.#awaited.resolve(frame)
    else if (client_id && frame.type === "ack") this.#heardLate(client_id, frame.sequence)
    else if (client_id && frame.type === "message") this.#outbox.remove(client_id)
  }

  lost() {
    this.#awaited?.resolve(null)
  }

  // One tab of a person at a time, as far as locks are granted.
  /** @param {() => Promise<boolean>} work */
  async #alone(work) {
    let working = /** @type {Promise<boolean> | null} */ (null)
    const begin = () => (working = work())
    for (const options of [{ signal: AbortSignal.timeout(LOCK_WITHIN) }, { steal: true }]) {
      try {
        return await navigator.locks.request(this.#lock, options, begin)
      } catch {
        // Another tab may have stolen the lock: what has begun is still to be ended.
        if (working) return working
      }
    }
    return begin()
  }

  // Returns whether there may be more to send.
  async #deliverNext() {
    const entry = await this.#outbox.next()
    if (!entry) return false
    const frame = await this.#ask(entry)
    if (frame?.type === "error") await this.#refuse(entry, frame)
    else if (frame) await this.#done(entry, frame.sequence)
    return true
  }

  /** @param {Entry} entry @param {number} sequence */
  async #done(entry, sequence) {
    this.#refused = 0
    this.#slow(false)
    if (entry.kind) await this.#outbox.stored(entry, sequence)
    else await this.#outbox.remove(entry.client_id)
  }

  /** @param {string} client_id @param {number} sequence */
  async #heardLate(client_id, sequence) {
    const entry = await this.#outbox.get(client_id)
    if (entry?.kind) await this.#outbox.stored(entry, sequence)
    else await this.#outbox.remove(client_id)
  }

  /** @param {Entry} entry @param {Frame<"error">} frame */
  async #refuse(entry, { code, params, detail, retry_after }) {
    if (code === "too_fast" || code === "unavailable") {
      this.#slow(true)
      const pause = retry_after === undefined ? 1000 * 2 ** this.#refused++ : retry_after * 1000
      await new Promise((resolve) => setTimeout(resolve, Math.min(pause, LONGEST_PAUSE)))
      return
    }
    await this.#outbox.put({ ...entry, state: "failed", code, params, detail })
  }

  /** @param {boolean} isSlow */
  #slow(isSlow) {
    if (this.#isSlow !== isSlow) this.#tell.slowed(isSlow)
    this.#isSlow = isSlow
  }

  // The server's answer, or null where none came: the connection was lost, or too much time has passed.
  /** @param {Entry} entry @returns {Promise<Outcome | null>} */
  async #ask(entry) {
    /** @type {Promise<Outcome | null>} */
    const answered = new Promise((resolve) => (this.#awaited = { client_id: entry.client_id, resolve }))
    const timer = setTimeout(() => this.lost(), ANSWER_WITHIN)
    if (!this.#connection.send(frameOf(entry))) this.lost()
    const frame = await answered
    clearTimeout(timer)
    this.#awaited = null
    return frame
  }
}

/** @param {Entry} entry @returns {ClientFrame} */
function frameOf(entry) {
  if (!entry.kind) {
    const { client_id, room, to, body, reply_to, forward } = entry
    const original = forward && { forward: { room: forward.room, number: forward.number } }
    return { type: "post", client_id, ...(to ? { to } : { room }), body, reply_to: reply_to || undefined, ...original }
  }
  const { kind, client_id, room, number, sequence, body, emoji = "", on = false } = entry
  if (kind === "edit") return { type: kind, client_id, room, number, sequence, body }
  if (kind === "react") return { type: kind, client_id, room, number, emoji, on }
  if (kind === "pin" || kind === "save") return { type: kind, client_id, room, number, on }
  return { type: kind, client_id, room, number }
}
