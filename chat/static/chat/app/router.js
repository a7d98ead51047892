// Opens rooms in place: the connection, the list of rooms and all that was loaded stay. Browsers without the Navigation
// API load a room's page, as do links to other pages.

import { part, parts } from "../lib/dom.js"
import { closeDrawers } from "../views/shell/drawers.js"
import { placeBefore } from "../views/timeline/position.js"

/** @import { ServerFrame } from "../lib/frames.d.ts" */
/** @import { OpenSession, RoomPage } from "./types.d.ts" */

// Frames after which what is on its way from the server may be out of date in more than its messages.
const UPSETTING = ["hello", "removed", "renamed", "reset"]

/** @param {OpenSession} session */
export function startRouter(session) {
  globalThis.navigation?.addEventListener("navigate", (event) => {
    if (!isForUs(event, session)) return
    event.intercept({ focusReset: "manual", scroll: "manual", handler: () => open(event, session) })
  })
}

/** @param {NavigateEvent} event @param {OpenSession} session */
function isForUs(event, session) {
  const { canIntercept, hashChange, downloadRequest, formData, navigationType, destination } = event
  if (!canIntercept || hashChange || downloadRequest !== null || formData || navigationType === "reload") return false
  // The page has changed its own address.
  if (destination.sameDocument && navigationType !== "traverse") return false
  return session.urls.isRoom(new URL(destination.url).pathname)
}

/** @param {NavigateEvent} event @param {OpenSession} session */
async function open({ destination, navigationType, signal }, session) {
  const url = new URL(destination.url)
  const place = navigationType === "traverse" ? placeBefore(url.pathname) : Number(url.searchParams.get("at"))
  if (place) url.searchParams.set("at", String(place))
  const early = (session.early = /** @type {ServerFrame[]} */ ([]))
  const page = await ask(url, signal)
  // Where another room was asked for meanwhile, the frames are that one's.
  if (session.early === early) session.early = null
  if (signal.aborted) return
  if (!page || page.boot.you.id !== session.me.id || early.some(({ type }) => UPSETTING.includes(type))) {
    return location.reload()
  }
  show(page, session, place)
  for (const frame of early) {
    if (frame.type !== "message" || frame.room !== session.room.id) continue
    session.room.messages.put({ ...frame.message, sequence: frame.sequence })
  }
}

// Null where the answer is no room: a page that says why comes instead.
/** @param {URL} url @param {AbortSignal} signal @returns {Promise<RoomPage | null>} */
async function ask(url, signal) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal })
    const isRoom = response.ok && response.headers.get("Content-Type")?.startsWith("application/json")
    return isRoom ? await response.json() : null
  } catch {
    return null
  }
}

/** @param {RoomPage} page @param {OpenSession} session @param {number} place */
function show({ title, skip, header, columns, boot }, session, place) {
  closeDrawers()
  for (const notices of parts(document, ".notices:not(#leftovers)")) notices.remove()
  replace(".skip", skip)
  replace(".room-header", header)
  replace(".columns", columns)
  if (location.search) history.replaceState(null, "", location.pathname)
  if (boot.member && boot.room) session.rooms.put(boot.room)
  session.status.moved()
  session.sidebar.moveTo(boot, title)
  session.enter(boot, place)
  const main = part(document, "main")
  if (!main.contains(document.activeElement)) main.focus({ preventScroll: true })
}

// The server has rendered the markup, as it renders that of the page.
/** @param {string} selector @param {string} html */
function replace(selector, html) {
  const parsed = new DOMParser().parseFromString(html, "text/html")
  part(document, selector).replaceWith(part(parsed.body, selector))
}
