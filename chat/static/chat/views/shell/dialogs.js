// All dialogs close like this. Escape, the focus that stays inside, and its way back are the browser's.

import { closest } from "../../lib/dom.js"

/** @param {HTMLDialogElement} dialog */
export function listenToBackdrop(dialog) {
  dialog.addEventListener("click", (event) => {
    // The backdrop is the dialog's own; all that is inside lies over it.
    if (event.target === dialog || closest(event, "[data-closes]")) dialog.close()
  })
}
