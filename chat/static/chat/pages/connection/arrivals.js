// When each trial message came by one transport.

export class Arrivals {
  #times = new Map()
  #waiting = new Map()
  #failure = null
  last = 0

  heard(number) {
    this.last = Math.max(this.last, number)
    if (this.#times.has(number)) return
    this.#times.set(number, performance.now())
    this.#waiting.get(number)?.resolve(this.#times.get(number))
  }

  // The time at which it came, or comes. Rejects when the transport breaks meanwhile.
  when(number) {
    if (this.#times.has(number)) return Promise.resolve(this.#times.get(number))
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }))
  }

  fail(failure) {
    this.#failure ??= failure
    for (const { reject } of this.#waiting.values()) reject(failure)
  }
}
