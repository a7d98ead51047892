// The changes that each frame of the server makes to the page. Types that are not named here are ignored.

import { byId, find, keepFocus, part, parts } from "../lib/dom.js"
import { t } from "../lib/i18n.js"
import { isAmong, showNearness } from "../views/people/people.js"

/** @import { Ack, Frames, Message, RoomSummary } from "../lib/frames.d.ts" */
/** @import { OpenRoom, OpenSession } from "./types.d.ts" */
/** @typedef {{ [Type in keyof Frames]?: (frame: Frames[Type]) => void }} Handlers */

// Further behind than this, a fresh page is faster than being told every change.
const MOST_BEHIND = 300
// In milliseconds: a line that keeps losing something is not taken up anew for each loss.
const BETWEEN_GAPS = 10_000

/** @param {OpenSession} session @returns {Handlers} */
export function frameHandlers(session) {
  const { me, rooms, sidebar, status } = session
  let gapAt = 0

  function reload() {
    session.connection.stop()
    location.reload()
  }

  // Something in between was lost on the way: a new connection begins with what is missing.
  function closeGap() {
    if (Date.now() - gapAt < BETWEEN_GAPS) return
    gapAt = Date.now()
    session.connection.open()
  }

  /** @param {OpenRoom} room @param {Message} message */
  function show(room, message) {
    const isNew = message.number > room.messages.last
    room.messages.put(message)
    if (isNew && message.sender?.id !== me.id) {
      room.reading.arrived(message)
      if (!session.isCatchingUp) session.announcer.announce(message)
    }
    room.typing.forget(message.sender?.id)
    if (room.isDetached() || message.reply_to) room.pagination.look()
  }

  // Below one's own message: whom it names without telling them. Rarely needed.
  /** @param {Ack} ack */
  async function tellOfAbsent(ack) {
    const row = `#timeline [data-number="${ack.number}"] > .row`
    document.querySelector(`${row} > .absent`)?.remove()
    if (!ack.absent && !ack.everyone_refused) return
    const loaded = await import("../views/timeline/absent.js").catch(() => null)
    const room = rooms.get(ack.room)
    const { urls, announcer } = session
    if (room) loaded?.showAbsent(ack, { row: find(document, row), room, urls, announcer })
  }

  /** @param {OpenRoom} room */
  function leave(room) {
    room.isMember = false
    status.end("removed")
    byId("timeline").classList.add("preview-only")
    const forMembers = "#room-menu form, #room-menu [href$='/edit/'], #room-menu [href$='/leave/']"
    keepFocus(part(document, "main"), () => {
      room.people.close()
      for (const each of parts(document, forMembers)) each.remove()
    })
    room.composer?.close(t("You're no longer in this room."))
    room.thread?.end()
  }

  /** @param {OpenRoom} room @param {RoomSummary} summary */
  function describe(room, { title, topic }) {
    part(document, ".room-name .name").textContent = title
    byId("topic").textContent = topic
    part(byId("beginning"), "h2").textContent = title
    room.composer?.retitle(title)
    sidebar.retitle(title)
  }

  return {
    hello(frame) {
      const { room } = session
      const cursor = room.summary()?.cursor ?? Infinity
      const head = frame.rooms.find(({ id }) => id === room.id)?.sequence ?? 0
      // Another person has signed in on this browser: nothing of this page may go out in their name.
      if (frame.you.id !== me.id || frame.you.nickname !== me.nickname || head - cursor > MOST_BEHIND) return reload()
      rooms.greet(frame.rooms, room.id)
      room.adopt()
      room.reading.greeted(frame)
      sidebar.show()
    },

    ack(frame) {
      session.room.messages.settle(frame)
      session.delivery.answer(frame.client_id, frame)
      if (frame.room === session.room.id) tellOfAbsent(frame)
    },

    mention({ room: id, number }) {
      const title = rooms.get(id)?.title ?? ""
      // News in the open room are read out themselves.
      const isHeard = id === session.room.id && !session.room.messages.get(number)?.edited_at
      if (!isHeard && !session.isCatchingUp) session.announcer.say(t("You were mentioned in {room}.", { room: title }))
    },

    message(frame) {
      const { room: id, sequence, message } = frame
      const { room } = session
      if (!rooms.heard(frame)) closeGap()
      if (message.sender?.id === me.id) {
        session.delivery.answer(message.client_id, frame)
        if (id === room.id) room.reading.heard(message.number)
      }
      if (id === room.id) show(room, { ...message, sequence })
      sidebar.show()
    },

    synced(frame) {
      rooms.synced(frame.rooms)
      session.isCatchingUp = session.room.reading.isCatchingUp = false
      if (session.room.isDetached()) session.room.pagination.look()
    },

    reset({ room }) {
      if (room === session.room.id) reload()
      else session.connection.open()
    },

    history(frame) {
      const { room } = session
      if (frame.room === room.id) (frame.thread ? room.thread : room.pagination)?.receive(frame)
    },

    read({ room, number }) {
      rooms.read(room, number)
      if (room === session.room.id) session.room.reading.heard(number)
      sidebar.show()
    },

    saved({ room, number, on }) {
      if (room === session.room.id) session.room.messages.setSaved(number, on)
    },

    typing({ room, person }) {
      if (room === session.room.id) session.room.typing.heard(person)
    },

    presence(frame) {
      const { kind, other } = rooms.get(frame.room) ?? {}
      sidebar.showPresence(frame)
      if (frame.room !== session.room.id) return
      if (kind !== "direct" || !other) session.room.people.show(frame)
      else if (other.id !== me.id) {
        showNearness(byId("nearness"), { isHere: isAmong(frame.here, other), isOpen: Boolean(other.open) })
      }
    },

    room({ room: summary }) {
      const { room } = session
      if (summary.id === room.id && !room.isMember) return reload()
      if (summary.kind === "private" && !rooms.get(summary.id)) sidebar.markNew(summary.id)
      rooms.put(summary)
      room.adopt()
      if (summary.id === room.id && summary.kind !== "direct") describe(room, summary)
      if (room.isDetached()) room.pagination.look()
      sidebar.show()
    },

    renamed({ room: id, person }) {
      const { room } = session
      if (id !== room.id) return
      // Nobody is at this address any more; the person is at another one.
      if (room.other?.id === person.id) location.replace(session.urls.person(person.nickname))
      else room.messages.rename(person)
    },

    removed({ room: id }) {
      rooms.remove(id)
      if (id === session.room.id) leave(session.room)
      sidebar.show()
    },

    error(frame) {
      if (frame.client_id || frame.frame === "post") session.delivery.answer(frame.client_id, frame)
      else if (frame.frame === "history") {
        for (const one of [session.room.pagination, session.room.thread]) one?.refused(frame)
      }
    },
  }
}
