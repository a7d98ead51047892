// The room page.

import { startRouter } from "../app/router.js"
import { Session } from "../app/session.js"
import { byId, closest, find } from "../lib/dom.js"
import { listenToDrawers } from "../views/shell/dialogs.js"
import { listenToKeys, onPressed, typeIntoBox } from "../views/shell/keys.js"
import { listenToNotices } from "../views/shell/notices.js"
import { forgetAsked, isReturn, placeBefore, threadAsked } from "../views/timeline/scroll.js"

/** @import { PageBoot } from "../app/types.d.ts" */

function begin() {
  /** @type {PageBoot} */
  const boot = JSON.parse(byId("boot").textContent)
  const asked = new URLSearchParams(location.search)
  const place = asked.has("at") ? Number(asked.get("at")) : isReturn() ? placeBefore(location.pathname) : 0
  const isDrawn = boot.messages.some(({ number }) => number === place)
  if (place && !isDrawn && !asked.has("at")) {
    return location.replace(`${location.pathname}?at=${place}&thread=${threadAsked()}`)
  }
  forgetAsked()
  const session = new Session(boot)
  session.enter(boot, place)
  listenToDrawers(byId("drawer", HTMLDialogElement))
  if (asked.has("add")) correct(find(document, "#add-nickname"))
  listenToNotices()
  for (const name of ["mouseover", "focusin"]) document.addEventListener(name, loadTips, { once: true })
  onPressed("keys", openKeySheet)
  document.addEventListener("click", (event) => {
    if (closest(event, "[data-opens=keys]")) openKeySheet()
  })
  listenToKeys(typeIntoBox)
  startRouter(session)
  session.connection.open()
}

/** @type {Promise<void> | null} */
let tips = null

// Those who neither point nor type need none. Without them all is in the page as well.
function loadTips() {
  tips ??= import("../views/shell/tips.js").then(({ listenToTips }) => listenToTips(byId("tip"))).catch(() => {})
}

function openKeySheet() {
  find(document, ".menu:popover-open")?.hidePopover()
  import("../views/shell/key_sheet.js").then(({ openKeySheet }) => openKeySheet(), () => {})
  return true
}

// A nickname that could not be added is typed anew, in the list of people, which may be a drawer.
/** @param {HTMLElement | null} field */
function correct(field) {
  const opener = find(document, ".people-button")
  if (field && opener?.checkVisibility()) opener.click()
  field?.focus({ preventScroll: true })
}

begin()
