// The toolbar of the message box: a button for each format. Tab comes to one of them, arrows go on from there.

import { closest } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { onPressed } from "../shell/keys.js"
import { loadSheet } from "../shell/sheets.js"
import { FORMATS } from "./formats.js"

/** @import { Format } from "./formats.js" */

const SVG = "http://www.w3.org/2000/svg"

const styled = loadSheet(new URL("../../styles/components/toolbar.css", import.meta.url).href)

// For the style guide as well.
export function drawToolbar() {
  const toolbar = Object.assign(document.createElement("div"), { className: "toolbar" })
  toolbar.setAttribute("role", "toolbar")
  toolbar.ariaLabel = t("Formatting")
  toolbar.append(...FORMATS.map(buttonOf))
  return toolbar
}

// Beside this box; `choose(format)` is told what is chosen. Hidden at first.
/**
 * @param {HTMLTextAreaElement} text
 * @param {{ choose: (format: Format) => void, signal: AbortSignal }} options
 */
export async function startToolbar(text, { choose, signal }) {
  const toolbar = drawToolbar()
  toolbar.hidden = true
  const buttons = [...toolbar.querySelectorAll("button")]
  /** @param {number} step */
  const move = (step) => {
    const from = buttons.findIndex((button) => button === document.activeElement)
    if (from < 0) return false
    stop(buttons, buttons[(from + step + buttons.length) % buttons.length]).focus()
    return true
  }
  // The selection stays, and a phone's keyboard.
  toolbar.addEventListener("mousedown", (event) => event.preventDefault(), { signal })
  toolbar.addEventListener("click", (event) => {
    const id = closest(event, "button")?.dataset.format
    const format = FORMATS.find((one) => one.id === id)
    if (format) choose(format)
  }, { signal })
  onPressed("previous-button", () => move(-1), signal, toolbar)
  onPressed("next-button", () => move(1), signal, toolbar)
  document.addEventListener("selectionchange", () => {
    if (!toolbar.hidden && document.activeElement === text) show(text, buttons)
  }, { signal })
  stop(buttons, buttons[0])
  await styled
  text.after(toolbar)
  return toolbar
}

// Which formats the selection has.
/** @param {HTMLTextAreaElement} text @param {HTMLButtonElement[]} buttons */
function show({ value, selectionStart, selectionEnd }, buttons) {
  for (const [nth, { change, id }] of FORMATS.entries()) {
    if (!MAKES_ANEW.includes(id)) {
      buttons[nth].ariaPressed = String(Boolean(change(value, selectionStart, selectionEnd).isOff))
    }
  }
}

// Pressed twice, these write twice.
const MAKES_ANEW = ["code-block", "link"]

/** @param {HTMLButtonElement[]} buttons @param {HTMLButtonElement} chosen */
function stop(buttons, chosen) {
  for (const button of buttons) button.tabIndex = button === chosen ? 0 : -1
  return chosen
}

/** @param {Format} format */
function buttonOf({ id, label, letter, icon = "" }) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "icon-button" })
  button.classList.add("small")
  button.dataset.format = id
  if (!MAKES_ANEW.includes(id)) button.ariaPressed = "false"
  const name = Object.assign(document.createElement("span"), { className: "unseen", textContent: label })
  button.append(letter ? letterOf(letter) : iconOf(icon), name)
  return button
}

/** @param {string} letter */
function letterOf(letter) {
  const element = Object.assign(document.createElement("span"), { className: "toolbar-letter", textContent: letter })
  element.ariaHidden = "true"
  return element
}

// As those in templates/chat/icons.
/** @param {string} drawn */
function iconOf(drawn) {
  const icon = document.createElementNS(SVG, "svg")
  icon.setAttribute("class", "icon")
  icon.setAttribute("viewBox", "0 0 20 20")
  icon.setAttribute("aria-hidden", "true")
  const path = document.createElementNS(SVG, "path")
  path.setAttribute("d", drawn)
  icon.append(path)
  return icon
}
