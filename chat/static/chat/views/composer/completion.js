// Completes what is being written: a list over the message box, of people after `@`, of public rooms after `#`, of emoji
// after `:`. Loaded when the first of these signs is typed. The focus stays in the box.

import { paintAvatar } from "../../lib/avatar.js"
import { closest, element } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"
import { onPressed } from "../shell/keys.js"
import { loadSheet } from "../shell/sheets.js"
import { sourcesOf } from "./sources.js"
import { closedCode, triggerAt } from "./trigger.js"
import { apply } from "./typing_in.js"

/** @import { Announcer } from "../shell/status.js" */
/** @import { Around } from "./types.d.ts" */
/** @import { Name, Trigger } from "./trigger.js" */

const MOST = 20
// In milliseconds, after the last key.
const PATIENCE = 120

const styled = loadSheet(new URL("../../styles/components/suggestions.css", import.meta.url).href)

export class Completion {
  #text
  #announcer
  #sources
  #list
  #trigger = /** @type {Trigger | null} */ (null)
  #names = /** @type {Name[]} */ ([])
  #selected = 0
  // Where the list was closed by a key: it stays closed there.
  #closedAt = ""
  #isComposing = false
  #timer = 0

  /** @param {HTMLTextAreaElement} text @param {{ around: Around, announcer: Announcer, signal: AbortSignal }} options */
  constructor(text, { around, announcer, signal }) {
    this.#text = text
    this.#announcer = announcer
    this.#sources = sourcesOf(around)
    this.#list = Object.assign(document.createElement("div"), {
      className: "suggestions",
      id: `${text.id}-suggestions`,
      hidden: true,
    })
    this.#list.setAttribute("role", "listbox")
    this.#list.ariaLabel = t("Suggestions")
    text.parentElement?.append(this.#list)
    text.setAttribute("aria-autocomplete", "list")
    text.setAttribute("aria-controls", this.#list.id)
    this.#listen(signal)
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const text = this.#text
    text.addEventListener("compositionstart", () => {
      this.#isComposing = true
      this.#close()
    }, { signal })
    text.addEventListener("compositionend", () => {
      this.#isComposing = false
      this.look()
    }, { signal })
    text.addEventListener("input", (event) => {
      if (event instanceof InputEvent && event.data === ":") this.#closeCode()
      this.look()
    }, { signal })
    text.addEventListener("blur", () => this.#close(), { signal })
    document.addEventListener("selectionchange", () => {
      if (this.#trigger && document.activeElement === text && this.#isElsewhere()) this.look()
    }, { signal })
    // The focus, and with it a phone's keyboard, stays where it is.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault(), { signal })
    this.#list.addEventListener("click", (event) => {
      const option = closest(event, "[role=option]")
      if (option) this.#choose(this.#names[Number(option.dataset.nth)])
    }, { signal })
    onPressed("next-suggestion", () => this.#move(1), signal, text)
    onPressed("previous-suggestion", () => this.#move(-1), signal, text)
    onPressed("choose-suggestion", (event) => this.#isOpen && this.#chooseBy(event), signal, text)
    onPressed("close-suggestions", () => this.#dismiss(), signal, text)
  }

  get #isOpen() {
    return !this.#list.hidden
  }

  look() {
    if (this.#isComposing) return
    const { value, selectionStart, selectionEnd } = this.#text
    const trigger = selectionStart === selectionEnd ? triggerAt(value, selectionStart) : null
    if (!trigger) this.#closedAt = ""
    if (!trigger || this.#closedAt === placeOf(trigger)) return this.#close()
    const isSame = this.#trigger && placeOf(this.#trigger) === placeOf(trigger) && this.#trigger.typed === trigger.typed
    this.#trigger = trigger
    if (!isSame) this.#selected = 0
    this.#show(this.#found(trigger), isSame ? this.#names : [])
    this.#ask(trigger)
  }

  /** @param {Trigger} trigger */
  #found({ sign, typed }) {
    return this.#sources[sign].find(typed)
  }

  /** @param {Trigger} trigger */
  #ask(trigger) {
    clearTimeout(this.#timer)
    const source = this.#sources[trigger.sign]
    if (!source.isOpen(trigger.typed)) return
    this.#timer = setTimeout(() =>
      // Without an answer there is what the page knows.
      source.load(trigger.typed).catch(() => {}).then(() => {
        if (this.#trigger === trigger && !this.#isComposing) this.#show(this.#found(trigger), this.#names)
      }), trigger.typed ? PATIENCE : 0)
  }

  // Names that are shown already keep their places.
  /** @param {Name[]} names @param {Name[]} shown */
  #show(names, shown) {
    const known = new Map(names.map((name) => [name.id, name]))
    const kept = shown.flatMap(({ id }) => known.get(id) ?? [])
    const keptIds = new Set(kept.map(({ id }) => id))
    const before = this.#names
    this.#names = [...kept, ...names.filter(({ id }) => !keptIds.has(id))].slice(0, MOST)
    if (!this.#names.length) return this.#hide()
    const isNews = !this.#isOpen || this.#names.length !== before.length
    this.#list.replaceChildren(...this.#names.map((name, nth) => this.#option(name, nth)))
    this.#list.hidden = false
    this.#text.setAttribute("aria-haspopup", "listbox")
    this.#select(Math.min(this.#selected, this.#names.length - 1))
    if (isNews) this.#announcer.say(plural("{count} suggestion", "{count} suggestions", this.#names.length))
  }

  /** @param {Name} name @param {number} nth */
  #option(name, nth) {
    const option = element("div", "suggestion")
    option.setAttribute("role", "option")
    option.id = `suggestion-${nth}`
    option.dataset.nth = String(nth)
    const mark = element("span", markOf(name))
    mark.ariaHidden = "true"
    mark.classList.toggle("small", mark.className === "avatar")
    if (mark.classList.contains("avatar")) paintAvatar(mark, name.name)
    else mark.textContent = name.emoji ?? this.#trigger?.sign ?? ""
    const label = element("span", "suggestion-name", name.name)
    label.dir = "auto"
    option.append(mark, label)
    if (name.hint) option.append(element("span", "suggestion-hint", name.hint))
    return option
  }

  /** @param {number} nth */
  #select(nth) {
    this.#selected = nth
    for (const [place, option] of [...this.#list.children].entries()) {
      option.ariaSelected = String(place === nth)
      if (place === nth) option.scrollIntoView({ block: "nearest" })
    }
    this.#text.setAttribute("aria-activedescendant", `suggestion-${nth}`)
  }

  // From the last one to the first, and back.
  /** @param {number} step */
  #move(step) {
    if (!this.#isOpen) return false
    this.#select((this.#selected + step + this.#names.length) % this.#names.length)
    return true
  }

  // A name that is written in full needs no completion: Enter sends the message.
  /** @param {KeyboardEvent} event */
  #chooseBy({ key }) {
    const name = this.#names[this.#selected]
    if (key !== "Enter" || name.emoji || name.name !== this.#trigger?.typed) return this.#choose(name)
    this.#close()
    return false
  }

  /** @param {Name} name */
  #choose(name) {
    const trigger = this.#trigger
    if (!trigger || !name) return false
    const to = this.#text.selectionStart
    const hasSpace = this.#text.value[to] === " "
    const text = name.emoji ?? `${trigger.sign}${name.name}${hasSpace ? "" : " "}`
    const at = trigger.from + text.length + (hasSpace && !name.emoji ? 1 : 0)
    this.#close()
    apply(this.#text, { from: trigger.from, to, text, start: at, end: at })
    if (name.emoji) this.#sources[":"].picked(name.emoji)
    return true
  }

  #dismiss() {
    if (!this.#isOpen) return false
    this.#closedAt = this.#trigger ? placeOf(this.#trigger) : ""
    this.#close()
    return true
  }

  // A short code that is closed becomes its emoji, if nobody has written on meanwhile.
  async #closeCode() {
    const closed = closedCode(this.#text.value, this.#text.selectionStart)
    if (!closed) return
    const { value } = this.#text
    const emoji = await this.#sources[":"].named(closed.code).catch(() => null)
    const to = closed.from + closed.code.length + 2
    if (!emoji || this.#text.value !== value || this.#text.selectionStart !== to) return
    const at = closed.from + emoji.length
    apply(this.#text, { from: closed.from, to, text: emoji, start: at, end: at })
    this.#sources[":"].picked(emoji)
  }

  // Whether the caret has left the name that the list is about.
  #isElsewhere() {
    const trigger = triggerAt(this.#text.value, this.#text.selectionStart)
    return !trigger || placeOf(trigger) !== (this.#trigger && placeOf(this.#trigger)) ||
      trigger.typed !== this.#trigger?.typed
  }

  #close() {
    clearTimeout(this.#timer)
    this.#trigger = null
    this.#names = []
    this.#hide()
  }

  #hide() {
    this.#list.hidden = true
    this.#list.replaceChildren()
    this.#text.removeAttribute("aria-activedescendant")
    this.#text.removeAttribute("aria-haspopup")
  }
}

// For those who have just typed its sign: the list is drawn as it will look.
/** @param {HTMLTextAreaElement} text @param {{ around: Around, announcer: Announcer, signal: AbortSignal }} options */
export async function startCompletion(text, options) {
  await styled
  const completion = new Completion(text, options)
  completion.look()
}

// People have a picture; a room, and everybody, the sign.
/** @param {Name} name */
function markOf({ id, emoji }) {
  if (emoji) return "suggestion-emoji"
  return typeof id === "number" ? "avatar" : "suggestion-sign"
}

/** @param {Trigger} trigger */
const placeOf = ({ sign, from }) => `${sign}${from}`
