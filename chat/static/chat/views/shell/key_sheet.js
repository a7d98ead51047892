// The sheet of all keys, drawn from their registry. It can switch off those that are a sign alone: who speaks to their
// computer, or types with a tremor, presses them by mistake.

import { byId, element, part } from "../../lib/dom.js"
import { capsOf } from "../../lib/keys.js"
import { listenToBackdrop } from "./dialogs.js"
import { KEY_TEXTS, PLACE_TEXTS } from "./key_texts.js"
import { isSignKeyOff, KEYS, PLACES, switchSignKeys } from "./keys.js"

const dialog = byId("keys", HTMLDialogElement)
part(dialog, ".key-lists").append(...PLACES.map(section))
const signs = part(dialog, "[name=signs]", HTMLInputElement)
signs.checked = !isSignKeyOff()
signs.addEventListener("change", () => switchSignKeys(signs.checked))
listenToBackdrop(dialog)

export const openKeySheet = () => dialog.showModal()

/** @param {typeof PLACES[number]} place */
function section({ name }) {
  const list = element("dl", "key-list")
  list.append(...KEYS.filter(({ place }) => place === name).map(line))
  const part = element("section")
  part.append(element("h3", "", PLACE_TEXTS[name]), list)
  return part
}

/** @param {typeof KEYS[number]} key */
function line({ id, keys }) {
  const combinations = element("dd")
  for (const combination of keys.split(" ")) {
    const whole = element("kbd")
    whole.append(...capsOf(combination).flatMap((cap, place) => [place ? "+" : "", element("kbd", "cap", cap)]))
    combinations.append(whole)
  }
  const row = element("div")
  row.append(element("dt", "", KEY_TEXTS[id]), combinations)
  return row
}
