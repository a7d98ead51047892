// The people who are here: each presence frame is a whole picture and takes the place of the last.

import { paintAvatar } from "../../lib/avatar.js"
import { byId, copyOf, find, keepFocus, part, parts, patch } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"

/** @import { Person, Presence } from "../../lib/frames.d.ts" */
/** @import { SiteUrls } from "../types.d.ts" */

export class People {
  #me
  #urls
  #template = find(document, "#person-template", HTMLTemplateElement)
  // By id: somebody who stays keeps their place on the page, and the focus that is on it.
  #items = /** @type {Map<number, HTMLElement>} */ (new Map())

  /** @param {{ me: Person, urls: SiteUrls }} reader */
  constructor({ me, urls }) {
    this.#me = me
    this.#urls = urls
  }

  /** @param {Presence} presence */
  show({ count, members, here, away }) {
    const template = this.#template
    if (!template) return
    const shown = new Set([...here, ...(away ?? [])].map(({ id }) => id))
    for (const id of this.#items.keys()) if (!shown.has(id)) this.#items.delete(id)
    // From one list to the other somebody takes the focus along.
    keepFocus(part(document, ".people-body"), () => {
      byId("away-section").hidden = !away?.length
      patch(byId("here"), here.map((one) => this.#item(one, template)))
      patch(byId("away"), (away ?? []).map((one) => this.#item(one, template)))
    })
    byId("here-count").textContent = String(count || "")
    byId("here-more").hidden = count <= here.length
    byId("here-more").textContent = t("and {count} more", { count: count - here.length })
    byId("people-note").textContent = plural("{count} member", "{count} members", members)
    part(document, ".people-count").textContent = String(members)
  }

  get known() {
    return Array.from(this.#items, ([id, { dataset }]) => ({ id, nickname: dataset.nickname ?? "" }))
  }

  // Only members see who is here, and add people or remove them.
  close() {
    if (!this.#template) return
    this.#template = null
    for (const list of parts(document, ".people-body > :not(#people-note)")) list.hidden = true
    document.querySelector(".add-person")?.remove()
    byId("people-note").textContent = t("Only members can see who's online.")
    part(document, ".people-count").textContent = ""
  }

  /** @param {Person} person @param {HTMLTemplateElement} template */
  #item(person, template) {
    const item = this.#items.get(person.id) ?? copyOf(template)
    if (item.dataset.nickname !== person.nickname) this.#fill(item, person)
    this.#items.set(person.id, item)
    return item
  }

  /** @param {HTMLElement} item @param {Person} person */
  #fill(item, { id, nickname, open = false }) {
    item.dataset.nickname = nickname
    part(item, "a", HTMLAnchorElement).href = this.#urls.person(nickname)
    part(item, ".name").textContent = nickname
    part(item, ".open-mark").hidden = !open
    paintAvatar(part(item, ".avatar"), nickname)
    const form = item.querySelector("form")
    if (id === this.#me.id) form?.remove()
    else if (form) offerRemoval(part(form, "button", HTMLButtonElement), nickname)
  }
}

/** @param {HTMLButtonElement} button @param {string} nickname */
function offerRemoval(button, nickname) {
  button.value = nickname
  part(button, ".unseen").textContent = t("Remove {nickname}", { nickname })
}

/** @param {Person[]} people @param {Person} one */
export const isAmong = (people, { id }) => people.some((person) => person.id === id)

// The header of a direct room says whether the other person is here.
/** @param {HTMLElement} line @param {{ isHere: boolean, isOpen: boolean }} person */
export function showNearness(line, { isHere, isOpen }) {
  line.classList.toggle("is-here", isHere)
  if (isHere) line.textContent = t("Online")
  else if (isOpen) line.textContent = t("Not connected. Messages to open names aren't kept.")
  else line.textContent = t("Offline. They'll see this when they're back.")
}
