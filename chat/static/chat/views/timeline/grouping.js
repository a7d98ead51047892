// How a row stands to the row before it: one person's words in a row are grouped, days and news are divided.

import { dayOf, isSameDay, momentOf } from "../../lib/clock.js"
import { t } from "../../lib/i18n.js"
import { sentAt } from "./row.js"
import { setStops } from "./roving.js"

const GROUP_MINUTES = 5

export function arrangeRow(row, before, isFirstUnread) {
  const date = sentAt(row)
  const isNewDay = !before || !isSameDay(date, sentAt(before))
  divide(row, isNewDay && date, isFirstUnread)
  const near = before && Math.abs(date - sentAt(before)) < GROUP_MINUTES * 60_000
  const grouped = near && !isNewDay && !isFirstUnread && before.dataset.senderId === row.dataset.senderId
  row.classList.toggle("grouped", Boolean(grouped))
  setStops(row)
}

function divide(row, day, isFirstUnread) {
  row.querySelector(".divider")?.remove()
  if (!day && !isFirstUnread) return
  const divider = document.createElement("div")
  divider.className = "divider"
  divider.classList.toggle("unread", isFirstUnread)
  if (day) divider.append(label("day", dayOf(day), momentOf(day)))
  if (isFirstUnread) divider.append(label("news", t("New messages")))
  row.prepend(divider)
}

function label(name, text, title = "") {
  const span = document.createElement("span")
  Object.assign(span, { className: name, textContent: text, title })
  return span
}
