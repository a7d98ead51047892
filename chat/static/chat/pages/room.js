// The room page.

import { startRouter } from "../app/router.js"
import { Session } from "../app/session.js"
import { listenToDrawer, listenToWidth } from "../views/shell/drawers.js"
import { listenToNames, listenToNotices, listenToTyping } from "../views/shell/everywhere.js"
import { isReturn, placeBefore } from "../views/timeline/position.js"

const element = (id) => document.getElementById(id)

function begin() {
  const boot = JSON.parse(element("boot").textContent)
  const asked = new URLSearchParams(location.search)
  const place = asked.has("at") ? Number(asked.get("at")) : isReturn() ? placeBefore(location.pathname) : 0
  const isDrawn = boot.messages.some(({ number }) => number === place)
  if (place && !isDrawn && !asked.has("at")) return location.replace(`${location.pathname}?at=${place}`)
  // What the address asked for is done: a reload does not ask again.
  if (location.search) history.replaceState(null, "", location.pathname)
  const session = new Session(boot)
  session.enter(boot, place)
  // Who could not be added is typed anew, there.
  if (asked.has("add")) element("add-nickname")?.focus({ preventScroll: true })
  listenToDrawer(element("sidebar"))
  listenToWidth()
  listenToNotices()
  listenToNames()
  listenToTyping()
  startRouter(session)
  session.connection.open()
}

begin()
