// Keys that are the page's own. Those that write a word in an input method belong to the method; Safari marks some of
// them by the key code only.

import { t } from "./i18n.js"

const COMPOSING = 229
const isApple = /Mac|iPhone|iPad/.test(navigator.platform)

/** @param {EventTarget} target @param {(event: KeyboardEvent) => void} hear */
export function onKey(target, hear) {
  target.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || event.isComposing || event.keyCode === COMPOSING) return
    hear(event)
  })
}

// A combination is written as in `aria-keyshortcuts`: "Shift+F10". "Mod" is the key with which the system's own commands
// are given: Control, or ⌘ on Apple's.
/** @param {string} combination */
const read = (combination) => {
  const [key, ...held] = combination.split("+").toReversed()
  return { key: key === "Space" ? " " : key, held }
}

/** @param {Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">} event @param {string} combination */
export function isPressed(event, combination) {
  const { key, held } = read(combination)
  const isLetter = /^[A-Z]$/.test(key)
  if ((isLetter ? event.key.toUpperCase() : event.key) !== key) return false
  const isHeld = (/** @type {string} */ name) => held.includes(name)
  // A sign may need Shift, which depends on the keyboard. A letter is the same one with Caps Lock.
  if ((key.length > 1 || isLetter) && event.shiftKey !== isHeld("Shift")) return false
  const [mod, other] = isApple ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey]
  return mod === isHeld("Mod") && !other && event.altKey === isHeld("Alt")
}

/** @type {Record<string, string>} */
const CAPS = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ContextMenu: "☰",
  Escape: t("Esc"),
  Mod: isApple ? "⌘" : t("Ctrl"),
  PageDown: t("Page Down"),
  PageUp: t("Page Up"),
  " ": t("Space"),
}

// The keys of a combination, with the words that are written on them.
/** @param {string} combination */
export function capsOf(combination) {
  const { key, held } = read(combination)
  return [...held, key].map((name) => CAPS[name] ?? name)
}
