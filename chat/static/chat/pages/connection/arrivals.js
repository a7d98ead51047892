// When each trial message came by one transport.

/** @import { Waiter } from "./types.d.ts" */

export class Arrivals {
  #times = /** @type {Map<number, number>} */ (new Map())
  #waiting = /** @type {Map<number, Waiter<number>>} */ (new Map())
  #failure = /** @type {Error | null} */ (null)
  last = 0

  /** @param {number} number */
  heard(number) {
    this.last = Math.max(this.last, number)
    if (this.#times.has(number)) return
    const now = performance.now()
    this.#times.set(number, now)
    this.#waiting.get(number)?.resolve(now)
  }

  // The time at which it came, or comes. Rejects when the transport breaks meanwhile.
  /** @param {number} number @returns {Promise<number>} */
  when(number) {
    const time = this.#times.get(number)
    if (time !== undefined) return Promise.resolve(time)
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }))
  }

  /** @param {Error} failure */
  fail(failure) {
    this.#failure ??= failure
    for (const { reject } of this.#waiting.values()) reject(failure)
  }
}
