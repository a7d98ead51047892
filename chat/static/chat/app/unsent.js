// Words that have not got out: shown in their room, whichever tab the server refused them in, and marked in the sidebar.

// What waits so long waits for more than its answer.
const LONG = 10_000

export class Unsent {
  #outbox
  #rooms
  #open
  #timeline
  #scroll
  #sidebar
  #leftovers
  #timer = 0

  constructor({ outbox, rooms, open, timeline, scroll, sidebar, leftovers }) {
    this.#outbox = outbox
    this.#rooms = rooms
    this.#open = open
    this.#timeline = timeline
    this.#scroll = scroll
    this.#sidebar = sidebar
    this.#leftovers = leftovers
    outbox.addEventListener("change", ({ detail }) => this.#change(detail))
    outbox.addEventListener("discard", ({ detail }) => this.#drop(detail))
    outbox.addEventListener("unstored", () => leftovers.warn())
  }

  async begin() {
    const all = await this.#outbox.all()
    this.#scroll.change(() => {
      for (const entry of all.filter(this.#open.holds)) {
        if (this.#timeline.has(entry.client_id)) this.#outbox.remove(entry.client_id)
        else this.#timeline.addPending(entry, this.#open.isMember)
      }
    })
    for (const entry of all) if (this.#isLeft(entry)) this.#leftovers.show(entry)
    this.#mark()
  }

  #change(entry) {
    if (entry?.state === "failed") this.#fail(entry, entry.code !== "not_a_member")
    else if (entry) this.#timeline.retry(entry.client_id)
    this.#mark()
  }

  #fail(entry, mayRetry) {
    if (this.#open.holds(entry)) this.#scroll.change(() => this.#timeline.addPending(entry, mayRetry))
    else if (!mayRetry || this.#isLeft(entry)) this.#leftovers.show(entry)
  }

  #drop(client_id) {
    this.#scroll.change(() => this.#timeline.dropPending(client_id))
    this.#leftovers.drop(client_id)
    this.#mark()
  }

  async #mark() {
    const unsent = await this.#outbox.all()
    const isStuck = ({ state, created }) => state === "failed" || Date.now() - created >= LONG
    this.#sidebar.markUnsent(new Set(unsent.filter(isStuck).map((entry) => this.#roomOf(entry))))
    clearTimeout(this.#timer)
    if (!unsent.every(isStuck)) this.#timer = setTimeout(() => this.#mark(), LONG)
  }

  #roomOf({ room, to }) {
    return (to ? this.#rooms.all.find(({ other }) => other?.nickname === to) : this.#rooms.get(room))?.id
  }

  // Refused by a room that is not in the sidebar, so that one can't go there, nor on this page.
  #isLeft(entry) {
    return entry.state === "failed" && !this.#roomOf(entry) && !this.#open.holds(entry)
  }
}
