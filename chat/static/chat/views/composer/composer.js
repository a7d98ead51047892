// The box to write in.

import { part } from "../../lib/dom.js"
import { excerptOf } from "../../lib/excerpt.js"
import { parts, plural, t } from "../../lib/i18n.js"
import { onKey } from "../../lib/keys.js"

/** @import { Person } from "../../lib/frames.d.ts" */
/** @import { Draft } from "../../store/drafts.js" */

// A message that is answered: at least its number is known.
/** @typedef {{ number: number } & ({ sender?: undefined } | { sender: Person, body: string, deleted_at?: string })} Quoted */

const MOST = 10_000
const TELL_FROM = 9_000

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
  #replyTo = /** @type {Quoted | null} */ (null)

  /**
   * @param {HTMLElement} form
   * @param {object} room
   * @param {Draft} room.draft
   * @param {(number: number) => Quoted} room.quoted
   * @param {(written: { body: string, reply_to?: number }) => void} room.onSend
   * @param {() => void} room.onType
   */
  constructor(form, { draft, quoted, onSend, onType }) {
    this.#form = form
    this.#text = part(form, "textarea", HTMLTextAreaElement)
    this.#send = part(form, ".send", HTMLButtonElement)
    this.#hint = part(form, ".composer-hint")
    this.#quote = part(form, ".replying")
    this.#draft = draft
    this.#onSend = onSend
    this.#onType = onType
    this.#listen()
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

  // The room has another title now.
  /** @param {string} title */
  retitle(title) {
    this.#text.placeholder = t("Message {name}", { name: title })
  }

  /** @param {string} why */
  close(why) {
    this.#text.disabled = this.#send.disabled = true
    this.#text.placeholder = why
    // A text that was being written hides the placeholder; it stays to be copied.
    if (this.#text.value) this.say(why)
  }

  /** @param {string} hint */
  say(hint) {
    this.#hint.textContent = hint
  }

  #listen() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.#text.addEventListener("input", () => {
      this.#keep()
      this.#look()
      if (this.#text.value.trim()) this.#onType()
    })
    onKey(this.#text, (event) => this.#key(event))
    part(this.#quote, "button").addEventListener("click", () => this.replyTo(null))
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape" && this.#replyTo) this.replyTo(null)
    if (event.key !== "Enter" || event.shiftKey || isTouch.matches) return
    event.preventDefault()
    this.#submit()
  }

  /** @param {Quoted | null} message */
  #quoteIt(message) {
    this.#replyTo = message
    this.#quote.hidden = !message
    part(this.#quote, "span").replaceChildren(...(message ? sentenceOf(message) : []))
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
    this.say(length > TELL_FROM ? sentence(left) : "")
    this.#grow()
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
