// What the page does wherever one is in it: keys, names that are cut off, notices that are closed.

import { onKey } from "../../lib/keys.js"

const NAMES = ".name, .sender, .quote a"
const EDITABLE = "input, textarea, select, [contenteditable]"
// Less than a page, so that the last line read stays in sight.
const PART = 0.9

// Letters go to the message box, Page keys move the timeline.
export function listenToTyping() {
  onKey(document, (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event
    if (altKey || ctrlKey || metaKey || event.defaultPrevented) return
    const isEditable = target.closest(EDITABLE)
    if (isEditable && target.id !== "text") return
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

// A name for which there is no room shows its whole text to those who point at it.
export function listenToNames() {
  document.addEventListener("mouseover", ({ target }) => {
    const name = target.closest?.(NAMES)
    if (!name) return
    if (name.scrollWidth > name.clientWidth) name.title = name.textContent.trim()
    else name.removeAttribute("title")
  })
}

// Notices tell what was just done, until they are closed.
export function listenToNotices() {
  for (const notice of document.querySelectorAll(".notice")) {
    notice.querySelector("button").addEventListener("click", () => {
      notice.remove()
      document.getElementById("text")?.focus()
    })
  }
}
