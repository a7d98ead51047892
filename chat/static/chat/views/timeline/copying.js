// What a selection of several messages is on the clipboard: who wrote each, when, and the text, on lines of their own.

export function listenToCopying(list, timeline) {
  list.addEventListener("copy", (event) => {
    const selection = getSelection()
    const rows = [...list.children].filter((row) => selection.containsNode(row, true))
    if (rows.length < 2) return
    event.clipboardData.setData("text/plain", textOf(rows, selection.getRangeAt(0), timeline))
    event.preventDefault()
  })
}

function textOf(rows, range, timeline) {
  const lines = rows.map((row, index) => {
    const text = selected(row.querySelector(".body"), range)
    if (!text) return ""
    const { sender } = timeline.messageOf(row)
    const byline = `${sender.nickname}, ${row.querySelector("time").textContent}\n`
    const isFollowUp = index > 0 && row.classList.contains("grouped")
    return (isFollowUp ? "" : `${index ? "\n" : ""}${byline}`) + text
  })
  return lines.filter(Boolean).join("\n")
}

// The selected part of an element's text.
function selected(body, range) {
  const part = document.createRange()
  part.selectNodeContents(body)
  if (range.comparePoint(body, 0) < 0) part.setStart(range.startContainer, range.startOffset)
  if (range.comparePoint(body, body.childNodes.length) > 0) part.setEnd(range.endContainer, range.endOffset)
  return part.toString().trim()
}
