// Dialogs, which open over the page and have to be closed. Escape, the focus that stays inside, and its way back are the browser's.

import { closest, move } from "../../lib/dom.js"

// Where the columns are columns again (layouts/drawers.css).
const wide = [matchMedia("(min-width: 48rem)"), matchMedia("(min-width: 68rem)")]

// Asks, and tells whether the answer is the button of the value "yes". Escape says no.
/** @param {HTMLDialogElement} dialog @returns {Promise<boolean>} */
export function isConfirmed(dialog) {
  dialog.returnValue = ""
  dialog.showModal()
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true })
  )
}

/** @param {HTMLDialogElement} dialog */
export function listenToBackdrop(dialog) {
  dialog.addEventListener("click", (event) => {
    // The backdrop is the dialog's own; all that is inside lies over it.
    if (event.target === dialog || closest(event, "[data-closes]")) dialog.close()
  })
}

// Drawers: where the window has no room for it beside the talk, a column is shown in a dialog over it: the list of rooms,
// or the people of a room. A button names its column by `data-drawer`.

/** @type {HTMLDialogElement} */
let drawer
// Puts the column that is or was shown back to its place.
let putBack = () => {}

/** @param {HTMLDialogElement} element */
export function listenToDrawers(element) {
  drawer = element
  for (const query of wide) query.addEventListener("change", closeDrawers)
  document.addEventListener("click", (event) => {
    const name = closest(event, "[data-drawer]")?.dataset.drawer
    const column = name && document.getElementById(name)
    if (column) open(column)
  })
  listenToBackdrop(drawer)
}

export function closeDrawers() {
  if (drawer.open) drawer.close()
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
  drawer.dataset.shows = column.id
  drawer.ariaLabel = column.ariaLabel
  move(drawer, column, null)
  drawer.showModal()
  const button = /** @type {HTMLElement | null} */ (column.querySelector("[data-closes]"))
  button?.focus()
}
