// Copies the room's address, by a button of its menu.

import { part } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"

const COPIED_FOR = 2_000

/** @param {HTMLElement} button @param {{ room: string }} urls */
export function listenToCopy(button, urls) {
  // Browsers lend the clipboard to secure pages only.
  button.hidden = !navigator.clipboard
  const label = part(button, "span")
  const offer = label.textContent
  let timer = 0
  button.addEventListener("click", async () => {
    const copied = navigator.clipboard.writeText(new URL(urls.room, location.href).href)
    label.textContent = await copied.then(() => t("Copied"), () => t("Your browser didn't allow copying"))
    clearTimeout(timer)
    timer = setTimeout(() => (label.textContent = offer), COPIED_FOR)
  })
}
