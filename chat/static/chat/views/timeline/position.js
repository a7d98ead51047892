// Where the reader was in the room: a reload leads there again, and so does coming back from another page.

import { stored } from "../../lib/storage.js"

/** @import { Scroll } from "./scroll.js" */

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

/** @param {string} url */
const key = (url) => `chatsite place ${url}`
