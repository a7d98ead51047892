// The versions of an edited message, in a dialog over its room.

import { momentOf } from "../../lib/clock.js"
import { byId, replace } from "../../lib/dom.js"
import { listenToBackdrop } from "../shell/dialogs.js"

const dialog = byId("versions", HTMLDialogElement)
listenToBackdrop(dialog)

// `address` is the one of their page, which says what is wrong if they can't be shown here.
/** @param {string} address */
export async function showVersions(address) {
  const answer = await fetch(address, { headers: { accept: "application/json" } }).catch(() => null)
  if (!answer?.ok) return location.assign(address)
  const { content } = await answer.json()
  replace(".versions", content)
  for (const time of dialog.querySelectorAll("time")) time.textContent = momentOf(new Date(time.dateTime))
  dialog.showModal()
}
