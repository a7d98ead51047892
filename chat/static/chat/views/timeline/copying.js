// A selection of several messages on the clipboard: who wrote each, when, and the text, on lines of their own.

import { part, parts } from "../../lib/dom.js"

/** @import { Timeline } from "./timeline.js" */

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
