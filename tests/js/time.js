// Time that passes when a test says so: takes the place of the timers and of `Date.now`.

export class FakeTime {
  #kept = { setTimeout, clearTimeout, setInterval, clearInterval, now: Date.now }
  #timers = new Map()
  #made = 0
  now = 0

  constructor() {
    globalThis.setTimeout = (call, delay) => this.#add(call, delay)
    globalThis.setInterval = (call, every) => this.#add(call, every, every)
    globalThis.clearTimeout = globalThis.clearInterval = (id) => this.#timers.delete(id)
    Date.now = () => this.now
  }

  pass(milliseconds) {
    const end = this.now + milliseconds
    for (let next = this.#next(end); next; next = this.#next(end)) this.#run(next)
    this.now = end
  }

  [Symbol.dispose]() {
    const { now, ...timers } = this.#kept
    Object.assign(globalThis, timers)
    Date.now = now
  }

  #add(call, delay, every = null) {
    const id = ++this.#made
    this.#timers.set(id, { id, call, at: this.now + delay, every })
    return id
  }

  #next(end) {
    const due = [...this.#timers.values()].filter(({ at }) => at <= end)
    return due.sort((one, other) => one.at - other.at || one.id - other.id)[0]
  }

  #run(timer) {
    this.now = timer.at
    if (timer.every) timer.at += timer.every
    else this.#timers.delete(timer.id)
    timer.call()
  }
}
