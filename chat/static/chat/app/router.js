// Opens rooms in place: the connection, the list of rooms and all that was loaded stay. Browsers without the Navigation
// API load a room's page, as do links to other pages.

import { closeDrawers } from "../views/shell/drawers.js"
import { placeBefore } from "../views/timeline/position.js"

// Frames after which what is on its way from the server may be out of date in more than its messages.
const UPSETTING = ["hello", "removed", "renamed", "reset"]

export function startRouter(session) {
  globalThis.navigation?.addEventListener("navigate", (event) => {
    if (!isForUs(event, session)) return
    event.intercept({ focusReset: "manual", scroll: "manual", handler: () => open(event, session) })
  })
}

function isForUs(event, session) {
  const { canIntercept, hashChange, downloadRequest, formData, navigationType, destination } = event
  if (!canIntercept || hashChange || downloadRequest !== null || formData || navigationType === "reload") return false
  // The page has changed its own address.
  if (destination.sameDocument && navigationType !== "traverse") return false
  return session.urls.isRoom(new URL(destination.url).pathname)
}

async function open({ destination, navigationType, signal }, session) {
  const url = new URL(destination.url)
  const place = navigationType === "traverse" ? placeBefore(url.pathname) : Number(url.searchParams.get("at"))
  if (place) url.searchParams.set("at", place)
  const early = (session.early = [])
  const page = await ask(url, signal)
  // Where another room was asked for meanwhile, the frames are that one's.
  if (session.early === early) session.early = null
  if (signal.aborted) return
  if (!page || page.boot.you.id !== session.me.id || early.some(({ type }) => UPSETTING.includes(type))) {
    return location.reload()
  }
  show(page, session, place)
  for (const { type, room, sequence, message } of early)
    if (type === "message" && room === session.room.id) session.room.messages.put({ ...message, sequence })
}

// Null where the answer is no room: a page that says why comes instead.
async function ask(url, signal) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal })
    const isRoom = response.ok && response.headers.get("Content-Type")?.startsWith("application/json")
    return isRoom ? await response.json() : null
  } catch {
    return null
  }
}

function show({ title, skip, header, columns, boot }, session, place) {
  closeDrawers()
  document.getElementById("notices")?.remove()
  replace(".skip", skip)
  replace(".room-header", header)
  replace(".columns", columns)
  if (location.search) history.replaceState(null, "", location.pathname)
  if (boot.member && boot.room) session.rooms.put(boot.room)
  session.status.moved()
  session.announcer.clear()
  session.sidebar.moveTo(boot, title)
  session.enter(boot, place)
  const main = document.querySelector("main")
  if (!main.contains(document.activeElement)) main.focus({ preventScroll: true })
}

// The server has rendered the markup, as it renders that of the page.
function replace(selector, html) {
  const parsed = new DOMParser().parseFromString(html, "text/html")
  document.querySelector(selector).replaceWith(parsed.body.firstElementChild)
}
