// Copies of several messages for the clipboard, as a person would type them: who wrote, when, and the texts below it.

import { dayOf, isSameDay, timeOf } from "../../lib/clock.js"
import { part, parts } from "../../lib/dom.js"

/** @import { Timeline } from "./timeline.js" */
/** @typedef {{ nickname: string, date: Date, text: string }} Copied */

// As in the timeline.
const GROUP_MINUTES = 5
// Before all others: a day is written as a date, which is still right tomorrow.
const LONG_AGO = new Date(0)

// Of a selection that goes over several messages.
/** @param {HTMLElement} list @param {Timeline} timeline */
export function listenToCopying(list, timeline) {
  list.addEventListener("copy", (event) => {
    const selection = getSelection()
    const rows = parts(list, ":scope > *").filter((row) => selection?.containsNode(row, true))
    if (!selection || !event.clipboardData || rows.length < 2) return
    event.clipboardData.setData("text/plain", textOf(selected(rows, selection.getRangeAt(0), timeline)))
    event.preventDefault()
  })
}

// A name and a time once for what one person says in a row, and the day where there are several.
/** @param {Copied[]} messages */
export function textOf(messages) {
  const hasDays = messages.some(({ date }) => !isSameDay(date, messages[0].date))
  const lines = /** @type {string[]} */ ([])
  messages.forEach(({ nickname, date, text }, index) => {
    const before = messages[index - 1]
    const isNewDay = !before || !isSameDay(date, before.date)
    const isNear = !isNewDay && date.getTime() - before.date.getTime() < GROUP_MINUTES * 60_000
    if (!isNear || before.nickname !== nickname) {
      if (before) lines.push("")
      if (hasDays && isNewDay) lines.push(dayOf(date, LONG_AGO), "")
      lines.push(`${nickname} ${timeOf(date)}`)
    }
    lines.push(text)
  })
  return lines.join("\n")
}

// Whole messages as they were written, with their markup; of the others the part that is selected.
/** @param {HTMLElement[]} rows @param {Range} range @param {Timeline} timeline @returns {Copied[]} */
function selected(rows, range, timeline) {
  const copied = []
  for (const row of rows) {
    const message = timeline.messageOf(row)
    const body = part(row, ".body")
    if (!message || message.deleted_at) continue
    const text = isWhole(body, range) ? message.body : selectedText(body, range)
    if (text) copied.push({ nickname: message.sender.nickname, date: new Date(message.sent_at), text })
  }
  return copied
}

/** @param {HTMLElement} body @param {Range} range */
function isWhole(body, range) {
  const whole = document.createRange()
  whole.selectNodeContents(body)
  return partOf(body, range).toString().trim() === whole.toString().trim()
}

// As it is shown: without the labels of buttons, and with the lines that blocks begin.
/** @param {HTMLElement} body @param {Range} range */
function selectedText(body, range) {
  const shown = partOf(body, range).cloneContents()
  for (const button of shown.querySelectorAll("button")) button.remove()
  for (const end of shown.querySelectorAll("br, p, li, tr, pre, blockquote")) end.after("\n")
  return (shown.textContent ?? "").replace(/\n{3,}/g, "\n\n").trim()
}

// The selected part of an element.
/** @param {HTMLElement} body @param {Range} range */
function partOf(body, range) {
  const part = document.createRange()
  part.selectNodeContents(body)
  if (range.comparePoint(body, 0) < 0) part.setStart(range.startContainer, range.startOffset)
  if (range.comparePoint(body, body.childNodes.length) > 0) part.setEnd(range.endContainer, range.endOffset)
  return part
}
