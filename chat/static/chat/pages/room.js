// The room page.

import { startRouter } from "../app/router.js"
import { Session } from "../app/session.js"
import { byId, find } from "../lib/dom.js"
import { listenToDrawers } from "../views/shell/dialogs.js"
import { listenToKeys } from "../views/shell/keys.js"
import { isSignKeyOff, listenToKeySheet } from "../views/shell/key_sheet.js"
import { listenToNotices } from "../views/shell/notices.js"
import { listenToTips } from "../views/shell/tips.js"
import { typeIntoBox } from "../views/shell/focus.js"
import { isReturn, placeBefore } from "../views/timeline/scroll.js"

/** @import { PageBoot } from "../app/types.d.ts" */

function begin() {
  /** @type {PageBoot} */
  const boot = JSON.parse(byId("boot").textContent)
  const asked = new URLSearchParams(location.search)
  const place = asked.has("at") ? Number(asked.get("at")) : isReturn() ? placeBefore(location.pathname) : 0
  const isDrawn = boot.messages.some(({ number }) => number === place)
  if (place && !isDrawn && !asked.has("at")) return location.replace(`${location.pathname}?at=${place}`)
  // The address has had its effect: a reload does not ask again.
  if (location.search) history.replaceState(null, "", location.pathname)
  const session = new Session(boot)
  session.enter(boot, place)
  listenToDrawers(byId("drawer", HTMLDialogElement))
  if (asked.has("add")) correct(find(document, "#add-nickname"))
  listenToNotices()
  listenToTips(byId("tip"))
  listenToKeySheet(byId("keys", HTMLDialogElement))
  listenToKeys({ isSignKeyOff, onSign: typeIntoBox })
  startRouter(session)
  session.connection.open()
}

// A nickname that could not be added is typed anew, in the list of people, which may be a drawer.
/** @param {HTMLElement | null} field */
function correct(field) {
  const opener = find(document, ".people-button")
  if (field && opener?.checkVisibility()) opener.click()
  field?.focus({ preventScroll: true })
}

begin()
