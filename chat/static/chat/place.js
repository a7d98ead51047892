// Where the reader was in the room: a reload leads there again, and so does coming back from another page.

import { shelf } from "./storage.js"

const RETURNS = ["reload", "back_forward"]

// Returns the number of the message that stood at the top, or 0 for the room's own way to begin.
export function placeBefore(url) {
  const asked = new URLSearchParams(location.search).get("at")
  if (asked) return Number(asked)
  const [{ type } = {}] = performance.getEntriesByType("navigation")
  return RETURNS.includes(type) ? Number(shelf((kept) => kept.getItem(key(url)), "sessionStorage")) : 0
}

export function rememberPlace(url, scroll) {
  const remember = () => {
    shelf((kept) => kept.setItem(key(url), scroll.atEnd ? 0 : scroll.firstNumber), "sessionStorage")
  }
  addEventListener("pagehide", remember)
  // A page can also end without saying so, or say it too late for the next one.
  addEventListener("scrollend", remember, { capture: true })
}

const key = (url) => `chatsite place ${url}`
