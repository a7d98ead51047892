// Words that are typed anywhere in a room go to the message box.

import { find } from "../../lib/dom.js"

/** @param {KeyboardEvent} event */
export function typeIntoBox({ key }) {
  // A space presses a button and turns a page.
  if (key !== " ") find(document, "#text:enabled")?.focus({ preventScroll: true })
}
