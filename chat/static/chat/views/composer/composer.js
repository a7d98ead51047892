// The box to write in.

import { part } from "../../lib/dom.js"
import { excerptOf } from "../../lib/excerpt.js"
import { parts, plural, t } from "../../lib/i18n.js"
import { focusRoom } from "../shell/focus.js"
import { onPressed } from "../shell/keys.js"

/** @import { Person } from "../../lib/frames.d.ts" */
/** @import { Draft } from "../../store/drafts.js" */
/** @import { Announcer } from "../shell/announcer.js" */

// A message that is answered: at least its number is known.
/** @typedef {{ number: number } & ({ sender?: undefined } | { sender: Person, body: string, deleted_at?: string })} Quoted */

const MOST = 10_000
const TELL_FROM = 9_000
const STEP = 250

const isTouch = matchMedia("(hover: none) and (pointer: coarse)")

export class Composer {
  #form
  #text
  #send
  #hint
  #quote
  #draft
  #onSend
  #onType
  #announcer
  #replyTo = /** @type {Quoted | null} */ (null)
  #step = /** @type {number | null} */ (null)

  /**
   * @param {HTMLElement} form
   * @param {object} room
   * @param {Draft} room.draft
   * @param {(number: number) => Quoted} room.quoted
   * @param {(written: { body: string, reply_to?: number }) => void} room.onSend
   * @param {() => void} room.onType
   * @param {Announcer} room.announcer
   * @param {AbortSignal} room.signal
   */
  constructor(form, { draft, quoted, onSend, onType, announcer, signal }) {
    this.#form = form
    this.#text = part(form, "textarea", HTMLTextAreaElement)
    this.#send = part(form, ".send", HTMLButtonElement)
    this.#hint = part(form, ".composer-hint")
    this.#quote = part(form, ".replying")
    this.#draft = draft
    this.#onSend = onSend
    this.#onType = onType
    this.#announcer = announcer
    this.#listen(signal)
    this.#text.disabled = false
    const showDraft = () => {
      const { text, reply } = draft.read()
      this.#text.value = text
      this.#quoteIt(reply ? quoted(reply) : null)
      this.#look()
    }
    showDraft()
    draft.onOtherTab(() => this.#text.disabled || showDraft())
    if (!isTouch.matches) this.#text.focus({ preventScroll: true })
  }

  // Answers this message; `null` for none.
  /** @param {Quoted | null} message */
  replyTo(message) {
    this.#quoteIt(message)
    this.#keep()
    this.#text.focus()
  }

  get isOpen() {
    return !this.#text.disabled
  }

  // The room has another title now.
  /** @param {string} title */
  retitle(title) {
    this.#text.placeholder = t("Message {name}", { name: title })
  }

  /** @param {string} why */
  close(why) {
    const hadFocus = this.#form.contains(document.activeElement)
    this.#text.disabled = this.#send.disabled = true
    this.#text.placeholder = why
    // A text that was being written hides the placeholder; it stays to be copied.
    if (this.#text.value) this.#show(why)
    if (why) this.#announcer.say(why)
    if (hadFocus) focusRoom()
  }

  // For those who see the box, and for those who listen.
  /** @param {string} hint */
  say(hint) {
    this.#show(hint)
    if (hint) this.#announcer.say(hint)
  }

  /** @param {string} hint */
  #show(hint) {
    this.#hint.textContent = hint
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.#text.addEventListener("input", () => {
      this.#keep()
      this.#look()
      if (this.#text.value.trim()) this.#onType()
    })
    onPressed("send", () => this.#enter(), signal)
    onPressed("cancel-reply", () => this.#cancel(), signal)
    part(this.#quote, "button").addEventListener("click", () => this.replyTo(null))
  }

  #enter() {
    if (isTouch.matches) return false
    this.#submit()
    return true
  }

  #cancel() {
    if (!this.#replyTo) return false
    this.replyTo(null)
    return true
  }

  /** @param {Quoted | null} message */
  #quoteIt(message) {
    this.#replyTo = message
    this.#quote.hidden = !message
    part(this.#quote, ".replying-to").replaceChildren(...(message ? sentenceOf(message) : []))
  }

  // The text that would be sent.
  get #body() {
    return this.#text.value.replace(/^(\s*\n)+/, "").trimEnd()
  }

  #submit() {
    const body = this.#body
    if (!body || lengthOf(body) > MOST) return this.#look()
    this.#onSend({ body, reply_to: this.#replyTo?.number })
    this.#text.value = ""
    this.#quoteIt(null)
    this.#draft.sent()
    this.#look()
    this.#text.focus()
  }

  #keep() {
    this.#draft.write({ text: this.#text.value, reply: this.#replyTo?.number ?? 0 })
  }

  #look() {
    const body = this.#body
    const length = body.length > TELL_FROM ? lengthOf(body) : body.length
    const left = MOST - length
    this.#send.disabled = !body || left < 0
    this.#text.ariaInvalid = String(left < 0)
    this.#form.classList.toggle("over", left < 0)
    this.#count(length, left)
    this.#grow()
  }

  // Seen at each key, read out at each step only, and when it becomes too much.
  /** @param {number} length @param {number} left */
  #count(length, left) {
    const hint = length > TELL_FROM ? sentence(left) : ""
    this.#show(hint)
    const step = !hint ? null : left < 0 ? -1 : Math.ceil(left / STEP)
    if (hint && step !== this.#step) this.#announcer.say(hint)
    this.#step = step
  }

  // Where CSS cannot make the field as high as its text.
  #grow() {
    if (CSS.supports("field-sizing", "content")) return
    this.#text.style.height = "auto"
    this.#text.style.height = `${this.#text.scrollHeight}px`
  }
}

// Characters as people and the server count them, not UTF-16 units.
/** @param {string} text */
function lengthOf(text) {
  return Array.from(text).length
}

// Names and lines are written in either direction, each on its own.
/** @param {Quoted} message */
function sentenceOf(message) {
  if (!message.sender) return [t("Reply to #{number}", { number: String(message.number) })]
  const names = { nickname: isolated(message.sender.nickname), line: isolated(excerptOf(message)) }
  return parts("Reply to {nickname}: {line}", names)
}

/** @param {string} text */
function isolated(text) {
  const element = document.createElement("bdi")
  element.textContent = text
  return element
}

/** @param {number} left */
function sentence(left) {
  if (left < 0) return plural("{count} character over the limit", "{count} characters over the limit", -left)
  return plural("{count} character left", "{count} characters left", left)
}
