// Notices of what was just done, until they are closed.

import { closest } from "../../lib/dom.js"
import { focusRoom } from "./focus.js"

export function listenToNotices() {
  document.addEventListener("click", (event) => {
    if (!closest(event, ".notice [name=close]")) return
    closest(event, ".notice")?.remove()
    focusRoom()
  })
}
