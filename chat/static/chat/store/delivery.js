// Carries the outbox to the server: one message at a time and in order, until each has its answer.

/** @import { Frame } from "../lib/frames.d.ts" */
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

  // An ack, an error or the message itself: whichever tells first what became of a post.
  /** @param {string | undefined} client_id an error may have none @param {Outcome} frame */
  answer(client_id, frame) {
    if (this.#awaited && (client_id ?? this.#awaited.client_id) === this.#awaited.client_id)
      this.#awaited.resolve(frame)
    else if (client_id && frame.type !== "error") this.#outbox.remove(client_id)
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
    else if (frame) await this.#done(entry)
    return true
  }

  /** @param {Entry} entry */
  async #done(entry) {
    this.#refused = 0
    this.#slow(false)
    await this.#outbox.remove(entry.client_id)
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
  async #ask({ client_id, room, to, body, reply_to }) {
    /** @type {Promise<Outcome | null>} */
    const answered = new Promise((resolve) => (this.#awaited = { client_id, resolve }))
    const timer = setTimeout(() => this.lost(), ANSWER_WITHIN)
    const place = to ? { to } : { room }
    const isSent = this.#connection.send({ type: "post", client_id, ...place, body, reply_to: reply_to || undefined })
    if (!isSent) this.lost()
    const frame = await answered
    clearTimeout(timer)
    this.#awaited = null
    return frame
  }
}
