// Which transport is used: the one that worked last, or a lower one where that fails, until a better one works again.

import { stored } from "../lib/storage.js"

/** @import { Transport, TransportName } from "./types.d.ts" */

/** @type {TransportName[]} */
const ORDER = ["socket", "stream", "poll"]
const KEY = "chatsite transport"
// A browser that has moved to a better network finds out at the latest after a day.
const FORGOTTEN_AFTER = 24 * 60 * 60 * 1000

const FIRST_PAUSE = 60_000
const LONGEST_PAUSE = 600_000

export class Preference {
  #chosen = recall() ?? ORDER[0]
  /** @type {Set<TransportName>} */
  #worked = new Set()

  // Browsers allow six connections to a site: a hidden page does not keep one of them for a stream.
  get transport() {
    return this.#chosen === "stream" && document.hidden ? "poll" : this.#chosen
  }

  // The transports that would be better than this one, the best first.
  /** @param {TransportName} transport */
  betterThan(transport) {
    return ORDER.slice(0, ORDER.indexOf(transport)).filter((better) => better !== "stream" || !document.hidden)
  }

  /** @param {TransportName} transport */
  take(transport) {
    if (transport !== this.transport) this.#chosen = transport
  }

  // Returns false where there is none below: then the best is the next to try.
  stepDown() {
    const lower = ORDER[ORDER.indexOf(this.#chosen) + 1]
    this.#chosen = lower ?? ORDER[0]
    return Boolean(lower)
  }

  // On this page, in both directions.
  /** @param {TransportName} transport */
  hasWorked(transport) {
    return this.#worked.has(transport)
  }

  // The day counts from the first time.
  /** @param {TransportName} transport */
  remember(transport) {
    this.#worked.add(transport)
    if (transport !== this.#chosen || transport === recall()) return
    stored((kept) => kept.setItem(KEY, JSON.stringify({ transport, at: Date.now() })))
  }
}

/** @returns {TransportName | null} */
function recall() {
  const { transport, at } = stored((kept) => JSON.parse(kept.getItem(KEY) ?? "null")) ?? {}
  return ORDER.includes(transport) && Date.now() - at < FORGOTTEN_AFTER ? transport : null
}

// Tries transports in the background, while another one is in use. The first that lets the server's hello through is
// taken; where none does, they are tried again later, and less often each time.
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
