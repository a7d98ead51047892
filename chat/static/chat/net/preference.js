// Which transport to take: the one that worked last, or a lower one where that fails.

import { stored } from "../lib/storage.js"

/** @import { TransportName } from "./types.d.ts" */

/** @type {TransportName[]} */
const ORDER = ["socket", "stream", "poll"]
const KEY = "chatsite transport"
// A browser that has moved to a better network finds out at the latest after a day.
const FORGOTTEN_AFTER = 24 * 60 * 60 * 1000

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
