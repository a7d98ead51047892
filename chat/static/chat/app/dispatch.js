// What each frame of the server does to the page. Types that are not named here are ignored.

import { t } from "../lib/i18n.js"
import { isAmong, showNearness } from "../views/people/people.js"

const MOST_ROWS = 600
// Further behind than this, a fresh page is faster than being told every change.
const MOST_BEHIND = 300
// In milliseconds: a line that keeps losing something is not taken up anew for each loss.
const BETWEEN_GAPS = 10_000

const element = (id) => document.getElementById(id)

export function frameHandlers(page) {
  const { boot, me, open, rooms, timeline, scroll, history, delivery, reading, typing, people, sidebar, status } = page
  let gapAt = 0

  function reload() {
    page.connection.stop()
    location.reload()
  }

  // Something in between was lost on the way: a new connection begins with what is missing.
  function closeGap() {
    if (Date.now() - gapAt < BETWEEN_GAPS) return
    gapAt = Date.now()
    page.connection.open()
  }

  function show(message, isNew) {
    scroll.change(() => {
      timeline.put(message)
      if (isNew && message.sender.id !== me.id) reading.arrived(message)
      if (scroll.atEnd) timeline.trimStart(MOST_ROWS)
    })
    reading.stay()
    typing.forget(message.sender.id)
    if (open.isDetached() || message.reply_to) history.look()
  }

  function leave() {
    open.isMember = false
    status.end("removed")
    people.close()
    element("timeline").classList.add("preview-only")
    const forMembers = "#room-menu form, #room-menu [href$='/edit/'], #room-menu [href$='/leave/']"
    for (const part of document.querySelectorAll(forMembers)) part.remove()
    page.composer?.close(t("You're no longer in this room."))
  }

  function describe({ title, topic }) {
    document.querySelector(".room-name .name").textContent = title
    element("topic").textContent = element("topic").title = topic
    element("beginning").querySelector("h2").textContent = title
    page.composer?.retitle(title)
    sidebar.retitle(title)
  }

  return {
    hello(frame) {
      const cursor = open.summary()?.cursor
      const head = frame.rooms.find((room) => room.id === open.id)?.sequence
      // Another person has signed in on this browser: nothing of this page may go out in their name.
      if (frame.you.id !== me.id || frame.you.nickname !== me.nickname || head - cursor > MOST_BEHIND) return reload()
      rooms.greet(frame.rooms, open.id)
      open.adopt()
      reading.greeted(frame)
      sidebar.show()
    },

    ack(frame) {
      scroll.change(() => timeline.settle(frame))
      delivery.answer(frame.client_id, frame)
    },

    message(frame) {
      const { room, sequence, message } = frame
      const isNew = message.number > (rooms.get(room)?.message_count ?? 0)
      if (!rooms.heard(frame)) closeGap()
      if (message.sender.id === me.id) {
        delivery.answer(message.client_id, frame)
        if (room === open.id) reading.heard(message.number)
      }
      if (room === open.id) show({ ...message, sequence }, isNew)
      sidebar.show()
    },

    synced(frame) {
      rooms.synced(frame.rooms)
      if (open.isDetached()) history.look()
    },

    reset({ room }) {
      if (room === open.id) reload()
      else page.connection.open()
    },

    history(frame) {
      if (frame.room === open.id) history.receive(frame)
    },

    read({ room, number }) {
      rooms.read(room, number)
      if (room === open.id) reading.heard(number)
      sidebar.show()
    },

    typing({ room, person }) {
      if (room === open.id) typing.heard(person)
    },

    presence(frame) {
      const { kind, other } = rooms.get(frame.room) ?? {}
      sidebar.showPresence(frame)
      if (frame.room !== open.id) return
      if (kind !== "direct") people.show(frame)
      else if (other.id !== me.id)
        showNearness(element("nearness"), { isHere: isAmong(frame.here, other), isOpen: other.open })
    },

    room({ room }) {
      if (room.id === open.id && !open.isMember) return reload()
      if (room.kind === "private" && !rooms.get(room.id)) sidebar.markNew(room.id)
      rooms.put(room)
      open.adopt()
      if (room.id === open.id && room.kind !== "direct") describe(room)
      if (open.isDetached()) history.look()
      sidebar.show()
    },

    renamed({ room, person }) {
      if (room !== open.id) return
      // Nobody is at this address any more; the person is at another one.
      if (boot.other?.id === person.id) location.replace(page.urls.person(person.nickname))
      else scroll.change(() => timeline.rename(person))
    },

    removed({ room }) {
      rooms.remove(room)
      if (room === open.id) leave()
      sidebar.show()
    },

    error(frame) {
      if (frame.client_id || frame.frame === "post") delivery.answer(frame.client_id, frame)
      else if (frame.frame === "history") history.refused(frame)
    },
  }
}
