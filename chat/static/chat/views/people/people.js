// Who is here: each presence frame is a whole picture and takes the place of the last.

import { paintAvatar } from "../../lib/avatar.js"
import { plural, t } from "../../lib/i18n.js"

const part = (id) => document.getElementById(id)

export class People {
  #me
  #urls
  #template = part("person-template")

  constructor({ me, urls }) {
    this.#me = me
    this.#urls = urls
  }

  show({ count, members, here, away }) {
    if (!this.#template) return
    const person = (one) => this.#person(one)
    part("here").replaceChildren(...here.map(person))
    part("away").replaceChildren(...(away ?? []).map(person))
    part("away-section").hidden = !away?.length
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

  #person({ id, nickname, open = false }) {
    const item = this.#template.content.firstElementChild.cloneNode(true)
    item.querySelector("a").href = this.#urls.person(nickname)
    item.querySelector(".name").textContent = nickname
    item.querySelector(".open-mark").hidden = !open
    paintAvatar(item.querySelector(".avatar"), nickname)
    const form = item.querySelector("form")
    if (id === this.#me.id) form?.remove()
    else if (form) offerRemoval(form.querySelector("button"), nickname)
    return item
  }
}

function offerRemoval(button, nickname) {
  button.value = nickname
  button.ariaLabel = t("Remove {nickname}", { nickname })
}

export const isAmong = (people, { id }) => people.some((person) => person.id === id)

// The header of a direct room says whether the other person is here.
export function showNearness(line, { isHere, isOpen }) {
  line.classList.toggle("is-here", isHere)
  if (isHere) line.textContent = t("Online")
  else if (isOpen) line.textContent = t("Not connected. Messages to open names aren't kept.")
  else line.textContent = t("Offline. They'll see this when they're back.")
}
