// Pinned messages, those saved for later, and those that are forwarded elsewhere.

import { t } from "../lib/i18n.js"
import { chooseWhere } from "../views/forward/forward.js"
import { showOriginal } from "../views/timeline/clicks.js"
import { showPins } from "../views/timeline/pins.js"

/** @import { Shown } from "../store/types.d.ts" */
/** @import { Kept } from "./types.d.ts" */

// The words that go with it come after it, as a message of their own.
/** @param {Shown} message @param {Kept} kept */
export async function forward({ number, body, html, sender, deleted_at }, { room, session, post, signal }) {
  if (room.id === null || !number) return
  const forward = { room: room.id, number, body, html }
  const { rooms, me, urls } = session
  const people = `${urls.home}people/`
  const chosen = await chooseWhere({ body, sender, deleted_at }, { rooms: rooms.all, me, people, signal })
  if (!chosen) return
  const { room: id, to, name } = chosen.place
  const where = { room: id, to, place: name }
  await post({ ...where, body: "", forward })
  if (chosen.comment) await post({ ...where, body: chosen.comment })
  room.composer?.say(t("Forwarded to {name}.", { name }))
}

/** @param {Kept} kept */
export function openPins({ room, url, timeline, scroll, list, change, signal }) {
  return showPins(`${url}pins/`, {
    messages: room.messages,
    show(number) {
      const row = timeline.row(number)
      if (row) showOriginal(row, list, scroll)
      return Boolean(row)
    },
    unpin: (number) => change("pin", { number }, { on: false }),
    signal,
  })
}
