// Notices above the talk, until they are closed: of an action that has just been done, and of messages and edits that a
// room has refused because their writer is not in it any more. Those belong to no page, so they are shown on every one.

import { focusRoom } from "./keys.js"
import { closest, copyOf, isolated, keepFocus, part } from "../../lib/dom.js"
import { parts, t } from "../../lib/i18n.js"

/** @import { Entry } from "../../store/types.d.ts" */

export function listenToNotices() {
  document.addEventListener("click", (event) => {
    if (!closest(event, ".notice [name=close]")) return
    closest(event, ".notice")?.remove()
    focusRoom()
  })
}

export class Leftovers {
  #list
  #template
  #warning
  #onDelete
  #shown = /** @type {Map<string, HTMLElement>} */ (new Map())

  /**
   * @param {HTMLElement} list
   * @param {object} more
   * @param {HTMLTemplateElement} more.template one of them
   * @param {HTMLTemplateElement} more.warning says that the browser stores none
   * @param {(client_id: string) => void} more.onDelete forgets one
   */
  constructor(list, { template, warning, onDelete }) {
    this.#list = list
    this.#template = template
    this.#warning = warning
    this.#onDelete = onDelete
  }

  /** @param {Entry} entry */
  show(entry) {
    const { client_id, kind, place, to } = entry
    const body = (!entry.kind && entry.forward?.body) || entry.body
    if (this.#shown.has(client_id)) return
    const item = copyOf(this.#template)
    this.#shown.set(client_id, item)
    part(item, ".unsent-to").replaceChildren(...(kind ? unsavedIn(place ?? "") : unsentTo(place ?? to)))
    part(item, ".words").textContent = body
    part(item, "[name=copy]").hidden = !navigator.clipboard
    part(item, "[name=copy]").addEventListener("click", () => navigator.clipboard.writeText(body))
    part(item, "[name=delete]").addEventListener("click", () => this.#onDelete(client_id))
    this.#list.append(item)
  }

  /** @param {string} client_id */
  drop(client_id) {
    const item = this.#shown.get(client_id)
    const hadFocus = item?.contains(document.activeElement)
    keepFocus(this.#list, () => item?.remove())
    if (hadFocus && !this.#list.contains(document.activeElement)) focusRoom()
  }

  warn() {
    this.#list.append(copyOf(this.#warning))
  }
}

/** @param {string | null} place */
function unsentTo(place) {
  if (!place) return [t("Not sent to a room you've left:")]
  return parts("Not sent to “{name}”:", { name: isolated(place) })
}

/** @param {string} place */
function unsavedIn(place) {
  return parts("Your edit in “{name}” wasn't saved:", { name: isolated(place) })
}
