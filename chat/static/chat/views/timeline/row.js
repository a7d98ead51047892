// One message as a row of the timeline, drawn from what the store has of it. Draws only what has changed.

import { paintAvatar } from "../../lib/avatar.js"
import { dayOf, isSameDay, momentOf, timeOf } from "../../lib/clock.js"
import { byId, copyOf, find, keepFocus, part, parts, patch, trusted } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { sentenceOf } from "../../lib/refusals.js"
import { names } from "../../store/messages.js"
import { setStops } from "./roving.js"

/** @import { Message, Person, Reactions } from "../../lib/frames.d.ts" */
/** @import { Placed, Shown } from "../../store/types.d.ts" */
/** @import { RoomUrls } from "../types.d.ts" */

// The surroundings of a row: `before` is the message above it, `original` what is known of the message that it answers.
/**
 * @typedef {object} Context
 * @property {Person} me
 * @property {Shown | null} before
 * @property {Message | null | undefined} original
 * @property {boolean} isFirstUnread
 * @property {Date} today
 */

const GROUP_MINUTES = 5
// Characters of a message in one line.
const LONGEST_LINE = 120
const SPOILER = /\|\|\S.*?\|\|/g

/** @param {string} id */
const template = (id) => byId(id, HTMLTemplateElement)

export class Row {
  element
  message = /** @type {Shown | null} */ (null)
  // A message that could not be drawn here.
  failed = /** @type {Shown | null} */ (null)
  #urls
  #ids
  #arranged = ""
  #quoted = ""

  // `element` is a row that the server has drawn of `message`, or nothing.
  // `ids` is what its ids begin with: a message may be on the page twice.
  /** @param {RoomUrls} urls @param {string} ids @param {HTMLElement} [element] @param {Placed} [message] */
  constructor(urls, ids, element, message) {
    this.#urls = urls
    this.#ids = ids
    this.element = element ?? copyOf(template("message-template"))
    if (message) this.message = message
    if (message) finish(this.element, message, ids)
    if (message?.html) equip(part(this.element, ".body"))
  }

  /** @param {Shown} message @param {Context} context */
  draw(message, { me, before, original, isFirstUnread, today }) {
    const isChanged = this.#fill(message, me)
    const isArranged = this.#arrange(message, before, isFirstUnread, today)
    const isQuoted = this.#quote(message, original)
    if (isChanged || isArranged || isQuoted) setStops(this.element)
  }

