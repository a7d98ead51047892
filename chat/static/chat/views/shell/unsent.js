// Words that a room has refused whose writer is not in it any more: they belong to no page, so they are shown on every one.

import { parts, t } from "../../lib/i18n.js"

export class Leftovers {
  #list
  #template
  #onDelete
  #shown = new Set()

  // `onDelete(client_id)` forgets one.
  constructor(list, { template, onDelete }) {
    this.#list = list
    this.#template = template
    this.#onDelete = onDelete
  }

  show({ client_id, place, body }) {
    if (this.#shown.has(client_id)) return
    this.#shown.add(client_id)
    const item = this.#template.content.firstElementChild.cloneNode(true)
    item.querySelector(".unsent-to").replaceChildren(...unsentTo(place))
    item.querySelector(".words").textContent = body
    item.querySelector("[name=copy]").hidden = !navigator.clipboard
    item.querySelector("[name=copy]").addEventListener("click", () => navigator.clipboard.writeText(body))
    item.querySelector("[name=delete]").addEventListener("click", () => {
      item.remove()
      this.#onDelete(client_id)
    })
    this.#list.append(item)
  }
}

function unsentTo(place) {
  if (!place) return [t("Not sent to a room you've left:")]
  const name = document.createElement("bdi")
  name.textContent = place
  return parts("Not sent to “{name}”:", { name })
}
