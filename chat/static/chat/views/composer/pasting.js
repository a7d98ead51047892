// Pastes rich text as Markdown.

import { parsed } from "../../lib/dom.js"
import { inert, markdownOf } from "./rich_text.js"
import { insert } from "./typing_in.js"

// More would keep the page waiting, and is no message.
const MOST = 300_000
const BEGINS_BLOCK = /^(?:[-*+>] |[0-9]+[.)] |\x60{3}|~~~|\| )/
/** @param {HTMLTextAreaElement} box @param {string} html @param {string} plain */
export function paste(box, html, plain) {
  const text = rich(html) ?? plain
  const before = box.value[box.selectionStart - 1] ?? "\n"
  if (text) insert(box, text !== plain && BEGINS_BLOCK.test(text) && before !== "\n" ? `\n${text}` : text)
}

// Parsed without being shown: nothing in it runs or is loaded.
/** @param {string} html */
function rich(html) {
  if (html.length > MOST) return null
  const body = parsed(inert(html))
  if (isCode(body)) return null
  const { text, isRich } = markdownOf(body)
  return isRich ? text : null
}

// Code that an editor has coloured, as lines of spans.
/** @param {HTMLElement} body */
function isCode(body) {
  const css = body.querySelector(":scope > :is(div, span)")?.getAttribute("data-style") ?? ""
  return /monospace/.test(css) && /white-space:\s*pre/.test(css) && !body.querySelector("pre, code")
}
