// The box to write in.

import { isolated, part } from "../../lib/dom.js"
import { parts, plural, t } from "../../lib/i18n.js"
import { focusRoom, onPressed } from "../shell/keys.js"
import { excerptOf } from "../timeline/row.js"

/** @import { Person } from "../../lib/frames.d.ts" */
/** @import { Draft, Edited } from "../../store/drafts.js" */
/** @import { Shown } from "../../store/types.d.ts" */
/** @import { Announcer } from "../shell/status.js" */
/** @import { Around } from "./types.d.ts" */
/** @import { Writing } from "./writing.js" */

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
  #emoji
  #hint
  #quote
  #draft
  #quoted
  #on
  #announcer
  #help
  #writing = /** @type {Promise<Writing | null> | null} */ (null)
  #replyTo = /** @type {Quoted | null} */ (null)
  // The message whose text is being changed, and what was being written before.
  #edited = /** @type {Omit<Edited, "text"> | null} */ (null)
  #aside = { text: "", reply: 0 }
  #step = /** @type {number | null} */ (null)

  /**
   * @param {HTMLElement} form
   * @param {object} room
   * @param {Draft} room.draft
   * @param {(number: number) => Quoted} room.quoted
   * @param {object} room.on what is told, and asked
   * @param {(written: { body: string, reply_to?: number }) => void} room.on.send
   * @param {(edit: { number: number, sequence: number, body: string }) => void} room.on.edit
   * @param {(number: number) => void} room.on.editing which message is being changed; 0 for none
   * @param {() => boolean} room.on.editLast whether there is a last message of one's own, which is being changed now
   * @param {() => Promise<boolean>} room.on.giveUp whether changes may be lost
   * @param {(anchor: Element) => Promise<string | null>} room.on.pickEmoji
   * @param {() => void} room.on.type
   * @param {Around} room.around
   * @param {Announcer} room.announcer
   * @param {AbortSignal} room.signal
   */
  constructor(form, { draft, quoted, on, around, announcer, signal }) {
    this.#form = form
    this.#text = part(form, "textarea", HTMLTextAreaElement)
    this.#send = part(form, ".send", HTMLButtonElement)
    this.#emoji = part(form, "[name=emoji]", HTMLButtonElement)
    this.#hint = part(form, ".composer-hint")
    this.#quote = part(form, ".replying")
    this.#draft = draft
    this.#quoted = quoted
    this.#on = on
    this.#announcer = announcer
    const toggle = part(form, "[name=formatting]", HTMLButtonElement)
    // Help with writing is loaded when somebody begins.
    this.#help = () =>
      this.#writing ??= import("./writing.js").then(
        ({ Writing }) => new Writing(this.#text, toggle, { around, announcer, signal }),
        () => (this.#writing = null),
      )
    this.#listen(signal)
    toggle.addEventListener("click", async () => (await this.#help())?.toggleToolbar())
    this.#text.disabled = this.#emoji.disabled = toggle.disabled = false
    this.#showDraft()
    draft.onOtherTab(() => this.#text.disabled || this.#showDraft())
    if (!isTouch.matches) this.#text.focus({ preventScroll: true })
    for (const name of ["pointerdown", "select"]) this.#text.addEventListener(name, this.#help, { once: true })
  }

  // Answers this message; `null` for none.
  /** @param {Quoted | null} message */
  async replyTo(message) {
    if (!(await this.#leaveEdit())) return
    this.#replyTo = message
    this.#showBar()
    this.#keep()
    this.#text.focus()
  }

  // Changes the text of this message, beginning with `text`. What was being written comes back afterwards.
  /** @param {Shown} message */
  async edit({ number, sequence = 0, body }, text = body) {
    if (!number || !(await this.#leaveEdit())) return
    this.#aside = { text: this.#text.value, reply: this.#replyTo?.number ?? 0 }
    this.#begin({ number, sequence, body }, text)
    this.#keep()
    this.#text.focus()
    this.#text.setSelectionRange(text.length, text.length)
  }

  // The message that is answered may have become known, or another one: changed, or removed.
  refresh() {
    const before = this.#replyTo
    const now = before && this.#quoted(before.number)
    if (!now?.sender || now === before) return
    this.#replyTo = now
    this.#showBar()
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
    this.#text.disabled = true
    for (const button of this.#text.form?.querySelectorAll(".box button") ?? [])
      button.toggleAttribute("disabled", true)
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
      this.#help()
      this.#keep()
      this.#look()
      if (this.#text.value.trim() && !this.#edited) this.#on.type()
    })
    this.#text.addEventListener("paste", (event) => this.#paste(event))
    this.#emoji.addEventListener("click", () => this.#pickEmoji())
    onPressed("send", () => this.#enter(), signal, this.#form)
    onPressed("cancel", () => this.#cancel(), signal, this.#form)
    onPressed("edit-last", () => !this.#text.value && !this.#edited && this.#on.editLast(), signal, this.#form)
    part(this.#quote, "button").addEventListener("click", () => this.#cancel())
  }

  // In the place of what is selected.
  async #pickEmoji() {
    const emoji = await this.#on.pickEmoji(this.#emoji)
    if (emoji && this.isOpen) this.#put(emoji)
  }

  /** @param {string} text */
  #put(text) {
    this.#text.setRangeText(text, this.#text.selectionStart, this.#text.selectionEnd, "end")
    this.#text.focus()
    this.#text.dispatchEvent(new Event("input"))
  }

  // Rich text becomes Markdown. Pasted as plain text it comes without `text/html`.
  /** @param {ClipboardEvent} event */
  #paste(event) {
    const html = event.clipboardData?.getData("text/html")
    const plain = event.clipboardData?.getData("text/plain") ?? ""
    if (!html) return
    event.preventDefault()
    import("./pasting.js").then(({ paste }) => paste(this.#text, html, plain), () => this.#put(plain))
  }

  #enter() {
    if (isTouch.matches) return false
    this.#submit()
    return true
  }

  #cancel() {
    if (!this.#replyTo && !this.#edited) return false
    if (this.#edited) this.#leaveEdit().then(() => this.#text.focus())
    else this.replyTo(null)
    return true
  }

  #showDraft() {
    const { text, reply, edit } = this.#draft.read()
    this.#aside = { text, reply }
    if (edit) this.#begin(edit, edit.text)
    else this.#takeUp()
  }

  /** @param {Omit<Edited, "text">} edited @param {string} text */
  #begin({ number, sequence, body }, text) {
    this.#edited = { number, sequence, body }
    this.#replyTo = null
    this.#text.value = text
    this.#showBar()
    this.#look()
  }

  // Goes on with the text that was being written before the edit, or the one that is kept.
  #takeUp() {
    const { text, reply } = this.#aside
    this.#edited = null
    this.#replyTo = reply ? this.#quoted(reply) : null
    this.#text.value = text
    this.#showBar()
    this.#look()
  }

  // Returns whether no message is being changed any more: where words would be lost, that is asked first.
  async #leaveEdit() {
    if (!this.#edited) return true
    if (this.#body !== this.#edited.body && !(await this.#on.giveUp())) return false
    this.#takeUp()
    this.#keep()
    return true
  }

  // Above the box: which message is answered, or that one is being changed.
  #showBar() {
    const isEditing = Boolean(this.#edited)
    const words = this.#replyTo ? sentenceOf(this.#replyTo) : isEditing ? [t("Editing your message")] : []
    this.#form.classList.toggle("editing", isEditing)
    this.#quote.hidden = !words.length
    part(this.#quote, ".replying-to").replaceChildren(...words)
    part(this.#quote, "button .unseen").textContent = isEditing ? t("Cancel editing") : t("Cancel reply")
    part(this.#send, ".unseen").textContent = isEditing ? t("Save") : t("Send")
    this.#on.editing(this.#edited?.number ?? 0)
  }

  // The text that would be sent.
  get #body() {
    return this.#text.value.replace(/^(\s*\n)+/, "").trimEnd()
  }

  #submit() {
    const body = this.#body
    if (this.#edited && !body) return this.say(t("A message can't be empty. To take it back, delete it."))
    if (!body || lengthOf(body) > MOST) return this.#look()
    if (this.#edited) this.#save(this.#edited, body)
    else this.#post(body)
    this.#text.focus()
  }

  /** @param {string} body */
  #post(body) {
    this.#on.send({ body, reply_to: this.#replyTo?.number })
    this.#aside = { text: "", reply: 0 }
    this.#takeUp()
    this.#draft.sent()
  }

  /** @param {Omit<Edited, "text">} edited @param {string} body */
  #save({ number, sequence, body: before }, body) {
    if (body !== before) this.#on.edit({ number, sequence, body })
    this.#takeUp()
    this.#keep()
  }

  #keep() {
    const text = this.#text.value
    if (this.#edited) this.#draft.write({ ...this.#aside, edit: { ...this.#edited, text } })
    else this.#draft.write({ text, reply: this.#replyTo?.number ?? 0 })
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

/** @param {number} left */
function sentence(left) {
  if (left < 0) return plural("{count} character over the limit", "{count} characters over the limit", -left)
  return plural("{count} character left", "{count} characters left", left)
}
