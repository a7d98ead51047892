// What the reader has seen: told to the server, and marked in the timeline where the news begins.

const PAUSE = 1000

export class Reading {
  #connection
  #rooms
  #timeline
  #scroll
  #room
  #onRead
  #known = 0
  #timer = 0

  // `room()` is the open room's summary, if it has one by now.
  constructor({ connection, rooms, timeline, scroll, room, onRead }) {
    this.#connection = connection
    this.#rooms = rooms
    this.#timeline = timeline
    this.#scroll = scroll
    this.#room = room
    this.#onRead = onRead
    addEventListener("focus", () => this.look())
    addEventListener("blur", () => this.#leave())
    addEventListener("pagehide", () => this.#tell())
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#leave() : this.look()))
  }

  // The line before what was unread when the page was opened.
  begin() {
    const room = this.#room()
    if (room?.unread) this.#timeline.markUnread(room.read_number + 1)
  }

  // On a new connection the server's count is the one that counts.
  greeted({ rooms }) {
    this.#known = rooms.find((room) => room.id === this.#room()?.id)?.read_number ?? 0
  }

  // The server knows without being told: another tab has said so, or one has written.
  heard(number) {
    this.#known = Math.max(this.#known, number)
  }

  arrived(message) {
    if (!this.#timeline.firstUnread && !(this.#isLookedAt && this.#scroll.atEnd)) {
      this.#timeline.markUnread(message.number)
    }
  }

  // What comes while the page is hidden stays in sight from its first line on: what scrolls out above is not read.
  stay() {
    const news = this.#timeline.row(this.#timeline.firstUnread)
    if (document.hidden && news && this.#scroll.isAbove(news)) this.#scroll.toTop(news)
  }

  wrote() {
    this.#timeline.markUnread(0)
  }

  look() {
    const room = this.#room()
    const { last } = this.#timeline
    if (!room || !this.#isLookedAt || !this.#scroll.atEnd || last < room.message_count) return
    if (last > room.read_number) {
      this.#rooms.read(room.id, last)
      this.#onRead()
    }
    if (!this.#timer) this.#tell()
  }

  #tell() {
    clearTimeout(this.#timer)
    this.#timer = 0
    const { id, read_number: number } = this.#room() ?? {}
    if (!id || number <= this.#known || !this.#connection.send({ type: "read", room: id, number })) return
    this.#known = number
    this.#timer = setTimeout(() => this.#tell(), PAUSE)
  }

  get #isLookedAt() {
    return !document.hidden && document.hasFocus()
  }

  // The line has done its work once what stands below it is read; what comes while nobody looks gets a new one.
  #leave() {
    this.#tell()
    const { firstUnread } = this.#timeline
    if (firstUnread && firstUnread <= (this.#room()?.read_number ?? 0)) this.#timeline.markUnread(0)
  }
}
