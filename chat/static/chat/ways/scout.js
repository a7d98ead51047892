// Tries ways in the background, while another one carries the talk. The first that lets the server's hello through is
// taken; where none does, they are tried again later, and rarer each time.

const FIRST_PAUSE = 60_000
const LONGEST_PAUSE = 600_000

export class Scout {
  #make
  #within
  #better
  #onHello
  #way = null
  #timer = 0
  #pause = FIRST_PAUSE

  // `make(name)` gives a way and `better()` names those worth trying; a hello must come `within` so many milliseconds.
  // `onHello(way, text)` takes over a way that works, with what it has said so far.
  constructor({ make, within, better, onHello }) {
    this.#make = make
    this.#within = within
    this.#better = better
    this.#onHello = onHello
  }

  later() {
    if (this.#timer || !this.#better().length) return
    // Not all pages behind one proxy at the same moment.
    this.#timer = setTimeout(() => this.begin(this.#better()), this.#pause * (0.5 + Math.random()))
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2)
  }

  begin([name, ...others]) {
    this.stop()
    if (!name) return this.later()
    const way = (this.#way = this.#make(name))
    way.onText = (text) => {
      this.#way = null
      this.stop()
      this.#onHello(way, text)
    }
    way.onEnd = () => this.begin(others)
    this.#timer = setTimeout(way.onEnd, this.#within)
    way.open()
  }

  stop() {
    clearTimeout(this.#timer)
    this.#timer = 0
    this.#way?.close()
    this.#way = null
  }

  // What is in use is good, or the network is another one: the next time counts as the first.
  forget() {
    this.#pause = FIRST_PAUSE
  }
}
