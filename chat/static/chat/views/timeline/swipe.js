// A message that is drawn toward the end of its line with a finger is answered. Scrolling wins, and so do the edges of the
// screen, from which the system goes back.

import { byId, closest, part } from "../../lib/dom.js"
import { loadSheet } from "../shell/sheets.js"

/** @import { Shown } from "../../store/types.d.ts" */
/** @import { MessageActions } from "./message_menu.js" */
/** @import { Timeline } from "./timeline.js" */
/** @typedef {{ row: HTMLElement, message: Shown, id: number, x: number, y: number, sign: number }} Started */

// In pixels: what belongs to the system at the sides, where a movement becomes a swipe, where it answers, and the furthest.
const EDGE = 24
const BEGIN = 10
const ANSWER = 56
const FURTHEST = 80
// Elements that scroll to the side themselves, or are pressed.
const OTHERS = "pre, table, button, input"

loadSheet(new URL("../../styles/components/swipe.css", import.meta.url).href)

/**
 * @param {HTMLElement} list
 * @param {{ timeline: Timeline, actions: MessageActions }} room
 */
export function listenToSwipes(list, { timeline, actions }) {
  let started = /** @type {Started | null} */ (null)
  let isSwipe = false
  let isFar = false
  const icon = byId("message-menu").querySelector("[name=reply] svg")?.cloneNode(true) ?? ""
  const sign = Object.assign(document.createElement("span"), { className: "swipe-sign", ariaHidden: "true" })
  sign.append(icon)

  list.addEventListener("pointerdown", (event) => {
    const { clientX: x, clientY: y, pointerId: id, pointerType, isPrimary } = event
    end()
    const row = closest(event, ".message")
    const isAtEdge = x < EDGE || x > innerWidth - EDGE
    if (pointerType !== "touch" || !isPrimary || !row || isAtEdge || closest(event, OTHERS)) return
    const message = list.classList.contains("selecting") ? undefined : timeline.messageOf(row)
    if (message && actions.offered(message).reply)
      started = { row, message, id, x, y, sign: getComputedStyle(list).direction === "rtl" ? -1 : 1 }
  })

  list.addEventListener("pointermove", ({ pointerId, clientX, clientY }) => {
    if (!started || pointerId !== started.id) return
    const [along, across] = [(clientX - started.x) * started.sign, Math.abs(clientY - started.y)]
    if (!isSwipe && (across > BEGIN || along < -BEGIN)) return end()
    if (!isSwipe && along < BEGIN) return
    if (!isSwipe) part(started.row, ".row").append(sign)
    isSwipe = true
    if ((along > ANSWER) !== isFar) {
      isFar = along > ANSWER
      if (isFar) navigator.vibrate?.(10)
    }
    started.row.classList.add("swiped")
    started.row.classList.toggle("answers", isFar)
    const moved = Math.min(FURTHEST, Math.max(0, along - BEGIN))
    started.row.style.setProperty("--swiped", `${moved * started.sign}px`)
  })

  list.addEventListener("pointerup", ({ pointerId }) => {
    const answered = started && pointerId === started.id && isFar ? started.message : null
    end()
    if (answered) actions.take("reply", answered)
  })
  // The browser scrolls, or has something of its own to do with the finger.
  list.addEventListener("pointercancel", () => end())

  function end() {
    started?.row.classList.remove("swiped", "answers")
    sign.remove()
    started?.row.style.removeProperty("--swiped")
    started = null
    isSwipe = isFar = false
  }
}
