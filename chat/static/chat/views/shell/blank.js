// A page whose person has signed out shows nothing of theirs any more, but why.

import { closeDrawers } from "./drawers.js"

/** @param {HTMLElement} strip */
export function blank(strip) {
  closeDrawers()
  document.title = "chatsite"
  document.body.classList.add("blank")
  document.body.replaceChildren(strip)
}
