// Keys that work wherever the focus is in a room: letters go to the message box, Page keys move the timeline.

import { onKey } from "../../lib/keys.js"

const EDITABLE = "input, textarea, select, [contenteditable]"
// Less than a page, so that the last line read stays in sight.
const PART = 0.9

export function listenToTyping() {
  onKey(document, (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event
    if (altKey || ctrlKey || metaKey || event.defaultPrevented) return
    const isEditable = target.closest(EDITABLE)
    // A long text has pages of its own.
    if (isEditable && (target.id !== "text" || target.scrollHeight > target.clientHeight)) return
    if (document.querySelector("dialog[open], [popover]:popover-open")) return
    if (key === "PageUp" || key === "PageDown") turn(event, key === "PageUp" ? -PART : PART)
    // A space presses a button and turns a page.
    else if (!isEditable && key.length === 1 && key !== " ") {
      document.querySelector("#text:enabled")?.focus({ preventScroll: true })
    }
  })
}

function turn(event, part) {
  const box = document.getElementById("scroller")
  box.scrollBy({ top: part * box.clientHeight })
  event.preventDefault()
}
