// Who is here: each presence frame is a whole picture and takes the place of the last.

import { paintAvatar } from "../../lib/avatar.js"
import { keepFocus, patch } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"

const part = (id) => document.getElementById(id)

export class People {
  #me
  #urls
  #template = part("person-template")
  // By id: somebody who stays keeps their place on the page, and the focus that is on it.
  #items = new Map()

  constructor({ me, urls }) {
    this.#me = me
    this.#urls = urls
  }

  show({ count, members, here, away }) {
    if (!this.#template) return
    const shown = new Set([...here, ...(away ?? [])].map(({ id }) => id))
    for (const id of this.#items.keys()) if (!shown.has(id)) this.#items.delete(id)
    // From one list to the other somebody takes the focus along.
    keepFocus(document.querySelector(".people-body"), () => {
      part("away-section").hidden = !away?.length
      patch(part("here"), here.map((one) => this.#item(one)))
      patch(part("away"), (away ?? []).map((one) => this.#item(one)))
    })
    part("here-count").textContent = count || ""
    part("here-more").hidden = count <= here.length
    part("here-more").textContent = t("and {count} more", { count: count - here.length })
    part("people-note").textContent = plural("{count} member", "{count} members", members)
    document.querySelector(".people-count").textContent = members
  }

  // Only members see who is here, and add people or remove them.
  close() {
    if (!this.#template) return
    this.#template = null
    for (const list of document.querySelectorAll(".people-body > :not(#people-note)")) list.hidden = true
    document.querySelector(".add-person")?.remove()
    part("people-note").textContent = t("Only members can see who's online.")
    document.querySelector(".people-count").textContent = ""
  }

  #item(person) {
    const item = this.#items.get(person.id) ?? this.#template.content.firstElementChild.cloneNode(true)
    if (item.dataset.nickname !== person.nickname) this.#fill(item, person)
    this.#items.set(person.id, item)
    return item
  }

  #fill(item, { id, nickname, open = false }) {
    item.dataset.nickname = nickname
    item.querySelector("a").href = this.#urls.person(nickname)
    item.querySelector(".name").textContent = nickname
    item.querySelector(".open-mark").hidden = !open
    paintAvatar(item.querySelector(".avatar"), nickname)
    const form = item.querySelector("form")
    if (id === this.#me.id) form?.remove()
    else if (form) offerRemoval(form.querySelector("button"), nickname)
  }
}

function offerRemoval(button, nickname) {
  button.value = nickname
  button.querySelector(".unseen").textContent = t("Remove {nickname}", { nickname })
}

export const isAmong = (people, { id }) => people.some((person) => person.id === id)

// The header of a direct room says whether the other person is here.
export function showNearness(line, { isHere, isOpen }) {
  line.classList.toggle("is-here", isHere)
  if (isHere) line.textContent = t("Online")
  else if (isOpen) line.textContent = t("Not connected. Messages to open names aren't kept.")
  else line.textContent = t("Offline. They'll see this when they're back.")
}
