// The messages of one thread, of which the room's window may have some: the first one and all replies, without a gap from
// the first that is loaded. Says "change" after each change.

/** @import { Frame, Message, Person } from "../lib/frames.d.ts" */
/** @import { Messages } from "./messages.js" */
/** @import { Drawn, Placed } from "./types.d.ts" */

/** @implements {Drawn} */
export class Thread extends EventTarget {
  // The number of the message with which it begins.
  root
  firstUnread = 0
  // Whether there are earlier replies that are not loaded.
  hasMore = true
  #room
  #me
  // As the server has them, by their numbers.
  #known = /** @type {Map<number, Message>} */ (new Map())
  #numbers = /** @type {number[]} */ ([])
  #isLoaded = false
  // Heard before the end of the thread was loaded.
  #early = /** @type {Message[]} */ ([])

  /** @param {number} root @param {Messages} room @param {Person} me @param {AbortSignal} signal */
  constructor(root, room, me, signal) {
    super()
    this.root = root
    this.#room = room
    this.#me = me
    room.addEventListener("message", (event) => this.#hear(detailOf(event)), { signal })
    room.addEventListener("renamed", (event) => this.#rename(detailOf(event)), { signal })
    room.addEventListener("change", () => this.#changed(), { signal })
  }

  get first() {
    return this.#numbers[0] ?? 0
  }

  get last() {
    return this.#all.at(-1) ?? 0
  }

  // One's own on their way that reply to one of these.
  get pending() {
    const numbers = new Set([this.root, ...this.#all])
    return this.#room.pending.filter(({ reply_to }) => reply_to && numbers.has(reply_to))
  }

  // One's own last message that can be edited.
  get lastOwn() {
    return this.from(0, Infinity).findLast(({ sender, deleted_at }) => sender?.id === this.#me.id && !deleted_at)
  }

  // The window hears of a message as soon as this does, and of its own changes earlier.
  /** @param {number} number @returns {Placed | undefined} */
  get(number) {
    const [known, drawn] = [this.#known.get(number), this.#room.get(number)]
    if (drawn && (drawn.sequence ?? 0) >= (known?.sequence ?? 0)) return drawn
    return known && this.#room.withChanges(known)
  }

  /** @param {number} number @param {number} limit */
  upTo(number, limit) {
    return this.#shown((one) => one <= number).slice(-limit)
  }

  /** @param {number} number @param {number} limit */
  from(number, limit) {
    return this.#shown((one) => one >= number).slice(0, limit)
  }

  /** @param {number} first @param {number} last */
  between(first, last) {
    return this.#shown((one) => first <= one && one <= last)
  }

  /** @param {number} number */
  original(number) {
    return this.get(number) ?? this.#room.original(number)
  }

  /** @param {string} client_id */
  retry(client_id) {
    this.#room.retry(client_id)
  }

  // A page of its history.
  /** @param {Pick<Frame<"history">, "messages" | "more">} page */
  load({ messages, more }) {
    for (const message of messages) this.#put(message)
    this.hasMore = more
    this.#isLoaded = true
    for (const message of this.#early.splice(0)) this.#hear(message)
    this.#changed()
  }

  /** @param {Message} message */
  #hear(message) {
    const { number, thread } = message
    if (number !== this.root && thread !== this.root) return
    if (!this.#isLoaded) this.#early.push(message)
    else if (this.#known.has(number) || !this.hasMore || number > this.first) this.#put(message)
  }

  /** @param {Message} message */
  #put(message) {
    const { number, sequence = 0 } = message
    const known = this.#known.get(number)
    if (known && (known.sequence ?? 0) > sequence) return
    this.#known.set(number, message)
    if (!known) this.#numbers = [...this.#numbers, number].sort((one, other) => one - other)
  }

  // The server's messages of it, and one's own that it has acknowledged already.
  get #all() {
    const last = this.#numbers.at(-1) ?? this.root
    const own = []
    for (const { number, sender, reply_to } of this.#isLoaded ? this.#room.from(last + 1, Infinity) : [])
      if (sender?.id === this.#me.id && reply_to && (reply_to === this.root || this.#known.has(reply_to)))
        own.push(number)
    return own.length ? [...this.#numbers, ...own] : this.#numbers
  }

  /** @param {(number: number) => boolean} isMeant */
  #shown(isMeant) {
    return this.#all.filter(isMeant).map((number) => this.get(number)).filter((message) => message !== undefined)
  }

  /** @param {Person} person */
  #rename(person) {
    for (const [number, message] of this.#known)
      if (message.sender?.id === person.id)
        this.#known.set(number, { ...message, sender: { ...message.sender, ...person } })
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new Event("change"))
  }
}

/** @param {Event} event */
const detailOf = (event) => /** @type {CustomEvent} */ (event).detail
