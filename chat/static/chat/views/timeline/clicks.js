// Clicks and taps on messages.

import { closest, part, targetOf } from "../../lib/dom.js"
import { onPressed } from "../shell/keys.js"

/** @import { Change, Drawn, Shown } from "../../store/types.d.ts" */
/** @import { Delivery } from "../../store/delivery.js" */
/** @import { Outbox } from "../../store/outbox.js" */
/** @import { Composer } from "../composer/composer.js" */
/** @import { RoomUrls } from "../types.d.ts" */
/** @import { Scroll } from "./scroll.js" */
/** @import { Timeline } from "./timeline.js" */

/**
 * @param {object} room
 * @param {HTMLElement} room.list
 * @param {Drawn} room.messages
 * @param {Timeline} room.timeline
 * @param {Scroll} room.scroll
 * @param {Outbox} room.outbox
 * @param {Delivery} room.delivery
 * @param {Composer | null} room.composer
 * @param {(kind: Change["kind"], message: Shown) => void} room.change
 */
export function listenToTimeline({ list, messages, timeline, scroll, outbox, delivery, composer, change }) {
  list.addEventListener("click", async (event) => {
    const target = targetOf(event)
    const row = target?.closest(".message")
    const message = row && timeline.messageOf(row)
    if (!target || !message) return
    const original = timeline.row(message.reply_to)
    const changed = message.number ? message.change : undefined
    const versions = target.closest("a.edited-mark")
    if (versions instanceof HTMLAnchorElement && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault()
      showAddress(versions.href)
    } else if (target.closest(".quote a") && original) {
      event.preventDefault()
      showOriginal(original, list, scroll)
      const { number } = message
      const room = { timeline, scroll, show: (/** @type {HTMLElement} */ reply) => showOriginal(reply, list, scroll) }
      if (number) import("./way_back.js").then(({ offerWayBack }) => offerWayBack(number, list, room), () => {})
    } else if (target.matches("[name=retry]")) {
      messages.retry(message.client_id)
      const entry = await outbox.get(message.client_id)
      if (entry && !entry.kind) await outbox.put({ ...entry, state: "waiting" })
      delivery.wake()
    } else if (target.matches("[name=delete]")) {
      outbox.discard(message.client_id)
    } else if (target.matches("[name=edit-again]") && changed) {
      outbox.discard(changed.client_id)
      composer?.edit(message, changed.body)
    } else if (target.matches("[name=discard]") && changed) {
      outbox.discard(changed.client_id)
    } else if (target.matches("[name=undo]")) {
      change("restore", message)
      part(row, ".row").focus({ preventScroll: true })
    } else if (target.closest("[name=copy-code]")) {
      navigator.clipboard.writeText(target.closest("pre")?.querySelector("code")?.textContent ?? "")
    } else if (target.closest(".spoiler[role]")) {
      showSpoiler(target)
    } else if (!target.closest("a, button")) {
      row.classList.toggle("tapped")
    }
  })
}

// The hidden text is like any other from now on.
/** @param {Element} target */
function showSpoiler(target) {
  const spoiler = target.closest(".spoiler[role]")
  for (const name of ["role", "tabindex", "aria-label", "aria-expanded"]) spoiler?.removeAttribute(name)
}

// A message to which something has led.
/** @param {HTMLElement} row @param {HTMLElement} list @param {Scroll} scroll */
export function showOriginal(row, list, scroll) {
  list.querySelector(".focus")?.classList.remove("focus")
  scroll.toRow(row)
  part(row, ".row").focus({ preventScroll: true })
  row.classList.add("focus")
}

/** @param {string} address */
export function showAddress(address) {
  import("./details.js").then(({ showDetails }) => showDetails(address), () => location.assign(address))
}

// Elements for which the browser has a menu of its own.
const BROWSERS_OWN = "a, button, img, input"

// Whether the menu of a message is wanted here: where something is selected, the browser's own is; with Shift as well.
/** @param {MouseEvent} event */
export const isForMenu = (event) =>
  Boolean(closest(event, ".row")) && !event.shiftKey && !closest(event, BROWSERS_OWN) &&
  getSelection()?.isCollapsed !== false

// Clicks and keys on messages that come before `acting.js` is loaded are sent again when it is.
/**
 * @param {HTMLElement} list
 * @param {{ isLoaded: () => boolean, load: () => Promise<unknown>, signal: AbortSignal }} options
 */
export function listenEarly(list, { isLoaded, load, signal }) {
  /** @param {Event} event @param {Event} again */
  const later = (event, again) => {
    event.preventDefault()
    load().then(() => isLoaded() && event.target?.dispatchEvent(again))
    return true
  }
  list.addEventListener("contextmenu", (event) => {
    if (!isLoaded() && (isForMenu(event) || closest(event, ".reaction")))
      later(event, new MouseEvent(event.type, event))
  })
  list.addEventListener("click", (event) => {
    if (!isLoaded() && closest(event, ".reaction")) later(event, new MouseEvent(event.type, event))
  })
  onPressed(
    "message-menu",
    (event) =>
      !isLoaded() && (event.key !== "Enter" || Boolean(targetOf(event)?.matches(".row, [role=button]"))) &&
      later(event, new KeyboardEvent(event.type, event)),
    signal,
    list,
  )
}
