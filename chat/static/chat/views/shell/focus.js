// Where the focus goes when what had it is gone, or when one is done: to the message box, else to the last message.

const PLACES = ["#text:enabled", "#timeline > :last-child .row", "main"]

export function focusRoom() {
  const places = PLACES.map((place) => /** @type {HTMLElement | null} */ (document.querySelector(place)))
  places.find(Boolean)?.focus({ preventScroll: true })
}
