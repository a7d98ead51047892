// The sheet of all keys, drawn from their registry. It can switch off those that are a sign alone: who speaks to their
// computer, or types with a tremor, presses them by mistake.

import { closest } from "../../lib/dom.js"
import { capsOf } from "../../lib/keys.js"
import { stored } from "../../lib/storage.js"
import { listenToBackdrop } from "./dialogs.js"
import { KEYS, onPressed, PLACES } from "./keys.js"

const KEPT = "chatsite signs"

export const isSignKeyOff = () => Boolean(stored((kept) => kept.getItem(KEPT)))

// `dialog` is in the page, with a `.key-lists` to be filled. What has `data-opens="keys"` opens it.
/** @param {HTMLDialogElement} dialog */
export function listenToKeySheet(dialog) {
  const open = () => {
    const lists = dialog.querySelector(".key-lists")
    if (!lists?.hasChildNodes()) lists?.append(...PLACES.map(section))
    dialog.showModal()
    return true
  }
  onPressed("keys", open)
  document.addEventListener("click", (event) => {
    if (!closest(event, "[data-opens=keys]")) return
    closest(event, "[popover]")?.hidePopover()
    open()
  })
  const signs = /** @type {HTMLInputElement} */ (dialog.querySelector("[name=signs]"))
  signs.checked = !isSignKeyOff()
  signs.addEventListener("change", () => {
    stored((kept) => (signs.checked ? kept.removeItem(KEPT) : kept.setItem(KEPT, "off")))
  })
  listenToBackdrop(dialog)
}

/** @param {typeof PLACES[number]} place */
function section({ name, text }) {
  const list = element("dl", "key-list")
  list.append(...KEYS.filter(({ place }) => place === name).map(line))
  const part = element("section")
  part.append(element("h3", "", text), list)
  return part
}

/** @param {typeof KEYS[number]} key */
function line({ keys, text }) {
  const combinations = element("dd")
  for (const combination of keys.split(" ")) {
    const whole = element("kbd")
    whole.append(...capsOf(combination).flatMap((cap, place) => [place ? "+" : "", element("kbd", "cap", cap)]))
    combinations.append(whole)
  }
  const row = element("div")
  row.append(element("dt", "", text), combinations)
  return row
}

/** @param {string} name */
function element(name, className = "", text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text })
}
