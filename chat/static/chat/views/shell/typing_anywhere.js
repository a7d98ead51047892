// What is typed anywhere in a room goes to the message box.

/** @param {KeyboardEvent} event */
export function typeIntoBox({ key }) {
  const box = /** @type {HTMLElement | null} */ (document.querySelector("#text:enabled"))
  // A space presses a button and turns a page.
  if (key !== " ") box?.focus({ preventScroll: true })
}
