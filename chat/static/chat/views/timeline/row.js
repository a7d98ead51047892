// One message as a row of the timeline. The row is the record: what is known of a message stands in its attributes.

import { paintAvatar } from "../../lib/avatar.js"
import { momentOf, timeOf } from "../../lib/clock.js"
import { t } from "../../lib/i18n.js"

const template = document.getElementById("message-template")

export function createRow() {
  return template.content.firstElementChild.cloneNode(true)
}

export function fillRow(row, message, urls) {
  const { number, sender, client_id, sequence, reply_to, deleted_at } = message
  row.dataset.clientId = client_id
  if (number) Object.assign(row.dataset, { number, sequence: sequence ?? 0 })
  if (reply_to) row.dataset.replyTo = reply_to
  row.classList.toggle("deleted", Boolean(deleted_at))
  nameRow(row, sender, urls)
  row.querySelector("time").dateTime = message.sent_at
  fillBody(row.querySelector(".body"), message)
  if (number) numberRow(row, number, urls)
  finishRow(row)
}

// Who wrote it. `finishRow` draws what follows from that.
export function nameRow(row, sender, urls) {
  const { id, nickname, open = false } = sender
  Object.assign(row.dataset, { sender: nickname, senderId: id })
  for (const link of row.querySelectorAll(".sender, .row > .avatar")) link.href = urls.person(nickname)
  row.querySelector(".sender").textContent = nickname
  row.querySelector(".open-mark").hidden = !open
}

export function numberRow(row, number, urls) {
  row.dataset.number = number
  row.id = `message-${number}`
  row.querySelector(".when").href = urls.message(number)
}

// What the server leaves to the browser: the initial, and times where the reader is. Rows of the first view get it too.
export function finishRow(row) {
  paintAvatar(row.querySelector(".avatar"), row.dataset.sender)
  const time = row.querySelector("time")
  const date = new Date(time.dateTime)
  time.textContent = timeOf(date)
  time.title = momentOf(date)
  row.querySelector(".reply").ariaLabel = t("Reply to {nickname}", { nickname: row.dataset.sender })
}

export const senderOf = ({ dataset }) => ({ id: Number(dataset.senderId), nickname: dataset.sender })
export const sentAt = (row) => new Date(row.querySelector("time").dateTime)
export const numberOf = (row) => Number(row.dataset.number ?? 0)
export const sequenceOf = (row) => Number(row.dataset.sequence ?? 0)

function firstLineOf(row) {
  const [line] = row.querySelector(".body").textContent.trim().split("\n")
  const characters = Array.from(line)
  return characters.length > 120 ? `${characters.slice(0, 120).join("")}…` : line
}

// What is said of a message where it is answered.
export function quoteOf(row) {
  return { number: numberOf(row), sender: senderOf(row), line: firstLineOf(row) }
}

function fillBody(body, { body: text, html, deleted_at }) {
  // The server renders `html` from escaped text, with nothing but links in it: the only HTML that this page takes in.
  if (html && !deleted_at) body.innerHTML = html
  else body.textContent = deleted_at ? t("This message was removed.") : text
}
