// The room page.

import { startRouter } from "../app/router.js"
import { Session } from "../app/session.js"
import { listenToDrawer, listenToWidth } from "../views/shell/drawers.js"
import { listenToNotices } from "../views/shell/notices.js"
import { listenToTyping } from "../views/shell/typing_anywhere.js"
import { listenToNames } from "../views/shell/truncated.js"
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
  if (asked.has("add")) correct(element("add-nickname"))
  listenToDrawer(element("sidebar"))
  listenToWidth()
  listenToNotices()
  listenToNames()
  listenToTyping()
  startRouter(session)
  session.connection.open()
}

// Who could not be added is typed anew, in the list of people, which may be a drawer.
function correct(field) {
  if (!field) return
  const opener = document.querySelector(".people-button")
  if (opener.checkVisibility()) {
    element("people").addEventListener("toggle", () => field.focus(), { once: true })
    opener.click()
  }
  field.focus({ preventScroll: true })
}

begin()
