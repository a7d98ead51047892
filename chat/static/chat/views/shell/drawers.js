// Where the window has no room for it beside the talk, a column is shown in a dialog over it: the list of rooms, or the
// people of a room. A button names its column by `data-drawer`.

import { closest, move } from "../../lib/dom.js"
import { listenToBackdrop } from "./dialogs.js"

// Where the columns are columns again (layouts/drawers.css).
const wide = [matchMedia("(min-width: 48rem)"), matchMedia("(min-width: 68rem)")]

/** @type {HTMLDialogElement} */
let dialog
// Puts the column that is or was shown back to its place.
let putBack = () => {}

/** @param {HTMLDialogElement} element */
export function listenToDrawers(element) {
  dialog = element
  for (const query of wide) query.addEventListener("change", closeDrawers)
  document.addEventListener("click", (event) => {
    const name = closest(event, "[data-drawer]")?.dataset.drawer
    const column = name && document.getElementById(name)
    if (column) open(column)
  })
  listenToBackdrop(dialog)
}

export function closeDrawers() {
  if (dialog.open) dialog.close()
  putBack()
}

/** @param {HTMLElement} column */
function open(column) {
  closeDrawers()
  const parent = /** @type {HTMLElement} */ (column.parentElement)
  const next = column.nextElementSibling
  putBack = () => {
    putBack = () => {}
    move(parent, column, next)
  }
  dialog.dataset.shows = column.id
  dialog.ariaLabel = column.ariaLabel
  move(dialog, column, null)
  dialog.showModal()
  const button = /** @type {HTMLElement | null} */ (column.querySelector("[data-closes]"))
  button?.focus()
}
