// Clicks and taps on messages, and on their reactions.

import { closest, part, targetOf } from "../../lib/dom.js"

/** @import { Change, Drawn, Shown } from "../../store/types.d.ts" */
/** @import { Delivery } from "../../store/delivery.js" */
/** @import { Outbox } from "../../store/outbox.js" */
/** @import { Composer } from "../composer/composer.js" */
/** @import { RoomUrls } from "../types.d.ts" */
/** @import { MessageActions } from "./message_menu.js" */
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
      show(versions.href)
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

// A click puts one's own there or takes it away; where one may not, and with the right button or a long press, it shows
// who has reacted. Who that is, is also told of the one that the pointer or the keyboard is at.
/**
 * @param {HTMLElement} list
 * @param {{ timeline: Timeline, urls: RoomUrls, actions: MessageActions }} room
 */
export function listenToReactions(list, { timeline, urls, actions }) {
  /** @param {Event} event */
  const find = (event) => {
    const button = closest(event, ".reaction")
    const row = button?.closest(".message")
    const message = row && timeline.messageOf(row)
    return button && message?.number ? { button, message, address: `${urls.message(message.number)}reactions/` } : null
  }
  list.addEventListener("click", (event) => {
    const found = find(event)
    if (!found) return
    if (actions.offered(found.message).react) actions.react(found.message, found.button.getAttribute("value") ?? "")
    else show(found.address)
  })
  list.addEventListener("contextmenu", (event) => {
    const found = find(event)
    if (!found) return
    event.preventDefault()
    show(found.address)
  })
  for (const name of ["mouseover", "focusin"])
    list.addEventListener(name, (event) => {
      const found = find(event)
      if (found) import("./details.js").then(({ describe }) => describe(found), () => {})
      const origin = closest(event, "a.mark-of-forwarded")
      if (origin) import("./details.js").then(({ describeOrigin }) => describeOrigin(origin), () => {})
    })
}

/** @param {string} address */
function show(address) {
  import("./details.js").then(({ showDetails }) => showDetails(address), () => location.assign(address))
}
