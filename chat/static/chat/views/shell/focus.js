// The focus that the page gives.

import { find } from "../../lib/dom.js"

// When what had it is gone, or when one is done: to the message box, else to the last message.
const PLACES = ["#text:enabled", "#timeline > :last-child .row", "main"]

export function focusRoom() {
  PLACES.map((place) => find(document, place)).find(Boolean)?.focus({ preventScroll: true })
}

// Words that are typed anywhere in a room go to the message box.
/** @param {KeyboardEvent} event */
export function typeIntoBox({ key }) {
  // A space presses a button and turns a page.
  if (key !== " ") find(document, "#text:enabled")?.focus({ preventScroll: true })
}
