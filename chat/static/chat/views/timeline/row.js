// One message as a row of the timeline, drawn from what the store has of it. Draws only what has changed.

import { paintAvatar } from "../../lib/avatar.js"
import { dayOf, isSameDay, momentOf, timeOf } from "../../lib/clock.js"
import { excerptOf, removed } from "../../lib/excerpt.js"
import { t } from "../../lib/i18n.js"
import { sentenceOf } from "../../lib/refusals.js"
import { setStops } from "./roving.js"

const GROUP_MINUTES = 5

const template = (id) => document.getElementById(id).content

export class Row {
  element
  message = null
  // A message that could not be drawn here.
  failed = null
  #urls
  #arranged = ""
  #quoted = ""

  // `element` is a row that the server has drawn of `message`, or nothing.
  constructor(urls, element, message) {
    this.#urls = urls
    this.element = element ?? template("message-template").firstElementChild.cloneNode(true)
    if (message) this.message = message
    if (message) finish(this.element, message)
  }

  // `before` is the message above it, `original` what is known of the message that it answers.
  draw(message, { me, before, original, isFirstUnread, today }) {
    const isChanged = this.#fill(message, me)
    const isArranged = this.#arrange(before, isFirstUnread, today)
    const isQuoted = this.#quote(original)
    if (isChanged || isArranged || isQuoted) setStops(this.element)
  }

  #fill(message, me) {
    const before = this.message
    if (message === before) return false
    this.message = message
    const hadFocus = this.element.contains(document.activeElement)
    fill(this.element, message, this.#urls, me)
    showState(this.element, message)
    // A link that had the focus may be gone with the old text: the keyboard stays at the message.
    if (hadFocus && !this.element.contains(document.activeElement))
      this.element.querySelector(".row").focus({ preventScroll: true })
    return true
  }

  // One person's messages in a row are grouped; days and what is new are divided.
  #arrange(before, isFirstUnread, today) {
    const date = new Date(this.message.sent_at)
    const dateBefore = before && new Date(before.sent_at)
    const isNewDay = !before || !isSameDay(date, dateBefore)
    const isNear = before && Math.abs(date - dateBefore) < GROUP_MINUTES * 60_000
    const isGrouped = Boolean(isNear) && !isNewDay && !isFirstUnread && before.sender.id === this.message.sender.id
    const day = isNewDay ? dayOf(date, today) : ""
    const arranged = `${day} ${isFirstUnread} ${isGrouped}`
    if (arranged === this.#arranged) return false
    this.#arranged = arranged
    divide(this.element, day, isFirstUnread)
    this.element.classList.toggle("grouped", isGrouped)
    return true
  }

  #quote(original) {
    const number = this.message.reply_to
    const line = original ? excerptOf(original) : ""
    const quoted = number ? `${number} ${original?.sender.nickname ?? ""} ${line}` : ""
    if (quoted === this.#quoted) return false
    this.#quoted = quoted
    const quote = this.element.querySelector(".quote")
    quote.hidden = !number
    const link = quote.firstElementChild
    link.href = this.#urls.message(number)
    link.textContent = original ? line : t("Reply to #{number}", { number: String(number) })
    if (original) link.dataset.sender = original.sender.nickname
    else delete link.dataset.sender
    return true
  }
}

function fill(element, message, urls, me) {
  const { number, sender, client_id, sequence, reply_to, deleted_at } = message
  Object.assign(element.dataset, { clientId: client_id, sender: sender.nickname, senderId: sender.id })
  if (reply_to) element.dataset.replyTo = reply_to
  nameRow(element.querySelector(".row"), number || client_id)
  if (number) {
    Object.assign(element.dataset, { number, sequence: sequence ?? 0 })
    element.id = `message-${number}`
    element.querySelector(".row").ariaPosInSet = number
    element.querySelector(".when").href = urls.message(number)
  }
  element.classList.toggle("deleted", Boolean(deleted_at))
  element.classList.toggle("own", sender.id === me.id)
  for (const link of element.querySelectorAll(".sender, .row > .avatar")) link.href = urls.person(sender.nickname)
  element.querySelector(".sender").textContent = sender.nickname
  element.querySelector(".open-mark").hidden = !sender.open
  fillBody(element.querySelector(".body"), message)
  finish(element, message)
}

// What is read of a message that is come to: who, when, and the text.
function nameRow(row, key) {
  for (const part of ["sender", "when", "body"]) row.querySelector(`.${part}`).id = `${part}-${key}`
  row.setAttribute("aria-labelledby", `sender-${key} when-${key}`)
  row.setAttribute("aria-describedby", `body-${key}`)
}

// What the server leaves to the browser: the initial, and times where the reader is.
function finish(element, { number, sender, sent_at }) {
  paintAvatar(element.querySelector(".avatar"), sender.nickname)
  const time = element.querySelector("time")
  const date = new Date(sent_at)
  time.dateTime = sent_at
  time.textContent = timeOf(date)
  if (number) element.querySelector(".when").ariaDescription = momentOf(date)
  element.querySelector(".reply .unseen").textContent = t("Reply to {nickname}", { nickname: sender.nickname })
}

function fillBody(body, { body: text, html, deleted_at }) {
  // The server renders `html` from escaped text, with nothing but links in it: the only HTML that this page takes in.
  if (html && !deleted_at) body.innerHTML = html
  else body.textContent = deleted_at ? removed() : text
}

// Of one's own: on its way, or refused, with what can be done about it.
function showState(element, { number, state, mayRetry, ...refusal }) {
  const isFailed = !number && state === "failed"
  element.classList.toggle("pending", !number && state !== "sent")
  element.classList.toggle("failed", isFailed)
  const line = element.querySelector(".fate")
  line.hidden = !isFailed
  if (!isFailed) return line.replaceChildren()
  line.replaceChildren(template("failed-template").cloneNode(true))
  line.querySelector(".reason").textContent = sentenceOf(refusal)
  line.querySelector("[name=retry]").hidden = !mayRetry
}

function divide(element, day, isFirstUnread) {
  element.querySelector(".divider")?.remove()
  if (!day && !isFirstUnread) return
  const divider = document.createElement("div")
  divider.className = "divider"
  divider.classList.toggle("unread", isFirstUnread)
  if (day) divider.append(label("day", day))
  if (isFirstUnread) divider.append(label("news", t("New messages")))
  element.prepend(divider)
}

function label(className, textContent) {
  return Object.assign(document.createElement("span"), { className, textContent })
}
