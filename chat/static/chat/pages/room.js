// The room page.

import { startRouter } from "../app/router.js"
import { Session } from "../app/session.js"
import { byId, find } from "../lib/dom.js"
import { listenToDrawer, listenToWidth } from "../views/shell/drawers.js"
import { listenToNotices } from "../views/shell/notices.js"
import { listenToTyping } from "../views/shell/typing_anywhere.js"
import { listenToNames } from "../views/shell/truncated.js"
import { isReturn, placeBefore } from "../views/timeline/position.js"

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
  // A nickname that could not be added is typed anew, there.
  if (asked.has("add")) find(document, "#add-nickname")?.focus({ preventScroll: true })
  listenToDrawer(byId("sidebar"))
  listenToWidth()
  listenToNotices()
  listenToNames()
  listenToTyping()
  startRouter(session)
  session.connection.open()
}

begin()