  /** @param {Shown} message @param {Person} me */
  #fill(message, me) {
    const before = this.message
    if (message === before) return false
    this.message = message
    const hadFocus = this.element.contains(document.activeElement)
    fill(this.element, message, this.#urls, me, before)
    finish(this.element, message, this.#ids)
    showState(this.element, message)
    // A link that had the focus may be gone with the old text: the keyboard stays at the message.
    if (hadFocus && !this.element.contains(document.activeElement))
      part(this.element, ".row").focus({ preventScroll: true })
    return true
  }

  // One person's messages in a row are grouped; days and what is new are divided.
  /** @param {Shown} message @param {Shown | null} before @param {boolean} isFirstUnread @param {Date} today */
  #arrange(message, before, isFirstUnread, today) {
    const date = new Date(message.sent_at)
    const dateBefore = before && new Date(before.sent_at)
    const isNewDay = !dateBefore || !isSameDay(date, dateBefore)
    const isNear = !isNewDay && Math.abs(date.getTime() - dateBefore.getTime()) < GROUP_MINUTES * 60_000
    const isGrouped = isNear && !isFirstUnread && before?.sender.id === message.sender.id
    const day = isNewDay ? dayOf(date, today) : ""
    const arranged = `${day} ${isFirstUnread} ${isGrouped}`
    if (arranged === this.#arranged) return false
    this.#arranged = arranged
    divide(this.element, day, isFirstUnread)
    this.element.classList.toggle("grouped", isGrouped)
    return true
  }

  /** @param {Shown} message @param {Message | null | undefined} original */
  #quote(message, original) {
    const number = message.reply_to
    const line = original ? excerptOf(original) : ""
    const quoted = number ? `${number} ${original?.sender.nickname ?? ""} ${line}` : ""
    if (quoted === this.#quoted) return false
    this.#quoted = quoted
    const quote = part(this.element, ".quote")
    quote.hidden = !number
    if (!number) return true
    const link = part(quote, "a", HTMLAnchorElement)
    link.href = this.#urls.message(number)
    link.textContent = original ? line : t("Reply to #{number}", { number: String(number) })
    if (original) link.dataset.sender = original.sender.nickname
    else delete link.dataset.sender
    return true
  }
}

/** @param {HTMLElement} element @param {Shown} message @param {RoomUrls} urls @param {Person} me @param {Shown | null} before */
function fill(element, message, urls, me, before) {
  const { number, sender, deleted_at } = message
  if (number) {
    element.dataset.number = String(number)
    part(element, ".when", HTMLAnchorElement).href = urls.message(number)
  }
  element.classList.toggle("deleted", Boolean(deleted_at))
  element.classList.toggle("own", sender.id === me.id)
  element.classList.toggle("names-me", names(message, me.id))
  for (const link of [".sender", ".row > .avatar"]) {
    part(element, link, HTMLAnchorElement).href = urls.person(sender.nickname)
  }
  part(element, ".sender").textContent = sender.nickname
  const openMark = find(element, ".open-mark")
  if (openMark && sender.open) openMark.hidden = false
  else openMark?.remove()
  if (!before || !isSameText(before, message)) fillBody(part(element, ".body"), message, urls, me)
  showMarks(element, message, urls)
  showReactions(part(element, ".reactions"), deleted_at ? {} : message.reactions ?? {}, me.id)
}

// A message that is come to is read as its sender, its time and its text.
/** @param {HTMLElement} row @param {string} key */
function nameRow(row, key) {
  for (const name of ["sender", "when", "body"]) part(row, `.${name}`).id = `${name}-${key}`
  row.setAttribute("aria-labelledby", `sender-${key} when-${key}`)
  row.setAttribute("aria-describedby", `body-${key}`)
}

// The server leaves to the browser the initial, times where the reader is, and the names of rows.
/** @param {HTMLElement} element @param {Shown} message @param {string} ids */
function finish(element, { number, client_id, sender, sent_at }, ids) {
  element.dataset.clientId = client_id
  if (number) element.id = `${ids}message-${number}`
  nameRow(part(element, ".row"), `${ids}${number || client_id}`)
  if (number) part(element, ".row").ariaPosInSet = String(number)
  paintAvatar(part(element, ".avatar"), sender.nickname)
  const time = part(element, "time", HTMLTimeElement)
  const date = new Date(sent_at)
  time.dateTime = sent_at
  time.textContent = timeOf(date)
  if (number) part(element, ".when").ariaDescription = momentOf(date)
}

// A text that is the same stays, with what is selected and shown in it.
/** @param {Shown} one @param {Shown} other */
const isSameText = (one, other) =>
  one.body === other.body && one.html === other.html && one.edited_at === other.edited_at &&
  one.deleted_at === other.deleted_at && Boolean(one.number) === Boolean(other.number)

/** @param {HTMLElement} body @param {Shown} message @param {RoomUrls} urls @param {Person} me */
function fillBody(body, { number, body: text, html, edited_at, deleted_at }, urls, me) {
  // The server makes `html`, of a few tags without scripts or styles: the only HTML that this page takes in.
  if (html && !deleted_at) body.innerHTML = trusted(html)
  else body.textContent = deleted_at ? removed() : text
  equip(body)
  for (const mention of parts(body, `.mention[href="?person=${me.id}"]`)) mention.classList.add("to-me")
  if (edited_at && !deleted_at && number) body.append(editedMark(number, urls))
}

// What the server's markup needs to be acted upon: code can be copied, and spoilers opened.
/** @param {HTMLElement} body */
function equip(body) {
  if (navigator.clipboard) { for (const code of parts(body, "pre")) code.append(copyOf(template("copy-template"))) }
  for (const spoiler of parts(body, ".spoiler"))
    Object.assign(spoiler, { role: "button", ariaExpanded: "false", ariaLabel: t("Spoiler. Press to show it.") })
}

// Where the site shows earlier versions, it leads to them.
/** @param {number} number @param {RoomUrls} urls */
function editedMark(number, urls) {
  const mark = copyOf(template("edited-template"))
  if (mark instanceof HTMLAnchorElement) mark.href = `${urls.message(number)}versions/`
  return mark
}

// That it was forwarded, is pinned, is saved: a line above the text, where there is anything to say.
/** @param {HTMLElement} element @param {Shown} message @param {RoomUrls} urls */
function showMarks(element, { number, forwarded, pinned_at, saved, deleted_at }, urls) {
  const wanted = { forwarded, pinned: pinned_at, saved }
  const known = find(element, ".marks")
  if (deleted_at || !Object.values(wanted).some(Boolean)) return known?.remove()
  const marks = copyOf(template("marks-template"))
  for (const [name, isOn] of Object.entries(wanted)) if (!isOn) part(marks, `.mark-of-${name}`).remove()
  if (number) find(marks, "a", HTMLAnchorElement)?.setAttribute("href", `${urls.message(number)}origin/`)
  if (known?.isEqualNode(marks)) return
  if (known) known.replaceWith(marks)
  else part(element, ".body").before(marks)
}

// How many people have put each emoji there, and which are one's own. Buttons that are there already stay, with the focus that one of them may have.
/** @param {HTMLElement} line @param {Reactions} reactions @param {number} me */
function showReactions(line, reactions, me) {
  const known = new Map(parts(line, "button").map((button) => [button.getAttribute("value"), button]))
  const buttons = Object.entries(reactions).map(([emoji, people]) => {
    const button = known.get(emoji) ?? copyOf(template("reaction-template"))
    button.setAttribute("value", emoji)
    button.ariaPressed = String(people.includes(me))
    part(button, ".reaction-emoji").textContent = emoji
    part(button, ".reaction-count").textContent = String(people.length)
    return button
  })
  if (!buttons.length && !known.size) return
  keepFocus(line, () => patch(line, buttons))
  line.hidden = !buttons.length
}

// Of one's own, and of one's changes: on the way, or refused, with what can be done about it.
/** @param {HTMLElement} element @param {Shown} message */
function showState(element, message) {
  const change = message.number ? message.change : undefined
  element.classList.toggle("pending", !message.number && message.state !== "sent")
  element.classList.toggle("changing", change?.state === "changing")
  element.classList.toggle("failed", message.state === "failed" || change?.state === "failed")
  const line = part(element, ".fate")
  const fate = fateOf(message)
  line.hidden = !fate
  line.replaceChildren(...fate ? [template(fate).content.cloneNode(true)] : [])
  if (message.state === "failed") {
    part(line, ".reason").textContent = sentenceOf(message)
    part(line, "[name=retry]").hidden = !message.mayRetry
  } else if (change?.state === "failed") {
    part(line, ".reason").textContent = sentenceOf(change)
    part(line, "[name=edit-again]").hidden = change.kind !== "edit" || Boolean(message.deleted_at)
  }
}

// The template of the line below a message that has one.
/** @param {Shown} message */
function fateOf(message) {
  if (message.state === "failed") return "failed-template"
  const change = message.number ? message.change : undefined
  if (change?.state === "failed") return "change-failed-template"
  return change?.kind === "delete" ? "undo-template" : ""
}

/** @param {HTMLElement} element @param {string} day @param {boolean} isFirstUnread */
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

/** @param {string} className @param {string} textContent */
function label(className, textContent) {
  return Object.assign(document.createElement("span"), { className, textContent })
}

const removed = () => t("This message was removed.")

// Of code, the first line is told, not the one above it.
const FENCE = /^\s*(?:```+|~~~+)[^\n`]*\n/

// Where a message is quoted or read out, what it hides stays hidden.
/** @param {string} body */
export const withoutSpoilers = (body) => body.replace(SPOILER, "▇▇▇")

// A message in one line, where it is answered.
/**
 * @param {Pick<Message, "body" | "deleted_at">} message
 * @returns {string}
 */
export function excerptOf({ body, deleted_at }) {
  const [line] = (deleted_at ? removed() : withoutSpoilers(body)).replace(FENCE, "").trim().split("\n")
  const characters = Array.from(line)
  return characters.length > LONGEST_LINE ? `${characters.slice(0, LONGEST_LINE).join("")}…` : line
}
