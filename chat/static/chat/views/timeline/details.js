// What a message's row has no room for, in a dialog over its room: its versions, and who has reacted.

import { momentOf } from "../../lib/clock.js"
import { byId, find, keepFocus, parsed, part } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { listenToBackdrop } from "../shell/dialogs.js"
import { loadSheet } from "../shell/sheets.js"

/** @import { Shown } from "../../store/types.d.ts" */

export const dialog = byId("details", HTMLDialogElement)
listenToBackdrop(dialog)
// Its contents belong to the room that was open.
addEventListener("popstate", () => dialog.close())
const styled = loadSheet(new URL("../../styles/components/details.css", import.meta.url).href)

// `address` is the one of their page, which says what is wrong if they can't be shown here.
/** @param {string} address */
export async function showDetails(address) {
  if (!(await fillDialog(address))) return location.assign(address)
  await styled
  dialog.showModal()
}

// Returns whether they could be read.
/** @param {string} address */
export async function fillDialog(address) {
  const details = await read(address)
  if (!details) return false
  const body = part(dialog, ".dialog-body")
  keepFocus(body, () => body.replaceChildren(...details.elements), { instead: find(dialog, "[data-closes]") })
  for (const time of body.querySelectorAll("time")) time.textContent = momentOf(new Date(time.dateTime))
  part(dialog, "h2").textContent = details.heading
  return true
}

// The reactions that a button's description tells of.
const described = /** @type {WeakMap<HTMLElement, string>} */ (new WeakMap())

// Has the button of a reaction tell who has put it there.
/** @param {{ button: HTMLElement, message: Shown, address: string }} reaction */
export async function describe({ button, message, address }) {
  const reactions = JSON.stringify(message.reactions)
  if (described.get(button) === reactions) return
  described.set(button, reactions)
  const details = await read(address)
  if (described.get(button) !== reactions) return
  const names = details && namesIn(details.elements, button.getAttribute("value") ?? "")
  if (!names) described.delete(button)
  button.ariaDescription = names || null
  if (button.matches(":hover, :focus-visible")) button.dispatchEvent(new Event("described", { bubbles: true }))
}

// Has the mark of a forwarded message tell who wrote the original, and where, if the reader may see that.
/** @param {HTMLElement} link */
export async function describeOrigin(link) {
  if (!(link instanceof HTMLAnchorElement) || link.ariaDescription) return
  const answer = await fetch(link.href, { headers: { accept: "application/json" } }).catch(() => null)
  if (answer?.status !== 200 && answer?.status !== 404) return
  link.ariaDescription = answer.ok ? (await answer.json()).about : t("From somewhere you can't see")
  if (link.matches(":hover, :focus-visible")) link.dispatchEvent(new Event("described", { bubbles: true }))
}

/** @param {Element[]} elements @param {string} emoji */
function namesIn(elements, emoji) {
  const items = elements.flatMap((element) => [...element.querySelectorAll("li")])
  const item = items.find((one) => one.querySelector(".reacted-emoji")?.textContent === emoji)
  return item?.querySelector(".reacted-names")?.textContent?.trim() ?? ""
}

/** @param {string} address */
async function read(address) {
  const answer = await fetch(address, { headers: { accept: "application/json" } }).catch(() => null)
  if (!answer?.ok) return null
  const { heading, content } = await answer.json()
  return { heading: String(heading), elements: [...parsed(content).children] }
}
