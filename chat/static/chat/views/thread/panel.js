// The panel of a thread: its markup, its place beside the talk, and the focus that comes and goes.

import { byId, copyOf, find, part } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { loadSheet } from "../shell/sheets.js"

const isTouch = matchMedia("(hover: none) and (pointer: coarse)")

export const styled = loadSheet(new URL("../../styles/components/thread.css", import.meta.url).href)

/** @typedef {ReturnType<typeof panelOf>} Panel */

// With a box to write in, like that of the room, where one may write there.
/** @param {HTMLElement | null} roomForm */
export function panelOf(roomForm) {
  const heading = made("h2", "", t("Thread"))
  heading.id = "thread-title"
  const close = /** @type {HTMLElement} */ (part(byId("details"), "[data-closes]").cloneNode(true))
  delete close.dataset.closes
  const older = made("p", "edge", t("Loading older messages…"))
  const list = made("div", `timeline${roomForm ? "" : " preview-only"}`)
  list.id = "thread-timeline"
  const scroller = made("div", "scroller")
  scroller.tabIndex = -1
  scroller.append(made("div", "scroller-content", older, list))
  const form = roomForm && formLike(roomForm)
  const element = made("aside", "thread", made("div", "thread-head", heading, close), scroller)
  if (form) element.append(made("div", "foot", form))
  element.id = "thread"
  element.setAttribute("aria-labelledby", heading.id)
  return { element, close, older, list, scroller, form, text: form && part(form, "textarea", HTMLTextAreaElement) }
}

/** @param {Panel} panel */
export function show({ element, close }) {
  part(document, ".columns").append(element)
  // A keyboard that comes up by itself would cover what is to be read.
  if (isTouch.matches || !element.contains(document.activeElement)) close.focus({ preventScroll: true })
}

// Says in place of the messages why there are none.
/** @param {Panel} panel @param {string} why */
export function explain({ older, form }, why) {
  older.textContent = why
  older.hidden = false
  if (form) form.hidden = true
}

const HELP = ["aria-autocomplete", "aria-controls", "aria-haspopup", "aria-activedescendant"]

// A copy whose ids are its own.
/** @param {HTMLElement} form */
function formLike(form) {
  const template = document.createElement("template")
  template.content.append(form.cloneNode(true))
  const copy = copyOf(template)
  copy.id = "thread-composer"
  const renamed = new Map()
  for (const one of copy.querySelectorAll("[id]")) {
    renamed.set(one.id, `thread-${one.id}`)
    one.id = `thread-${one.id}`
  }
  for (const name of ["aria-describedby", "aria-controls", "aria-labelledby", "popovertarget"])
    for (const one of copy.querySelectorAll(`[${name}]`))
      one.setAttribute(name, renamed.get(one.getAttribute(name)) ?? one.getAttribute(name))
  const text = part(copy, "textarea", HTMLTextAreaElement)
  text.placeholder = t("Reply in the thread")
  text.ariaLabel = t("Reply in the thread")
  copy.classList.remove("editing", "over")
  // Help with writing in the room's own.
  for (const one of copy.querySelectorAll(".toolbar, .suggestions")) one.remove()
  for (const name of HELP) text.removeAttribute(name)
  part(copy, "[name=formatting]").ariaExpanded = "false"
  const hint = find(copy, ".composer-hint")
  if (hint) hint.textContent = ""
  return copy
}

/** @param {string} name @param {string} className @param {...(string | Node)} content */
function made(name, className, ...content) {
  const element = document.createElement(name)
  element.className = className
  element.append(...content)
  return element
}
