// Whether a line lives: the server is asked at each beat, and a line on which then nothing is heard in time is dead.

export class Heartbeat {
  #onBeat
  #onDeath
  #beat = 0
  #deadline = 0
  #until = 0

  /** @param {{ onBeat: () => void, onDeath: () => void }} tell */
  constructor({ onBeat, onDeath }) {
    this.#onBeat = onBeat
    this.#onDeath = onDeath
  }

  /** @param {number} every in milliseconds */
  start(every) {
    this.#beat = setInterval(this.#onBeat, every)
  }

  // An earlier deadline stays.
  /** @param {number} within in milliseconds */
  expect(within) {
    const until = Date.now() + within
    if (this.#deadline && this.#until <= until) return
    clearTimeout(this.#deadline)
    this.#until = until
    this.#deadline = setTimeout(this.#onDeath, within)
  }

  heard() {
    clearTimeout(this.#deadline)
    this.#deadline = 0
  }

  stop() {
    clearInterval(this.#beat)
    this.heard()
  }
}
