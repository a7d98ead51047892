// The dialog in which a message is forwarded: to which room or person, and with what words after it.

import { paintAvatars } from "../../lib/avatar.js"
import { byId, copyOf, element, find, isolated, part, parts } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { listenToBackdrop } from "../shell/dialogs.js"
import { loadSheet } from "../shell/sheets.js"
import { excerptOf } from "../timeline/row.js"

/** @import { Person } from "../../lib/frames.d.ts" */
/** @import { KnownRoom, Shown } from "../../store/types.d.ts" */
/** @typedef {{ room: number | null, to: string | null, name: string, kind: string }} Place */

const MOST = 40
const LONGEST = 10_000
// In milliseconds, after the last letter of a search.
const PAUSE = 200

const styled = loadSheet(new URL("../../styles/components/forward.css", import.meta.url).href)

/**
 * Resolves with what was chosen; with nothing if the dialog was closed.
 * @param {Pick<Shown, "body" | "sender" | "deleted_at">} message
 * @param {object} site
 * @param {KnownRoom[]} site.rooms
 * @param {Person} site.me
 * @param {string} site.people the address of their page
 * @param {AbortSignal} site.signal
 * @returns {Promise<{ place: Place, comment: string } | null>}
 */
export async function chooseWhere(message, { rooms, me, people, signal }) {
  await styled
  if (signal.aborted) return null
  const own = rooms.map(({ id, title, kind, other }) =>
    other?.id === me.id
      ? { room: null, to: me.nickname, name: t("Notes"), kind: "notes" }
      : { room: other ? null : id, to: other?.nickname ?? null, name: title, kind }
  )
  if (!own.some(({ kind }) => kind === "notes"))
    own.push({ room: null, to: me.nickname, name: t("Notes"), kind: "notes" })
  const dialog = build(message)
  const chooser = new Chooser(dialog, own, people)
  document.body.append(dialog)
  listenToBackdrop(dialog)
  signal.addEventListener("abort", () => dialog.close())
  dialog.showModal()
  part(dialog, "[type=search]").focus()
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }))
  dialog.remove()
  const place = dialog.returnValue === "yes" ? chooser.chosen : null
  return place && { place, comment: part(dialog, "textarea", HTMLTextAreaElement).value.trim() }
}

class Chooser {
  chosen = /** @type {Place | null} */ (null)
  #dialog
  #own
  #address
  #timer = 0

  /** @param {HTMLDialogElement} dialog @param {Place[]} own @param {string} address */
  constructor(dialog, own, address) {
    this.#dialog = dialog
    this.#own = own
    this.#address = address
    part(dialog, "[type=search]").addEventListener("input", () => this.#search())
    this.#show(own)
  }

  get #typed() {
    return part(this.#dialog, "[type=search]", HTMLInputElement).value.trim()
  }

  #search() {
    const typed = this.#typed
    const found = this.#own.filter(({ name }) => folded(name).includes(folded(typed)))
    this.#show(found)
    clearTimeout(this.#timer)
    if (typed) this.#timer = setTimeout(() => this.#searchPeople(typed, found), PAUSE)
  }

  // Those with whom one has not talked yet.
  /** @param {string} typed @param {Place[]} found */
  async #searchPeople(typed, found) {
    const address = `${this.#address}?${new URLSearchParams({ q: typed })}`
    const answer = await fetch(address, { headers: { accept: "application/json" } }).catch(() => null)
    if (!answer?.ok || typed !== this.#typed) return
    /** @type {{ people: { nickname: string }[] }} */
    const { people } = await answer.json()
    const known = new Set(this.#own.map(({ to }) => to))
    const others = people.filter(({ nickname }) => !known.has(nickname)).map(({ nickname }) => (
      { room: null, to: nickname, name: nickname, kind: "direct" }
    ))
    if (typed === this.#typed) this.#show([...found, ...others])
  }

  // The choice stays as long as it is in sight.
  /** @param {Place[]} places */
  #show(places) {
    const shown = places.slice(0, MOST)
    const before = this.chosen
    this.chosen = shown.find((place) => isSame(place, before)) ?? null
    part(this.#dialog, ".forward-places").replaceChildren(...shown.map((place) => this.#choice(place)))
    part(this.#dialog, ".forward-none").hidden = shown.length > 0
    paintAvatars(this.#dialog)
    this.#look()
  }

  /** @param {Place} place */
  #choice(place) {
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: "place" })
    radio.checked = isSame(place, this.chosen)
    radio.addEventListener("change", () => {
      this.chosen = place
      this.#look()
    })
    const label = element("label", "forward-place")
    label.append(radio, glyphOf(place), isolated(place.name))
    return label
  }

  #look() {
    part(this.#dialog, "[value=yes]", HTMLButtonElement).disabled = !this.chosen
  }
}

// As the list of rooms has it.
/** @param {Place} place */
function glyphOf({ kind, name }) {
  const glyph = part(kind === "notes" ? byId("notes") : copyOf(byId("room-template", HTMLTemplateElement)), ".glyph")
  const copy = /** @type {HTMLElement} */ (glyph.cloneNode(true))
  copy.ariaHidden = "true"
  if (kind === "notes") return copy
  const shown = kind === "direct" ? ".avatar" : `.${kind}`
  for (const each of parts(copy, ":scope > *")) each.hidden = !each.matches(shown)
  const avatar = find(copy, ".avatar")
  if (avatar) Object.assign(avatar.dataset, { name })
  return copy
}

/** @param {Pick<Shown, "body" | "sender" | "deleted_at">} message */
function build(message) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog" })
  dialog.setAttribute("aria-labelledby", "forward-heading")
  const head = /** @type {HTMLElement} */ (part(byId("details"), ".dialog-head").cloneNode(true))
  Object.assign(part(head, "h2"), { id: "forward-heading", textContent: t("Forward message") })
  const form = Object.assign(document.createElement("form"), { className: "dialog-body", method: "dialog" })
  const quote = element("p", "forward-quote")
  quote.append(isolated(message.sender.nickname), " ", isolated(excerptOf(message)))
  const search = Object.assign(document.createElement("input"), { type: "search", maxLength: 64, autocomplete: "off" })
  search.dir = "auto"
  const comment = Object.assign(document.createElement("textarea"), { rows: 2, maxLength: LONGEST, dir: "auto" })
  const places = Object.assign(element("div", "forward-places"), { role: "radiogroup", ariaLabel: t("Forward to") })
  const none = element("p", "forward-none", t("Nothing matches. Try fewer letters."))
  const ways = element("p", "dialog-ways")
  const send = Object.assign(element("button", "button", t("Forward")), { value: "yes" })
  send.classList.add("primary")
  ways.append(element("button", "button", t("Cancel")), send)
  form.append(quote, field(t("Room or person"), search), places, none, field(t("Add a comment"), comment), ways)
  dialog.append(head, form)
  // Enter in the search must not press the first button, which is to cancel.
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.matches("[value=yes]") && document.activeElement === search) event.preventDefault()
  })
  return dialog
}

/** @param {string} text @param {HTMLElement} control */
function field(text, control) {
  const label = element("label", "field")
  label.append(element("span", "", text), control)
  return label
}

/** @param {string} text */
const folded = (text) => text.normalize("NFKC").toLowerCase()

/** @param {Place} one @param {Place | null} other */
const isSame = (one, other) => one.room === other?.room && one.to === other?.to
