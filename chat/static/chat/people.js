// Who is here: each presence frame is a whole picture and takes the place of the last.

import { paintAvatar } from "./avatar.js"

const part = (id) => document.getElementById(id)

export class People {
  #me
  #urls
  #template = part("person-template")

  constructor({ me, urls }) {
    this.#me = me
    this.#urls = urls
  }

  show({ count, members, here, away, open = [] }) {
    if (!this.#template) return
    const person = (name) => this.#person(name, open.includes(name))
    part("here").replaceChildren(...here.map(person))
    part("away").replaceChildren(...(away ?? []).map(person))
    part("away-section").hidden = !away?.length
    part("here-count").textContent = count || ""
    part("here-more").hidden = count <= here.length
    part("here-more").textContent = `and ${count - here.length} more`
    part("people-note").textContent = `${members} member${members === 1 ? "" : "s"} in all`
    document.querySelector(".people-count").textContent = members
  }

  // Only members see who is here, and add people or remove them.
  close() {
    if (!this.#template) return
    this.#template = null
    for (const list of document.querySelectorAll(".people-body > :not(#people-note)")) list.hidden = true
    document.querySelector(".add-person")?.remove()
    part("people-note").textContent = "Only members see who is here."
    document.querySelector(".people-count").textContent = ""
  }

  #person(name, isOpen) {
    const item = this.#template.content.firstElementChild.cloneNode(true)
    item.querySelector("a").href = this.#urls.person(name)
    item.querySelector(".name").textContent = name
    item.querySelector(".open-mark").hidden = !isOpen
    paintAvatar(item.querySelector(".avatar"), name)
    this.#offerRemoval(item.querySelector("form"), name)
    return item
  }

  #offerRemoval(form, name) {
    if (name === this.#me) form?.remove()
    else form?.querySelector("button").setAttribute("value", name)
    form?.querySelector("button").setAttribute("aria-label", `Remove ${name}`)
  }
}

// The header of a direct room says whether the other person is here.
export function showNearness(line, { isHere, isOpen }) {
  line.classList.toggle("is-here", isHere)
  if (isHere) line.textContent = "Here now"
  else if (isOpen) line.textContent = "Not connected: words are not kept"
  else line.textContent = "Away: what you write waits for them"
}
