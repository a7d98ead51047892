// The last message that the reader has seen is told to the server, and the timeline marks where the news begins.

/** @import { Frame, Message } from "../lib/frames.d.ts" */
/** @import { Messages } from "../store/messages.js" */
/** @import { Rooms } from "../store/rooms.js" */
/** @import { KnownRoom, Line } from "../store/types.d.ts" */
/** @import { Scroll } from "../views/timeline/scroll.js" */
/** @import { Timeline } from "../views/timeline/timeline.js" */

const PAUSE = 1000
// They lie over the messages: the list of rooms or of people on a narrow window, and the sheet of keys.
const COVERS = "dialog[open]"

export class Reading {
  // Whether what comes now was missed: the line was lost, and the server has not told all of it yet.
  isCatchingUp = false
  #connection
  #rooms
  #messages
  #timeline
  #scroll
  #room
  #onRead
  #known = 0
  #timer = 0

  /**
   * @param {object} parts
   * @param {Line} parts.connection
   * @param {Rooms} parts.rooms
   * @param {Messages} parts.messages
   * @param {Timeline} parts.timeline
   * @param {Scroll} parts.scroll
   * @param {() => KnownRoom | undefined} parts.room the open room's summary, if it has one by now
   * @param {() => void} parts.onRead
   * @param {AbortSignal} parts.signal
   */
  constructor({ connection, rooms, messages, timeline, scroll, room, onRead, signal }) {
    this.#connection = connection
    this.#rooms = rooms
    this.#messages = messages
    this.#timeline = timeline
    this.#scroll = scroll
    this.#room = room
    this.#onRead = onRead
    addEventListener("focus", () => this.look(), { signal })
    addEventListener("blur", () => this.#leave(), { signal })
    addEventListener("pagehide", () => this.#tell(), { signal })
    const turn = () => (this.#isLookedAt ? this.look() : this.#leave())
    document.addEventListener("visibilitychange", turn, { signal })
    for (const event of ["toggle", "close"]) document.addEventListener(event, turn, { signal, capture: true })
    signal.addEventListener("abort", () => this.#tell())
  }

  // The line before what was unread when the room was opened.
  begin() {
    const room = this.#room()
    if (room?.unread) this.#messages.markUnread(room.read_number + 1)
  }

  // On a new connection the server's count is the one that counts.
  /** @param {Frame<"hello">} frame */
  greeted({ rooms }) {
    this.#known = rooms.find((room) => room.id === this.#room()?.id)?.read_number ?? 0
  }

  // The server knows without being told: another tab has said so, or one has written.
  /** @param {number} number */
  heard(number) {
    this.#known = Math.max(this.#known, number)
  }

  /** @param {Message} message */
  arrived(message) {
    const isSeen = this.#isLookedAt && this.#scroll.isFollowing && !this.isCatchingUp
    if (!this.#messages.firstUnread && !isSeen) this.#messages.markUnread(message.number)
  }

  // The row where unread messages begin, if none of them has been read yet.
  get beginning() {
    const { firstUnread } = this.#messages
    return firstUnread > (this.#room()?.read_number ?? 0) ? this.#timeline.row(firstUnread) : null
  }

  wrote() {
    this.#messages.markUnread(0)
  }

  // Messages in sight are read while somebody looks at the page.
  look() {
    const room = this.#room()
    if (!room || !this.#isLookedAt) return
    const number = this.#seen
    if (number > room.read_number) {
      this.#rooms.read(room.id, number)
      this.#onRead()
    }
    if (!this.#timer) this.#tell()
  }

  // Below the last message there may be numbers for which the server has nothing any more.
  get #seen() {
    const number = this.#scroll.lastNumber
    return this.#timeline.isAtEnd && number >= this.#timeline.last ? this.#messages.last : number
  }

  #tell() {
    clearTimeout(this.#timer)
    this.#timer = 0
    const { id, read_number: number } = this.#room() ?? { id: 0, read_number: 0 }
    if (!id || number <= this.#known || !this.#connection.send({ type: "read", room: id, number })) return
    this.#known = number
    this.#timer = setTimeout(() => this.#tell(), PAUSE)
  }

  get #isLookedAt() {
    return !document.hidden && document.hasFocus() && this.#scroll.isShown && !document.querySelector(COVERS)
  }

  // The line has done its work once what stands below it is read; what comes while nobody looks gets a new one.
  #leave() {
    this.#tell()
    const { firstUnread } = this.#messages
    if (firstUnread && firstUnread <= (this.#room()?.read_number ?? 0)) this.#messages.markUnread(0)
  }
}
