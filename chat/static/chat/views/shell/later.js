// Parts that few visits use: the sheet of keys and the tips. Each is loaded with its first use.

import { byId, closest } from "../../lib/dom.js"
import { onPressed } from "./keys.js"

export function listenToLater() {
  onPressed("keys", () => {
    openKeySheet()
    return true
  })
  document.addEventListener("click", (event) => {
    if (!closest(event, "[data-opens=keys]")) return
    closest(event, "[popover]")?.hidePopover()
    openKeySheet()
  })
  listenToTips()
}

async function openKeySheet() {
  const sheet = await import("./key_sheet.js")
  sheet.openKeySheet(byId("keys", HTMLDialogElement))
}

// The box to write in, which has the focus from the start, has no tip.
export function listenToTips() {
  const begun = new AbortController()
  for (const event of ["mouseover", "focusin"]) document.addEventListener(event, load, { signal: begun.signal })

  /** @param {Event} event */
  async function load(event) {
    if (!closest(event, "a, button, .name, .topic, .private, .open-mark")) return
    begun.abort()
    const tips = await import("./tips.js")
    tips.listenToTips(byId("tip"), event)
  }
}
