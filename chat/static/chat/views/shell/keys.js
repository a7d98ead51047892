// The keyboard of a room: its keys, and where the focus goes by itself.
// The registry of keys: all that a room's page does by itself when a key is pressed. Each view says what happens then
// (`onPressed`), and the sheet of keys is drawn from here (`key_sheet.js`), with a text for each (`key_texts.js`).

import { closest, find, targetOf } from "../../lib/dom.js"
import { isPressed, onKey } from "../../lib/keys.js"
import { stored } from "../../lib/storage.js"

// Where a key holds. Of two that are pressed alike, the one that stands first in KEYS may take it.
export const PLACES = [
  { name: "messages", within: ".timeline" },
  { name: "box", within: "textarea" },
  { name: "suggestions", within: "textarea[aria-activedescendant]" },
  { name: "toolbar", within: ".toolbar" },
  { name: "thread", within: ".thread" },
  { name: "page", within: ":root" },
]

// Several combinations of one key are parted by spaces. Without a handler it is the browser's, and is only listed.
export const KEYS = [
  { id: "hide-tip", place: "page", keys: "Escape" },
  { id: "previous-suggestion", place: "suggestions", keys: "ArrowUp" },
  { id: "next-suggestion", place: "suggestions", keys: "ArrowDown" },
  { id: "choose-suggestion", place: "suggestions", keys: "Enter Tab" },
  { id: "close-suggestions", place: "suggestions", keys: "Escape" },
  { id: "previous", place: "messages", keys: "ArrowUp" },
  { id: "next", place: "messages", keys: "ArrowDown" },
  { id: "first", place: "messages", keys: "Home" },
  { id: "last", place: "messages", keys: "End" },
  { id: "message-menu", place: "messages", keys: "Enter ContextMenu Shift+F10" },
  { id: "select", place: "messages", keys: "Space" },
  { id: "select-up", place: "messages", keys: "Shift+ArrowUp" },
  { id: "select-down", place: "messages", keys: "Shift+ArrowDown" },
  { id: "way-back", place: "messages", keys: "Backspace" },
  { id: "back", place: "messages", keys: "Escape" },
  { id: "send", place: "box", keys: "Enter Mod+Enter" },
  { id: "new-line", place: "box", keys: "Shift+Enter" },
  { id: "to-messages", place: "box", keys: "Shift+Tab" },
  { id: "edit-last", place: "box", keys: "ArrowUp" },
  { id: "bold", place: "box", keys: "Mod+B" },
  { id: "italic", place: "box", keys: "Mod+I" },
  { id: "strike", place: "box", keys: "Mod+Shift+X" },
  { id: "code", place: "box", keys: "Mod+E Mod+Shift+C" },
  { id: "link", place: "box", keys: "Mod+Shift+U" },
  { id: "cancel", place: "box", keys: "Escape" },
  { id: "previous-button", place: "toolbar", keys: "ArrowLeft" },
  { id: "next-button", place: "toolbar", keys: "ArrowRight" },
  { id: "close-thread", place: "thread", keys: "Escape" },
  { id: "switch-thread", place: "page", keys: "F6" },
  { id: "page-up", place: "page", keys: "PageUp" },
  { id: "page-down", place: "page", keys: "PageDown" },
  { id: "keys", place: "page", keys: "? Mod+/" },
]

const KEPT = "chatsite signs"

export const isSignKeyOff = () => Boolean(stored((kept) => kept.getItem(KEPT)))

/** @param {boolean} isOn */
export const switchSignKeys = (isOn) => stored((kept) => (isOn ? kept.removeItem(KEPT) : kept.setItem(KEPT, "off")))

const EDITABLE = "input, textarea, select, [contenteditable]"
const OPEN = "dialog[open], :is(.menu, .picker):popover-open"

/** @typedef {(event: KeyboardEvent) => boolean} Handler */
const handlers = /** @type {Map<string, Handler[]>} */ (new Map())

// `handle(event)` returns whether the key is used up by this: nothing else happens then. Ends with `signal`. Where several
// listen to one key, the last one is asked first; with an `area`, about keys that are pressed inside of it alone.
/**
 * @param {string} id
 * @param {Handler} handle
 * @param {AbortSignal} [signal]
 * @param {Element} [area]
 */
export function onPressed(id, handle, signal, area) {
  /** @type {Handler} */
  const own = (event) => (!area || area.contains(targetOf(event))) && handle(event)
  handlers.set(id, [own, ...handlers.get(id) ?? []])
  signal?.addEventListener("abort", () => handlers.set(id, handlers.get(id)?.filter((one) => one !== own) ?? []))
}

// `onSign(event)` gets the signs that are no key.
/** @param {(event: KeyboardEvent) => void} onSign */
export function listenToKeys(onSign) {
  onKey(document, (event) => {
    if (event.defaultPrevented || document.querySelector(OPEN)) return
    const isSign = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey
    const field = closest(event, EDITABLE)
    if (field && !field.matches("textarea")) return
    if (isSign && (field || isSignKeyOff())) return
    if (KEYS.some((key) => isMeant(key, event) && handlers.get(key.id)?.some((handle) => handle(event))))
      event.preventDefault()
    else if (isSign) onSign(event)
  })
}

/** @param {{ place: string, keys: string }} key @param {KeyboardEvent} event */
function isMeant({ place, keys }, event) {
  const within = PLACES.find(({ name }) => name === place)?.within ?? ":root"
  return closest(event, within) && keys.split(" ").some((combination) => isPressed(event, combination))
}

const FOCUSED = ["#text:enabled", "#timeline > :last-child .row", "main"]

// When what had it is gone, or when one is done: to the message box, else to the last message.
export function focusRoom() {
  const places = FOCUSED.map((place) => /** @type {HTMLElement | null} */ (document.querySelector(place)))
  places.find(Boolean)?.focus({ preventScroll: true })
}

// Words that are typed anywhere in a room go to the message box. A space presses a button and turns a page.
/** @param {KeyboardEvent} event */
export function typeIntoBox({ key }) {
  if (key !== " ") find(document, "#text:enabled")?.focus({ preventScroll: true })
}
