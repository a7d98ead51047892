// Words that a room has refused whose writer is not in it any more: they belong to no page, so they are shown on every one.

import { keepFocus } from "../../lib/dom.js"
import { parts, t } from "../../lib/i18n.js"
import { focusRoom } from "./focus.js"

export class Leftovers {
  #list
  #template
  #warning
  #onDelete
  #shown = new Map()

  // `template` is one of them, `warning` says that the browser stores none; `onDelete(client_id)` forgets one.
  constructor(list, { template, warning, onDelete }) {
    this.#list = list
    this.#template = template
    this.#warning = warning
    this.#onDelete = onDelete
  }

  show({ client_id, place, to, body }) {
    if (this.#shown.has(client_id)) return
    const item = this.#template.content.firstElementChild.cloneNode(true)
    this.#shown.set(client_id, item)
    item.querySelector(".unsent-to").replaceChildren(...unsentTo(place ?? to))
    item.querySelector(".words").textContent = body
    item.querySelector("[name=copy]").hidden = !navigator.clipboard
    item.querySelector("[name=copy]").addEventListener("click", () => navigator.clipboard.writeText(body))
    item.querySelector("[name=delete]").addEventListener("click", () => this.#onDelete(client_id))
    this.#list.append(item)
  }

  drop(client_id) {
    const item = this.#shown.get(client_id)
    const hadFocus = item?.contains(document.activeElement)
    keepFocus(this.#list, () => item?.remove())
    if (hadFocus && !this.#list.contains(document.activeElement)) focusRoom()
  }

  warn() {
    this.#list.append(this.#warning.content.firstElementChild.cloneNode(true))
  }
}

function unsentTo(place) {
  if (!place) return [t("Not sent to a room you've left:")]
  const name = document.createElement("bdi")
  name.textContent = place
  return parts("Not sent to “{name}”:", { name })
}
