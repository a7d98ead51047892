// Notices of what was just done, until they are closed.

import { part, parts } from "../../lib/dom.js"

export function listenToNotices() {
  for (const notice of parts(document, ".notice")) {
    part(notice, "button").addEventListener("click", () => {
      notice.remove()
      document.getElementById("text")?.focus()
    })
  }
}
