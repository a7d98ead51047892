// Changes of a text in the message box: pure functions, which return what is to be put where.

// `text` takes the place of what is between `from` and `to`; from `start` to `end` is selected then.
/** @typedef {{ from: number, to: number, text: string, start: number, end: number, isOff?: boolean }} Edit */

const FENCE = "```"
// A line's beginning: quotes, then a list's mark.
const PREFIX = /^([ \t]*(?:>[ \t]?)*)([-*+] |[0-9]{1,9}[.)] )?/
const WORD = /[\p{L}\p{M}\p{N}_]/u

/** @typedef {"quote" | "list" | "numbers"} Kind */
/** @type {Record<Kind, { is: RegExp, mark: (nth: number) => string }>} */
const KINDS = {
  quote: { is: /^> ?/, mark: () => "> " },
  list: { is: /^[-*+] /, mark: () => "- " },
  numbers: { is: /^[0-9]{1,9}[.)] /, mark: (nth) => `${nth}. ` },
}

// Puts marks around what is selected, around the word at the caret, or around nothing yet; or takes them away (`isOff`).
// Of several lines each gets its own.
/** @param {string} text @param {number} start @param {number} end @param {string} mark @returns {Edit} */
export function wrapped(text, start, end, mark) {
  const [from, to] = start === end ? wordAt(text, start) : trimmed(text, start, end)
  const inner = text.slice(from, to)
  if (inner.includes("\n")) return wrappedLines(inner, from, to, mark)
  const size = mark.length
  const around = Math.min(runBefore(text, from, mark), runAfter(text, to, mark))
  if (from < to && has(around, mark)) return off(from - size, to + size, inner, start - size, end - size)
  if (isWrapped(inner, mark)) return off(from, to, inner.slice(size, -size), from, to - 2 * size)
  const isBare = from === to
  const caret = { start: start + size, end: end + size }
  return {
    from,
    to,
    text: mark + inner + mark,
    ...(isBare || start === end ? caret : { start: from + size, end: to + size }),
  }
}

/** @param {string} inner @param {number} from @param {number} to @param {string} mark @returns {Edit} */
function wrappedLines(inner, from, to, mark) {
  const lines = inner.split("\n")
  const isOff = lines.every((line) => !line.trim() || isWrapped(line.trim(), mark))
  const changed = lines.map((line) => {
    const word = line.trim()
    if (!word) return line
    return line.replace(word, () => (isOff ? word.slice(mark.length, -mark.length) : mark + word + mark))
  }).join("\n")
  return { from, to, text: changed, start: from, end: from + changed.length, isOff }
}

/** @param {number} from @param {number} to @param {string} text @param {number} start @param {number} end @returns {Edit} */
function off(from, to, text, start, end) {
  const least = Math.max(from, start)
  return { from, to, text, start: least, end: Math.max(least, Math.min(end, from + text.length)), isOff: true }
}

// Code on lines of its own, between fences.
/** @param {string} text @param {number} start @param {number} end @returns {Edit} */
export function fenced(text, start, end) {
  const before = start && text[start - 1] !== "\n" ? "\n" : ""
  const after = end < text.length && text[end] !== "\n" ? "\n" : ""
  const code = text.slice(start, end).replace(/^\n+|\n+$/g, "")
  const head = `${before}${FENCE}\n`
  const at = start + head.length
  return { from: start, to: end, text: `${head}${code}\n${FENCE}${after}`, start: at, end: at + code.length }
}

// An address is written in brackets after its words: there are no named links.
/** @param {string} text @param {number} start @param {number} end @returns {Edit} */
export function linked(text, start, end) {
  const [from, to] = start === end ? wordAt(text, start) : trimmed(text, start, end)
  const words = text.slice(from, to)
  const scheme = "https://"
  const whole = words ? `${words} (${scheme})` : scheme
  const at = from + whole.length - (words ? 1 : 0)
  return { from, to, text: whole, start: at, end: at }
}

// Makes lines a quote or a list, or plain again.
/** @param {string} text @param {number} start @param {number} end @param {Kind} kind @returns {Edit} */
export function prefixed(text, start, end, kind) {
  const from = text.lastIndexOf("\n", start - 1) + 1
  const next = text.indexOf("\n", end)
  const to = next < 0 ? text.length : next
  const lines = text.slice(from, to).split("\n")
  const { is, mark } = KINDS[kind]
  const isOff = lines.every((line) => is.test(line))
  const others = kind === "quote" ? /^/ : /^(?:[-*+] |[0-9]{1,9}[.)] )?/
  const changed = lines.map((line, nth) => (isOff ? line.replace(is, "") : mark(nth + 1) + line.replace(others, "")))
    .join("\n")
  const at = from + changed.length
  return { from, to, text: changed, start: start === end ? at : from, end: at, isOff }
}

// After a new line: what a list, a quote or indented code goes on with. An empty item ends its list.
/** @param {string} text @param {number} caret just after the new line @returns {Edit | null} */
export function continued(text, caret) {
  const from = text.lastIndexOf("\n", caret - 2) + 1
  const line = text.slice(from, caret - 1)
  if (isFenced(text.slice(0, from))) return inserted(caret, /^[ \t]*/.exec(line)?.[0] ?? "")
  const [prefix, quotes, item = ""] = PREFIX.exec(line) ?? [""]
  if (!item && !quotes.includes(">")) return null
  if (line.slice(prefix.length).trim()) return inserted(caret, quotes + following(item))
  if (text.slice(caret).split("\n")[0]) return null
  // A line alone would belong to the item before it.
  const rest = from ? "\n" : ""
  return { from, to: caret, text: rest, start: from + rest.length, end: from + rest.length }
}

/** @param {string} item */
const following = (item) => item.replace(/^[0-9]+/, (number) => String(Number(number) + 1))

/** @param {number} at @param {string} text @returns {Edit | null} */
const inserted = (at, text) => text ? { from: at, to: at, text, start: at + text.length, end: at + text.length } : null

// Whether a text ends within fenced code.
/** @param {string} text */
export const isFenced = (text) => (text.match(/^ {0,3}(?:\x60{3}|~~~)/gm)?.length ?? 0) % 2 === 1

/** @param {string} text @param {number} at @returns {[number, number]} */
function wordAt(text, at) {
  let [from, to] = [at, at]
  while (from > 0 && WORD.test(text[from - 1])) from--
  while (to < text.length && WORD.test(text[to])) to++
  return [from, to]
}

/** @param {string} text @param {number} start @param {number} end @returns {[number, number]} */
function trimmed(text, start, end) {
  const inner = text.slice(start, end)
  if (!inner.trim()) return [start, start]
  return [start + inner.length - inner.trimStart().length, end - inner.length + inner.trimEnd().length]
}

/** @param {string} text @param {number} at @param {string} mark */
function runBefore(text, at, mark) {
  let run = 0
  while (text[at - run - 1] === mark[0]) run++
  return run
}

/** @param {string} text @param {number} at @param {string} mark */
function runAfter(text, at, mark) {
  let run = 0
  while (text[at + run] === mark[0]) run++
  return run
}

// Three stars are both: bold and italic.
/** @param {number} run @param {string} mark */
const has = (run, mark) => (mark === "*" ? run % 2 === 1 : run >= mark.length)

/** @param {string} text @param {string} mark */
function isWrapped(text, mark) {
  const run = Math.min(runAfter(text, 0, mark), runBefore(text, text.length, mark))
  return text.length > 2 * mark.length && has(run, mark)
}
