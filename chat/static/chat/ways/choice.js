// Which way to take: the one that worked last, or a lower one where that fails.

import { shelf } from "../storage.js"

const ORDER = ["socket", "stream", "poll"]
const KEY = "chatsite way"
// A browser that has moved to a better network finds out at the latest after a day.
const FORGOTTEN_AFTER = 24 * 60 * 60 * 1000

export class Choice {
  #chosen = recall() ?? ORDER[0]
  #worked = new Set()

  // Browsers allow six connections to a site: a hidden page does not keep one of them for a stream.
  get way() {
    return this.#chosen === "stream" && document.hidden ? "poll" : this.#chosen
  }

  // What would be better than this way, the best first.
  betterThan(way) {
    return ORDER.slice(0, ORDER.indexOf(way)).filter((better) => better !== "stream" || !document.hidden)
  }

  take(way) {
    if (way !== this.way) this.#chosen = way
  }

  // Returns false where there is none below: then the best is the next to try.
  stepDown() {
    const lower = ORDER[ORDER.indexOf(this.#chosen) + 1]
    this.#chosen = lower ?? ORDER[0]
    return Boolean(lower)
  }

  // On this page, in both directions.
  hasWorked(way) {
    return this.#worked.has(way)
  }

  // The day counts from the first time.
  remember(way) {
    this.#worked.add(way)
    if (way !== this.#chosen || way === recall()) return
    shelf((kept) => kept.setItem(KEY, JSON.stringify({ way, at: Date.now() })))
  }
}

function recall() {
  const { way, at } = shelf((kept) => JSON.parse(kept.getItem(KEY))) ?? {}
  return ORDER.includes(way) && Date.now() - at < FORGOTTEN_AFTER ? way : null
}
