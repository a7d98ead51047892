// Where the keyboard stops among the messages: Tab comes to one of them only, arrows go from one to the next.

import { find, parts, targetOf } from "../../lib/dom.js"
import { onKey } from "../../lib/keys.js"

const STOPS = ":is(.sender, .when, .quote a, .body a)[href], .reply"
// A name that is not seen is no place to stop at.
const UNSEEN = ".grouped .sender"

export class Roving {
  #list
  #current = /** @type {Element | null} */ (null)

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list
    list.addEventListener("focusin", (event) => this.#moveTo(targetOf(event)?.closest(".message") ?? null))
    // At once, not with the next change: the next key may be Shift+Tab, which comes to the last message.
    list.addEventListener(
      "focusout",
      ({ relatedTarget }) =>
        (relatedTarget instanceof Element && list.contains(relatedTarget)) || this.#moveTo(list.lastElementChild),
    )
    onKey(list, (event) => this.#key(event))
    this.look()
  }

  // After every change: who comes to the messages comes to the last one, who is among them stays where they are.
  look() {
    if (!this.#list.contains(document.activeElement)) this.#moveTo(this.#list.lastElementChild)
  }

  /** @param {Element | null} row */
  #moveTo(row) {
    if (row === this.#current) return
    const before = this.#current
    this.#current = row
    before?.classList.remove("current")
    row?.classList.add("current")
    for (const each of [before, row]) if (each) setStops(each)
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, altKey, ctrlKey, metaKey, shiftKey } = event
    if (altKey || ctrlKey || metaKey || shiftKey) return
    const target = targetOf(event)
    const row = target?.closest(".message")
    if (!target || !row) return
    if (key === "ArrowUp") enter(row.previousElementSibling, target)
    else if (key === "ArrowDown") enter(row.nextElementSibling, target)
    else return
    event.preventDefault()
  }
}

/** @param {Element} row */
export function setStops(row) {
  const isCurrent = row.classList.contains("current")
  for (const stop of parts(row, STOPS)) stop.tabIndex = isCurrent && !stop.matches(UNSEEN) ? 0 : -1
}

// At the same place as in the row one comes from, where there is one.
/** @param {Element | null} row @param {Element} from */
function enter(row, from) {
  const places = from.matches(".reply") ? [".reply", ".when"] : [".when", ".reply"]
  for (const place of places) {
    const stop = row && find(row, place)
    stop?.focus()
    if (document.activeElement === stop) return
  }
}
