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

  show({ count, members, here, away }) {
    if (!this.#template) return
    part("here").replaceChildren(...here.map((name) => this.#person(name)))
    part("away").replaceChildren(...(away ?? []).map((name) => this.#person(name)))
    part("away-section").hidden = !away?.length
    part("here-count").textContent = count || ""
    part("here-more").hidden = count <= here.length
    part("here-more").textContent = `and ${count - here.length} more`
    part("people-note").textContent = `${members} member${members === 1 ? "" : "s"} in all`
    document.querySelector(".people-count").textContent = members
  }

  #person(name) {
    const item = this.#template.content.firstElementChild.cloneNode(true)
    item.querySelector("a").href = this.#urls.person(name)
    item.querySelector(".name").textContent = name
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
export function showNearness(line, isHere) {
  line.classList.toggle("is-here", isHere)
  line.textContent = isHere ? "Here now" : "Away: they will find it when they are back"
}
