// Several messages are selected, and copied together: by clicks and taps, by Space, and by Shift with the arrows.

import { closest, find, part, parts } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"
import { focusRoom, onPressed } from "../shell/keys.js"
import { loadSheet } from "../shell/sheets.js"
import { textOf } from "./copying.js"

/** @import { Messages } from "../../store/messages.js" */
/** @import { Shown } from "../../store/types.d.ts" */
/** @import { Timeline } from "./timeline.js" */
/** @typedef {{ list: HTMLElement, timeline: Timeline, messages: Messages, signal: AbortSignal }} Room */

const MOST = 100

const styled = loadSheet(new URL("../../styles/components/selecting.css", import.meta.url).href)

// Begins with this message. One who is selecting already goes on.
/** @param {Shown} message @param {Room} room */
export async function select({ number }, room) {
  await styled
  if (room.signal.aborted || room.list.classList.contains("selecting") || !number) return
  new Selecting(room).begin(number)
}

class Selecting {
  #room
  #bar = barOf()
  #chosen = /** @type {Set<number>} */ (new Set())
  #over = new AbortController()

  /** @param {Room} room */
  constructor(room) {
    this.#room = room
  }

  /** @param {number} number */
  begin(number) {
    const { list, messages } = this.#room
    const { signal } = this.#over
    this.#room.signal.addEventListener("abort", () => this.#over.abort(), { signal })
    list.classList.add("selecting")
    part(document, ".talk .foot").prepend(this.#bar.element)
    // Links and buttons inside of a message do nothing meanwhile.
    list.addEventListener("click", (event) => this.#click(event), { signal, capture: true })
    messages.addEventListener("change", () => queueMicrotask(() => this.#draw()), { signal })
    const rows = new MutationObserver(() => this.#draw())
    rows.observe(list, { childList: true })
    signal.addEventListener("abort", () => rows.disconnect())
    this.#bar.copy.addEventListener("click", () => this.#copy())
    this.#bar.cancel.addEventListener("click", () => this.#end())
    onPressed("select", (event) => this.#press(event), signal, list)
    onPressed("select-up", (event) => this.#step(event, "previousElementSibling"), signal, list)
    onPressed("select-down", (event) => this.#step(event, "nextElementSibling"), signal, list)
    onPressed("back", () => (this.#end(), true), signal)
    onPressed("cancel", () => (this.#end(), true), signal)
    this.#toggle(number)
    const row = this.#room.timeline.row(number)
    if (row) part(row, ".row").focus({ preventScroll: true })
  }

  /** @param {MouseEvent} event */
  #click(event) {
    event.preventDefault()
    event.stopPropagation()
    const number = this.#numberAt(event)
    if (number) this.#toggle(number)
  }

  /** @param {Event} event */
  #press(event) {
    const number = this.#numberAt(event)
    if (number) this.#toggle(number)
    return Boolean(number)
  }

  // Both ends are selected.
  /** @param {Event} event @param {"previousElementSibling" | "nextElementSibling"} sibling */
  #step(event, sibling) {
    const next = closest(event, ".message")?.[sibling]
    if (!next) return false
    const ends = [this.#numberAt(event), this.#room.timeline.messageOf(next)?.number]
    for (const number of ends) if (number && !this.#chosen.has(number)) this.#toggle(number)
    part(next, ".row").focus()
    return true
  }

  /** @param {Event} event */
  #numberAt(event) {
    const row = closest(event, ".message")
    return row && this.#room.timeline.messageOf(row)?.number
  }

  // A deleted message has no text to copy.
  /** @param {number} number */
  #toggle(number) {
    if (this.#chosen.delete(number)) return this.#draw()
    if (this.#room.messages.get(number)?.deleted_at) return
    if (this.#chosen.size >= MOST)
      return this.#say(
        plural("You can select {count} message at once.", "You can select {count} messages at once.", MOST),
      )
    this.#chosen.add(number)
    this.#draw()
  }

  // Rows come and go as one scrolls, and messages are deleted meanwhile.
  #draw() {
    if (this.#over.signal.aborted) return
    const { list, timeline, messages } = this.#room
    for (const number of this.#chosen) if (messages.get(number)?.deleted_at) this.#chosen.delete(number)
    for (const row of parts(list, ":scope > .message")) {
      const message = timeline.messageOf(row)
      const box = find(row, ".selection-box", HTMLInputElement) ?? boxIn(row)
      const isChosen = Boolean(message?.number && this.#chosen.has(message.number))
      box.hidden = !message?.number || Boolean(message.deleted_at)
      box.checked = isChosen
      row.classList.toggle("chosen", isChosen)
    }
    this.#say(plural("{count} selected", "{count} selected", this.#chosen.size))
    this.#bar.copy.disabled = !this.#chosen.size
  }

  /** @param {string} words */
  #say(words) {
    if (this.#bar.count.textContent !== words) this.#bar.count.textContent = words
  }

  async #copy() {
    const numbers = [...this.#chosen].sort((one, other) => one - other)
    const chosen = numbers.map((number) => this.#room.messages.get(number)).filter((message) => message !== undefined)
    const text = textOf(
      chosen.map(({ sender, sent_at, body }) => ({ nickname: sender.nickname, date: new Date(sent_at), text: body })),
    )
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      return this.#say(t("Your browser didn't allow copying"))
    }
    this.#end()
  }

  #end() {
    this.#over.abort()
    const { list } = this.#room
    const hadFocus = this.#bar.element.contains(document.activeElement)
    list.classList.remove("selecting")
    for (const box of parts(list, ".selection-box")) box.remove()
    for (const row of parts(list, ".chosen")) row.classList.remove("chosen")
    this.#bar.element.remove()
    if (hadFocus) focusRoom()
  }
}

// The keyboard is at the row: the box shows what is chosen, and tells it to those who listen.
/** @param {HTMLElement} row */
function boxIn(row) {
  const box = Object.assign(document.createElement("input"), {
    type: "checkbox",
    className: "selection-box",
    tabIndex: -1,
  })
  box.ariaLabel = t("Selected")
  part(row, ".row").prepend(box)
  return box
}

function barOf() {
  const count = Object.assign(document.createElement("p"), { className: "selected-count" })
  count.setAttribute("role", "status")
  const copy = Object.assign(document.createElement("button"), { type: "button" })
  const cancel = Object.assign(document.createElement("button"), { type: "button", className: "button" })
  copy.classList.add("button", "primary")
  copy.textContent = t("Copy")
  cancel.textContent = t("Cancel")
  const element = Object.assign(document.createElement("div"), { className: "selection-bar" })
  element.setAttribute("role", "group")
  element.ariaLabel = t("Selected messages")
  element.append(count, copy, cancel)
  return { element, count, copy, cancel }
}
