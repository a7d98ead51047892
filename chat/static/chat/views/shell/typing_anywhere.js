// Keys that work wherever the focus is in a room: letters go to the message box, Page keys move the timeline.

import { byId, find, targetOf } from "../../lib/dom.js"
import { onKey } from "../../lib/keys.js"

const EDITABLE = "input, textarea, select, [contenteditable]"
// Less than a page, so that the last line read stays in sight.
const PART = 0.9

export function listenToTyping() {
  onKey(document, (event) => {
    const { key, altKey, ctrlKey, metaKey } = event
    if (altKey || ctrlKey || metaKey || event.defaultPrevented) return
    const target = targetOf(event)
    const isEditable = target?.closest(EDITABLE)
    if (isEditable && target?.id !== "text") return
    if (document.querySelector("dialog[open], [popover]:popover-open")) return
    if (key === "PageUp" || key === "PageDown") turn(event, key === "PageUp" ? -PART : PART)
    // A space presses a button and turns a page.
    else if (!isEditable && key.length === 1 && key !== " ") {
      find(document, "#text:enabled")?.focus({ preventScroll: true })
    }
  })
}

/** @param {KeyboardEvent} event @param {number} part of a page, less than 0 for up */
function turn(event, part) {
  const box = byId("scroller")
  box.scrollBy({ top: part * box.clientHeight })
  event.preventDefault()
}
