// Clicks and taps on messages.

import { part, targetOf } from "../../lib/dom.js"

/** @import { Delivery } from "../../store/delivery.js" */
/** @import { Messages } from "../../store/messages.js" */
/** @import { Outbox } from "../../store/outbox.js" */
/** @import { Composer } from "../composer/composer.js" */
/** @import { Scroll } from "./scroll.js" */
/** @import { Timeline } from "./timeline.js" */

/**
 * @param {object} room
 * @param {HTMLElement} room.list
 * @param {Messages} room.messages
 * @param {Timeline} room.timeline
 * @param {Scroll} room.scroll
 * @param {Outbox} room.outbox
 * @param {Delivery} room.delivery
 * @param {Composer | null} room.composer
 */
export function listenToTimeline({ list, messages, timeline, scroll, outbox, delivery, composer }) {
  list.addEventListener("click", async (event) => {
    const target = targetOf(event)
    const row = target?.closest(".message")
    const message = row && timeline.messageOf(row)
    if (!target || !message) return
    const original = timeline.row(message.reply_to)
    if (target.closest(".reply") && message.number) {
      composer?.replyTo(message)
    } else if (target.closest(".quote a") && original) {
      event.preventDefault()
      showOriginal(original, list, scroll)
    } else if (target.matches("[name=retry]")) {
      messages.retry(message.client_id)
      const entry = await outbox.get(message.client_id)
      if (entry) await outbox.put({ ...entry, state: "waiting" })
      delivery.wake()
    } else if (target.matches("[name=delete]")) {
      outbox.discard(message.client_id)
    } else if (!target.closest("a, button")) {
      row.classList.toggle("tapped")
    }
  })
}

/** @param {HTMLElement} row @param {HTMLElement} list @param {Scroll} scroll */
function showOriginal(row, list, scroll) {
  list.querySelector(".focus")?.classList.remove("focus")
  scroll.toRow(row)
  part(row, ".row").focus({ preventScroll: true })
  row.classList.add("focus")
}
