// Copies for the clipboard: a selection of messages, and the room's address.

import { part, parts } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"

/** @import { Timeline } from "./timeline.js" */

const COPIED_FOR = 2_000

// Of a selection of several messages: who wrote each, when, and the text, on lines of their own.
/** @param {HTMLElement} list @param {Timeline} timeline */
export function listenToCopying(list, timeline) {
  list.addEventListener("copy", (event) => {
    const selection = getSelection()
    const rows = parts(list, ":scope > *").filter((row) => selection?.containsNode(row, true))
    if (!selection || !event.clipboardData || rows.length < 2) return
    event.clipboardData.setData("text/plain", textOf(rows, selection.getRangeAt(0), timeline))
    event.preventDefault()
  })
}

/** @param {HTMLElement[]} rows @param {Range} range @param {Timeline} timeline */
function textOf(rows, range, timeline) {
  const lines = rows.map((row, index) => {
    const text = selected(part(row, ".body"), range)
    if (!text) return ""
    const nickname = timeline.messageOf(row)?.sender.nickname ?? ""
    const byline = `${nickname}, ${part(row, "time").textContent}\n`
    const isFollowUp = index > 0 && row.classList.contains("grouped")
    return (isFollowUp ? "" : `${index ? "\n" : ""}${byline}`) + text
  })
  return lines.filter(Boolean).join("\n")
}

// The selected part of an element's text.
/** @param {HTMLElement} body @param {Range} range */
function selected(body, range) {
  const part = document.createRange()
  part.selectNodeContents(body)
  if (range.comparePoint(body, 0) < 0) part.setStart(range.startContainer, range.startOffset)
  if (range.comparePoint(body, body.childNodes.length) > 0) part.setEnd(range.endContainer, range.endOffset)
  return part.toString().trim()
}

// The room's address, by a button of its menu.
/** @param {HTMLElement} button @param {{ room: string }} urls */
export function listenToCopy(button, urls) {
  // Browsers lend the clipboard to secure pages only.
  button.hidden = !navigator.clipboard
  const label = part(button, "span")
  const offer = label.textContent
  let timer = 0
  button.addEventListener("click", async () => {
    const copied = navigator.clipboard.writeText(new URL(urls.room, location.href).href)
    label.textContent = await copied.then(() => t("Copied"), () => t("Your browser didn't allow copying"))
    clearTimeout(timer)
    timer = setTimeout(() => (label.textContent = offer), COPIED_FOR)
  })
}
