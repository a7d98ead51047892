// Where the reader was in the room: a reload leads there again, and so does coming back from another page.

import { stored } from "../../lib/storage.js"

const RETURNS = ["reload", "back_forward"]

// Whether this page was loaded to come back to it.
export function isReturn() {
  const [{ type } = {}] = performance.getEntriesByType("navigation")
  return RETURNS.includes(type)
}

// Returns the number of the message that stood at the top of this room, or 0 for its end.
export function placeBefore(url) {
  return Number(stored((kept) => kept.getItem(key(url)), "sessionStorage"))
}

// Stored with each move, and not when the page ends: what stands at the top can't be asked of a page that is being taken
// down, and the next one may have read by then.
export function rememberPlace(url, scroll) {
  scroll.onMove(() => {
    const place = scroll.isFollowing ? 0 : scroll.firstNumber
    if (scroll.isFollowing || place) stored((kept) => kept.setItem(key(url), place), "sessionStorage")
  })
}

const key = (url) => `chatsite place ${url}`
