// Where the focus goes by itself.

import { find } from "../../lib/dom.js"

const PLACES = ["#text:enabled", "#timeline > :last-child .row", "main"]

// When what had it is gone, or when one is done: to the message box, else to the last message.
export function focusRoom() {
  const places = PLACES.map((place) => /** @type {HTMLElement | null} */ (document.querySelector(place)))
  places.find(Boolean)?.focus({ preventScroll: true })
}

// Words that are typed anywhere in a room go to the message box. A space presses a button and turns a page.
/** @param {KeyboardEvent} event */
export function typeIntoBox({ key }) {
  if (key !== " ") find(document, "#text:enabled")?.focus({ preventScroll: true })
}
