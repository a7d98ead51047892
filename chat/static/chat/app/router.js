// Opens rooms in place: the connection, the list of rooms and all that was loaded stay. Browsers without the Navigation
// API load a room's page, as do links to other pages.

import { part, replace } from "../lib/dom.js"
import { closeDrawers } from "../views/shell/dialogs.js"
import { forgetAsked, placeBefore } from "../views/timeline/scroll.js"

/** @import { ServerFrame } from "../lib/frames.d.ts" */
/** @import { OpenSession, RoomPage } from "./types.d.ts" */
/** @typedef {RoomPage | { boot?: undefined } | null} Answer */

// Frames after which what is on its way from the server may be out of date in more than its messages.
const UPSETTING = ["hello", "removed", "renamed", "reset"]

/** @param {OpenSession} session */
export function startRouter(session) {
  if (globalThis.navigation) new Router(session).listen()
}

class Router {
  #session
  // The entry of the history whose room is on the page. While another one is being opened, the address is that one's.
  #shown = currentEntry()
  #latest = /** @type {NavigateEvent | null} */ (null)

  /** @param {OpenSession} session */
  constructor(session) {
    this.#session = session
  }

  listen() {
    navigation.addEventListener("navigate", (event) => {
      this.#latest = event
      if (isOfThread(event.destination)) return
      // Stopped by the reader, unless another navigation follows at once.
      event.signal.addEventListener("abort", () => setTimeout(() => this.#latest === event && this.#comeBack()))
      if (event.destination.key === this.#shown.key || !isForUs(event, this.#session)) return
      event.intercept({ focusReset: "manual", scroll: "manual", handler: () => this.#open(event) })
    })
  }

  // No room was opened: the address is again that of the room on the page.
  #comeBack() {
    if (this.#shown.index < 0) history.replaceState(null, "", this.#shown.url)
    else if (this.#shown.key !== currentEntry().key) {
      // Yet another navigation may come before this one.
      navigation.traverseTo(this.#shown.key).committed?.catch(() => {})
    }
  }

  /** @param {NavigateEvent} event */
  async #open({ destination, navigationType, signal }) {
    const session = this.#session
    const url = new URL(destination.url)
    const place = navigationType === "traverse" ? placeBefore(url.pathname) : Number(url.searchParams.get("at"))
    if (place) url.searchParams.set("at", String(place))
    const early = (session.early = /** @type {ServerFrame[]} */ ([]))
    const page = await ask(url, signal)
    // Where another room was asked for meanwhile, the frames are that one's.
    if (session.early === early) session.early = null
    if (signal.aborted) return
    // A load would put the browser's own page in the place of one that says what is wrong and keeps what is written.
    if (!page && !(navigator.onLine && session.connection.ready)) {
      closeDrawers()
      return this.#comeBack()
    }
    if (!isFit(page, session) || early.some(({ type }) => UPSETTING.includes(type))) return location.reload()
    if (page.address) history.replaceState(null, "", page.address)
    show(page, session, place)
    this.#shown = currentEntry()
    for (const frame of early) {
      if ((frame.type !== "message" && frame.type !== "saved") || frame.room !== session.room.id) continue
      if (frame.type === "saved") session.room.messages.setSaved(frame.number, frame.on)
      else session.room.messages.put({ ...frame.message, sequence: frame.sequence })
    }
  }
}

// Every document that is shown has one.
const currentEntry = () => /** @type {NavigationHistoryEntry} */ (navigation.currentEntry)

/** @param {NavigateEvent} event @param {OpenSession} session */
function isForUs(event, session) {
  const { canIntercept, hashChange, downloadRequest, formData, navigationType, destination } = event
  if (!canIntercept || hashChange || downloadRequest !== null || formData || navigationType === "reload") return false
  // The page has changed its own address.
  if (destination.sameDocument && navigationType !== "traverse") return false
  return session.urls.isRoom(new URL(destination.url).pathname)
}

// Within a room, a thread comes or goes (`thread.js`).
/** @param {NavigationDestination} destination */
function isOfThread({ sameDocument, url }) {
  const { pathname, search } = new URL(url)
  return sameDocument && pathname === location.pathname && Boolean(search || location.search)
}

// Null where no answer comes. One that is no room has no `boot`: a page that says why comes instead.
/** @param {URL} url @param {AbortSignal} signal @returns {Promise<Answer>} */
async function ask(url, signal) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" }, signal })
    const isRoom = response.ok && response.headers.get("Content-Type")?.startsWith("application/json")
    // A link to somebody whom a message names has led to their page.
    return isRoom ? { ...await response.json(), address: response.redirected ? response.url : "" } : {}
  } catch {
    return null
  }
}

// A newer release may have other markup than these scripts and style sheets are for.
/** @param {Answer} page @param {OpenSession} session @returns {page is RoomPage} */
function isFit(page, session) {
  if (!page?.boot) return false
  return page.boot.you.id === session.me.id && new URL(page.script, location.href).href === import.meta.url
}

/** @param {RoomPage} page @param {OpenSession} session @param {number} place */
function show({ title, skip, header, columns, boot }, session, place) {
  closeDrawers()
  document.getElementById("notices")?.remove()
  replace(".skip", skip)
  replace(".room-header", header)
  replace(".columns", columns)
  forgetAsked()
  if (boot.member && boot.room) session.rooms.put(boot.room)
  session.status.moved()
  session.announcer.clear()
  session.sidebar.moveTo(boot, title)
  session.enter(boot, place)
  const main = part(document, "main")
  if (!main.contains(document.activeElement)) main.focus({ preventScroll: true })
}
