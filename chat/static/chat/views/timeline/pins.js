// The pinned messages of a room, in a dialog over it. As long as it is open, it shows what is pinned by then.

import { closest } from "../../lib/dom.js"
import { loadSheet } from "../shell/sheets.js"
import { dialog, fillDialog } from "./details.js"

/** @import { Messages } from "../../store/messages.js" */

const styled = loadSheet(new URL("../../styles/components/kept.css", import.meta.url).href)

/**
 * @param {string} address of their page
 * @param {object} room
 * @param {Messages} room.messages
 * @param {(number: number) => boolean} room.show goes to a message, if it is drawn
 * @param {(number: number) => void} room.unpin
 * @param {AbortSignal} room.signal
 */
export async function showPins(address, { messages, show, unpin, signal }) {
  if (!(await fillDialog(address))) return location.assign(address)
  await styled
  if (signal.aborted) return
  const open = new AbortController()
  const until = { signal: AbortSignal.any([open.signal, signal]) }
  const pinned = () => [...messages.pins].sort().join()
  let shown = pinned()
  messages.addEventListener("change", () => {
    if (shown === pinned()) return
    shown = pinned()
    if (messages.pins.size) fillDialog(address)
    else dialog.close()
  }, until)
  dialog.addEventListener("click", (event) => {
    const number = Number(closest(event, ".kept")?.dataset.number)
    if (closest(event, "[name=unpin]")) unpin(number)
    if (!closest(event, "a") || event.ctrlKey || event.metaKey || event.shiftKey) return
    dialog.close()
    if (closest(event, ".kept-foot a") && show(number)) event.preventDefault()
  }, until)
  dialog.addEventListener("close", () => open.abort(), { once: true })
  dialog.showModal()
}
