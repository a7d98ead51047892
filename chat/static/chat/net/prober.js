// Tries transports in the background, while another one is in use. The first that lets the server's hello through is
// taken; where none does, they are tried again later, and less often each time.

/** @import { Transport, TransportName } from "./types.d.ts" */

const FIRST_PAUSE = 60_000
const LONGEST_PAUSE = 600_000

export class Prober {
  #make
  #within
  #better
  #onHello
  /** @type {Transport | null} */
  #transport = null
  #timer = 0
  #pause = FIRST_PAUSE

  /**
   * A hello must come `within` so many milliseconds.
   * @param {object} rules
   * @param {(name: TransportName) => Transport} rules.make
   * @param {number} rules.within
   * @param {() => TransportName[]} rules.better the names of those worth trying
   * @param {(transport: Transport, text: string) => void} rules.onHello takes over a transport that works, with what it
   * has said so far
   */
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

  /** @param {TransportName[]} names */
  begin([name, ...others]) {
    this.stop()
    if (!name) return this.later()
    const transport = (this.#transport = this.#make(name))
    transport.onText = (text) => {
      this.#transport = null
      this.stop()
      this.#onHello(transport, text)
    }
    const giveUp = () => this.begin(others)
    transport.onEnd = giveUp
    this.#timer = setTimeout(giveUp, this.#within)
    transport.open()
  }

  stop() {
    clearTimeout(this.#timer)
    this.#timer = 0
    this.#transport?.close()
    this.#transport = null
  }

  // The transport in use is good, or the network is another one: the next time counts as the first.
  forget() {
    this.#pause = FIRST_PAUSE
  }
}
