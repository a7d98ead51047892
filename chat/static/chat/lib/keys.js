// Keys that are the page's own. Those that write a word in an input method belong to the method; Safari marks some of
// them by the key code only.

const COMPOSING = 229

/** @param {EventTarget} target @param {(event: KeyboardEvent) => void} hear */
export function onKey(target, hear) {
  target.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || event.isComposing || event.keyCode === COMPOSING) return
    hear(event)
  })
}
