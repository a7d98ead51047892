// Reports of faults in the page's own code: each once, a few a minute, and nothing of what people write. Loaded with
// the first fault.

const MOST_A_PAGE = 20
const MOST_A_MINUTE = 5
const MINUTE = 60_000
// As many characters as the server takes.
const LENGTHS = { about: 40, error: 300, stack: 1500 }

// A browser's sentence may quote the value at hand, and that may be somebody's words. These name nothing but the code.
const SAFE = [
  /^Cannot (read|set) properties of (undefined|null) \((reading|setting) '[\w$#]+'\)$/,
  /^can't access property "[\w$#]+", [\w$#.()]+ is (undefined|null)$/,
  /^[\w$#.]+ is not (a function|a constructor|iterable|defined)$/,
  /^(undefined|null) is not an object \(evaluating '[\w$#.()]+'\)$/,
  /^The page has no [\w\s.#:[\]=^"$>()-]+\.$/,
]

// Where a line of a stack is, and in which function.
const PLACE = /([\w$#.]*)[\s(@]*(https?:\/\/[^\s()]+\.js(?:\?[^\s():]*)?):(\d+):(\d+)/

/** @typedef {{ about: string, error: string, stack: string }} Fault */

export class FaultLog {
  #told = /** @type {Set<string>} */ (new Set())
  #times = /** @type {number[]} */ ([])

  // Returns what is to be told of it, if anything.
  /** @param {Error} error @param {string} about @returns {Fault | null} */
  add(error, about) {
    const stack = stackOf(error)
    // Extensions run in the page too, and their faults are not ours.
    if (!stack) return null
    const fault = cut({ about: /^\w+$/.test(about) ? about : "unknown", error: sentenceOf(error), stack })
    const key = JSON.stringify(fault)
    this.#times = this.#times.filter((time) => time > Date.now() - MINUTE)
    if (this.#told.has(key) || this.#told.size >= MOST_A_PAGE || this.#times.length >= MOST_A_MINUTE) return null
    this.#told.add(key)
    this.#times.push(Date.now())
    return fault
  }
}

/** @param {Error} error */
function sentenceOf({ name, message }) {
  return SAFE.some((pattern) => pattern.test(message)) ? `${name}: ${message}` : String(name)
}

// The first line of a stack repeats the message in some browsers. Of addresses only the path is told.
/** @param {Error} error */
function stackOf(error) {
  const lines = String(error.stack ?? "").split("\n")
  const places = lines.flatMap((line) => [line.match(PLACE) ?? []]).filter(({ length }) => length)
  const ours = places.filter(([, , address]) => new URL(address).origin === location.origin)
  return ours.map(([, name, address, row, column]) => `${name} ${new URL(address).pathname}:${row}:${column}`.trim())
    .join(" < ")
}

/** @param {Fault} fault @returns {Fault} */
const cut = ({ about, error, stack }) => ({
  about: about.slice(0, LENGTHS.about),
  error: error.slice(0, LENGTHS.error),
  stack: stack.slice(0, LENGTHS.stack),
})
