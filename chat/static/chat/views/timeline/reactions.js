// Clicks and taps on reactions, and who they are of.

import { targetOf } from "../../lib/dom.js"
import { showAddress } from "./clicks.js"

/** @import { RoomUrls } from "../types.d.ts" */
/** @import { MessageActions } from "./message_menu.js" */
/** @import { Timeline } from "./timeline.js" */

// A click puts one's own there or takes it away; where one may not, and with the right button or a long press, it shows
// who has reacted. Who that is, is also told of the one that the pointer or the keyboard is at.
/**
 * @param {HTMLElement} list
 * @param {{ timeline: Timeline, urls: RoomUrls, actions: MessageActions }} room
 */
export function listenToReactions(list, { timeline, urls, actions }) {
  /** @param {Element | null} target */
  const find = (target) => {
    const button = /** @type {HTMLElement | null | undefined} */ (target?.closest(".reaction"))
    const row = /** @type {HTMLElement | null | undefined} */ (button?.closest(".message"))
    const message = row && timeline.messageOf(row)
    return button && message?.number ? { button, message, address: `${urls.message(message.number)}reactions/` } : null
  }
  list.addEventListener("click", (event) => {
    const found = find(targetOf(event))
    if (!found) return
    if (actions.offered(found.message).react) actions.react(found.message, found.button.getAttribute("value") ?? "")
    else showAddress(found.address)
  })
  list.addEventListener("contextmenu", (event) => {
    const found = find(targetOf(event))
    if (!found) return
    event.preventDefault()
    showAddress(found.address)
  })
  /** @param {Element | null} target */
  const tell = (target) => {
    const found = find(target)
    if (found) import("./details.js").then(({ describe }) => describe(found), () => {})
    const origin = /** @type {HTMLElement | null | undefined} */ (target?.closest("a.mark-of-forwarded"))
    if (origin) import("./details.js").then(({ describeOrigin }) => describeOrigin(origin), () => {})
  }
  for (const name of ["mouseover", "focusin"]) list.addEventListener(name, (event) => tell(targetOf(event)))
  // The pointer or the focus may be there already.
  for (const target of list.querySelectorAll(":is(.reaction, .mark-of-forwarded):is(:hover, :focus)")) tell(target)
}
