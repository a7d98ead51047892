// Where the reader is in the timeline, and how they stay there while it changes around them.

import { part } from "../../lib/dom.js"
import { stored } from "../../lib/storage.js"

// In pixels: closer to the end than this, no button is needed to get there.
const NEAR = 60
// Two positions that differ by less are the same one: browsers round.
const EXACT = 2
// Less than a screen, so that the last line read stays in sight.
const TURN = 0.9

export class Scroll {
  #box
  #list
  #isFollowing = true
  #top = 0
  #width = 0
  #height = 0
  // The first row in sight, and how far its text is from the top edge.
  #anchor = /** @type {{ row: Element, offset: number } | null} */ (null)
  #onMove = /** @type {(() => void)[]} */ ([])

  /** @param {HTMLElement} box @param {HTMLElement} list @param {AbortSignal} signal */
  constructor(box, list, signal) {
    this.#box = box
    this.#list = list
    // Until now the end was shown by the style sheet.
    box.classList.add("live")
    box.addEventListener("scroll", () => this.#moved(), { passive: true, signal })
    // A keyboard that comes up, a composer that grows, a picture that loads, a line that wraps anew.
    const resized = new ResizeObserver(() => this.#return())
    resized.observe(box)
    resized.observe(list)
    signal.addEventListener("abort", () => resized.disconnect())
  }

  // `call` is called with each look at where the reader is.
  /** @param {() => void} call */
  onMove(call) {
    this.#onMove.push(call)
  }

  // Not on a narrow window while a thread is open.
  get isShown() {
    return this.#box.clientHeight > 0
  }

  // Whether the reader stays at the end when something new comes. The first move up ends that.
  get isFollowing() {
    return this.#isFollowing
  }

  get isNearEnd() {
    return this.#isFollowing || this.#toGo < NEAR
  }

  // The numbers of the first and the last message in sight; 0 where there is none.
  get firstNumber() {
    return numberOf(this.#firstInSight())
  }

  get lastNumber() {
    const edge = this.#box.getBoundingClientRect().bottom
    /** @param {Element} row */
    const isInSight = (row) => row.getBoundingClientRect().top < edge
    const after = this.#firstWhere((row) => !isInSight(row) || !numberOf(row))
    return numberOf(after ? after.previousElementSibling : this.#list.lastElementChild)
  }

  /** @param {Element} row */
  isAbove(row) {
    return row.getBoundingClientRect().top < this.#box.getBoundingClientRect().top
  }

  /** @param {Element} row */
  isBelow(row) {
    return row.getBoundingClientRect().top >= this.#box.getBoundingClientRect().bottom
  }

  // Whether a row goes on beyond the edge of the view, and would not fit into it either.
  /** @param {Element} row @param {boolean} isBelow */
  isCutOff(row, isBelow) {
    const [{ top, bottom, height }, view] = [row.getBoundingClientRect(), this.#box.getBoundingClientRect()]
    return height > view.height && (isBelow ? bottom > view.bottom + EXACT : top < view.top - EXACT)
  }

  // The first row that begins in sight.
  get firstWholeRow() {
    const edge = this.#box.getBoundingClientRect().top
    return this.#firstWhere((row) => row.getBoundingClientRect().top >= edge) ?? this.#list.lastElementChild
  }

  // By a screen, up (-1) or down (1).
  /** @param {1 | -1} direction */
  turn(direction) {
    this.#box.scrollBy({ top: direction * TURN * this.#box.clientHeight })
  }

  toEnd() {
    this.#isFollowing = true
    this.#move(this.#box.scrollHeight)
  }

  // Puts a row at the top edge.
  /** @param {Element} row */
  toTop(row) {
    this.#toOffset(row, 0)
  }

  // Puts a row where it is read well: below the top edge, what came before it in sight.
  /** @param {Element} row */
  toRow(row) {
    this.#toOffset(row, this.#box.clientHeight / 4)
  }

  // Changes the timeline so that what is in sight stays where it is, or the end stays in sight for a reader who follows.
  // Following ends where the row that `limit` returns would leave the view above.
  /** @param {() => void} alter @param {() => Element | null | undefined} limit */
  change(alter, limit) {
    if (!this.#isFollowing) return this.keep(alter)
    alter()
    this.#box.scrollTop = this.#box.scrollHeight
    const row = limit()
    if (row && this.isAbove(row)) this.toTop(row)
    else this.toEnd()
  }

  /** @param {() => void} alter */
  keep(alter) {
    // The browser tells of a new size with the next frame, and the reader's place is still that of the last one.
    if (this.#isResized) this.#restore()
    this.#remember()
    alter()
    this.#restore()
    this.#look()
  }

  get #toGo() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box
    return scrollHeight - scrollTop - clientHeight
  }

  /** @param {Element} row @param {number} offset */
  #toOffset(row, offset) {
    this.#isFollowing = false
    const { top } = this.#box.getBoundingClientRect()
    this.#move(this.#box.scrollTop + row.getBoundingClientRect().top - top - offset)
  }

  /** @param {number} top */
  #move(top) {
    this.#box.scrollTop = top
    this.#top = this.#box.scrollTop
    this.#look()
  }

  // The browser moves the box as well, when it becomes higher or wider than what is left to show.
  #moved() {
    if (this.#isResized) this.#return()
    else this.#look()
  }

  get #isResized() {
    const { clientWidth, clientHeight } = this.#box
    return clientWidth !== this.#width || clientHeight !== this.#height
  }

  #return() {
    if (!this.#box.clientHeight) return
    if (this.#isFollowing) this.toEnd()
    else {
      this.#restore()
      this.#look()
    }
  }

  #remember() {
    const row = this.#firstInSight()
    this.#anchor = row ? { row, offset: textTop(row) - this.#box.getBoundingClientRect().top } : null
  }

  #restore() {
    if (!this.#anchor?.row.isConnected) return
    const { row, offset } = this.#anchor
    const moved = textTop(row) - this.#box.getBoundingClientRect().top - offset
    if (moved) this.#box.scrollTop += moved
    this.#top = this.#box.scrollTop
  }

  #look() {
    if (!this.#box.clientHeight) return // It is not laid out: nothing is in sight, and nobody has moved.
    const { scrollTop, clientWidth, clientHeight } = this.#box
    this.#width = clientWidth
    this.#height = clientHeight
    if (this.#toGo < EXACT) this.#isFollowing = true
    else if (scrollTop < this.#top) this.#isFollowing = false
    this.#top = scrollTop
    this.#remember()
    for (const call of this.#onMove) call()
  }

  #firstInSight() {
    const edge = this.#box.getBoundingClientRect().top
    return this.#firstWhere((row) => row.getBoundingClientRect().bottom > edge)
  }

  // By halves: each move asks.
  /** @param {(row: Element) => boolean} isSuch @returns {Element | undefined} */
  #firstWhere(isSuch) {
    const rows = this.#list.children
    let [low, high] = [0, rows.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isSuch(rows[middle])) high = middle
      else low = middle + 1
    }
    return rows[low]
  }
}

/** @param {Element | null | undefined} row */
const numberOf = (row) => Number(row instanceof HTMLElement ? row.dataset.number ?? 0 : 0)
// Not the row's own top: a day's line may appear above the text, or go.
/** @param {Element} row */
const textTop = (row) => part(row, ".row").getBoundingClientRect().top

// Where the reader was in the room: a reload leads there again, and so does coming back from another page.

const RETURNS = ["reload", "back_forward"]

// Whether this page was loaded to come back to it.
export function isReturn() {
  const [entry] = performance.getEntriesByType("navigation")
  return entry instanceof PerformanceNavigationTiming && RETURNS.includes(entry.type)
}

// Returns the number of the message that stood at the top of this room, or 0 for its end.
/** @param {string} url */
export function placeBefore(url) {
  return Number(stored((kept) => kept.getItem(key(url)), "sessionStorage"))
}

// Stored with each move, and not when the page ends: what stands at the top can't be asked of a page that is being taken
// down, and the next one may have read by then.
/** @param {string} url @param {Scroll} scroll */
export function rememberPlace(url, scroll) {
  scroll.onMove(() => {
    const place = scroll.isFollowing ? 0 : scroll.firstNumber
    if (scroll.isFollowing || place) stored((kept) => kept.setItem(key(url), String(place)), "sessionStorage")
  })
}

// Parameters of the address.

// The number of a message whose thread is to be open; 0 for none.
export const threadAsked = () => Number(new URLSearchParams(location.search).get("thread")) || 0

// All but the thread has had its effect: a reload does not ask for it again.
export function forgetAsked() {
  const thread = threadAsked()
  if (location.search) history.replaceState(null, "", `${location.pathname}${thread ? `?thread=${thread}` : ""}`)
}

/** @param {string} url */
const key = (url) => `chatsite place ${url}`
