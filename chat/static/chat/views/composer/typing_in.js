// Changes of the message box as if somebody had typed them: the browser can undo them, and tells of them by `input`.

/** @import { Edit } from "./edits.js" */

/** @param {HTMLTextAreaElement} box @param {Edit} edit */
export function apply(box, { from, to, text, start, end }) {
  box.focus({ preventScroll: true })
  if (box.value.slice(from, to) !== text) replace(box, from, to, text)
  box.setSelectionRange(start, end)
}

// In the place of what is selected.
/** @param {HTMLTextAreaElement} box @param {string} text */
export function insert(box, text) {
  const from = box.selectionStart
  const at = from + text.length
  apply(box, { from, to: box.selectionEnd, text, start: at, end: at })
}

/** @param {HTMLTextAreaElement} box @param {number} from @param {number} to @param {string} text */
function replace(box, from, to, text) {
  box.setSelectionRange(from, to)
  // The one way that keeps Undo. Where a browser refuses it, the text is put there all the same.
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return
  box.setRangeText(text, from, to, "end")
  box.dispatchEvent(new Event("input"))
}
