// The list of rooms: counts of what is unread, rooms that come, go and move up, and the number in the window's title.

import { paintAvatar } from "../../lib/avatar.js"
import { keepFocus, patch } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"
import { isAmong } from "../people/people.js"

const MOST = 99

export class Sidebar {
  #rooms
  #me
  #openId
  #due = null
  #new = new Set()
  #drawn = new WeakMap()
  #unsent = new Set()
  #title = document.title
  #part = document.getElementById("sidebar")
  #lists = { room: document.getElementById("rooms"), direct: document.getElementById("directs") }
  // One's own direct room, listed before anything is in it.
  #notes = document.getElementById("notes")
  #template = document.getElementById("room-template")

  constructor({ rooms, me, openId }) {
    this.#rooms = rooms
    this.#me = me
    this.#openId = openId
    this.#part.addEventListener("pointerleave", () => this.show())
    this.#part.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.#part.contains(relatedTarget)) this.show()
    })
    this.#showCurrent()
  }

  // Frames come in heaps: one look at the whole after each.
  show() {
    this.#due ??= Promise.resolve().then(() => {
      this.#due = null
      this.#showAll()
    })
  }

  #showAll() {
    if (!this.#lists.room.isConnected) return
    const items = this.#items()
    for (const room of this.#rooms.all) this.#fill(items.get(room.id) ?? this.#add(room), room)
    keepFocus(this.#part, () => {
      for (const [id, item] of items) if (!this.#rooms.get(id)) item.remove()
    })
    // Nothing moves from under the pointer or the keyboard: it does when they have gone.
    if (!this.#part.matches(":hover, :focus-within")) this.#arrange()
    const news = this.#rooms.unread + this.#invitations
    const elsewhere = document.getElementById("elsewhere")
    badge(elsewhere, news - (this.#rooms.get(this.#openId())?.unread ?? 0))
    if ([...this.#unsent].some((id) => items.has(id) && id !== this.#openId())) markUnsent(elsewhere)
    document.title = news ? `(${news}) ${this.#title}` : this.#title
  }

  // Each counts as one, until there are messages to count.
  get #invitations() {
    return [...this.#new].filter((id) => id !== this.#openId() && this.#rooms.get(id)?.unread === 0).length
  }

  // The open room has another title now.
  retitle(title) {
    this.#title = `${title} · chatsite`
  }

  // Another room is open now. A direct room in which nothing was said yet is listed while it is open.
  moveTo({ room, other, you }, title) {
    this.retitle(title)
    this.#new.delete(room?.id)
    for (const unsaid of document.querySelectorAll("#directs > :not([data-room], #notes)")) unsaid.remove()
    for (const link of document.querySelectorAll(".sidebar-list a")) {
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page")
      else link.removeAttribute("aria-current")
    }
    this.#showCurrent()
    if (room || !other || other.id === you.id) return
    const unsaid = { kind: "direct", title: other.nickname, url: location.pathname, other, unread: 0 }
    const item = this.#draw(unsaid)
    this.#fill(item, unsaid)
    item.firstElementChild.setAttribute("aria-current", "page")
    this.#notes.after(item)
  }

  // Somebody has brought the person in: a room that was never opened says so.
  markNew(id) {
    this.#new.add(id)
    this.show()
  }

  // Ids of rooms for which the person has written what has not got out.
  markUnsent(ids) {
    this.#unsent = ids
    this.show()
  }

  // In a direct room: is the other person here?
  showPresence({ room, here }) {
    const { other } = this.#rooms.get(room) ?? {}
    if (!other || this.#isNotes({ other })) return
    this.#items().get(room)?.querySelector(".avatar").classList.toggle("is-here", isAmong(here, other))
  }

  #items() {
    const items = document.querySelectorAll(".sidebar [data-room]")
    return new Map(Array.from(items, (item) => [Number(item.dataset.room), item]))
  }

  // Only what has changed is written: one may be selecting or pointing at the rest.
  #fill(item, room) {
    const marks = [room.unread, this.#new.has(room.id), this.#unsent.has(room.id), room.other?.open]
    const drawn = `${room.url} ${marks} ${this.#nameOf(room)}`
    if (this.#drawn.get(item) === drawn) return
    this.#drawn.set(item, drawn)
    const link = item.firstElementChild
    link.href = room.url
    link.classList.toggle("unread", room.unread > 0 || this.#new.has(room.id))
    item.querySelector(".name").textContent = this.#nameOf(room)
    item.querySelector(".open-mark").hidden = !room.other?.open
    item.querySelector(".unsent-mark").hidden = !this.#unsent.has(room.id)
    badge(item.querySelector(".badge"), room.unread)
    if (this.#new.has(room.id) && !room.unread) markNew(item.querySelector(".badge"))
  }

  // A room that the page was not drawn with, or one that it was drawn with before anything was said in it.
  #add(room) {
    const item = this.#unsaid(room) ?? this.#draw(room)
    item.dataset.room = room.id
    if (!item.isConnected) this.#listOf(room).append(item)
    return item
  }

  #unsaid(room) {
    if (this.#isNotes(room)) return this.#notes
    const isOpen = room.kind === "direct" && room.id === this.#openId()
    return isOpen ? document.querySelector("#directs [aria-current]")?.parentElement : null
  }

  #listOf(room) {
    return room.kind === "direct" ? this.#lists.direct : this.#lists.room
  }

  // The newest message first; before it one's notes, and whom one is about to write to.
  #arrange() {
    const items = this.#items()
    const first = [...this.#lists.direct.children].filter((item) => item === this.#notes || !item.dataset.room)
    const inOrder = this.#rooms.all.filter((room) => !this.#isNotes(room))
    const of = (list) => inOrder.filter((room) => this.#listOf(room) === list).map(({ id }) => items.get(id))
    patch(this.#lists.room, of(this.#lists.room))
    patch(this.#lists.direct, [...first, ...of(this.#lists.direct)])
  }

  // Of very many rooms the open one may be out of sight.
  #showCurrent() {
    this.#part.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" })
  }

  #draw(room) {
    const item = this.#template.content.firstElementChild.cloneNode(true)
    const avatar = item.querySelector(".avatar")
    if (room.kind === "direct") paintAvatar(avatar, room.title)
    else avatar.remove()
    item.querySelector(".public").hidden = room.kind !== "public"
    item.querySelector(".private").hidden = room.kind !== "private"
    return item
  }

  #nameOf(room) {
    return this.#isNotes(room) ? t("Notes") : room.title
  }

  #isNotes({ other }) {
    return other?.id === this.#me.id
  }
}

function markNew(element) {
  element.hidden = false
  element.textContent = element.ariaLabel = t("new")
}

function markUnsent(element) {
  element.hidden = false
  element.classList.add("unsent")
  element.textContent = "!"
  element.ariaLabel = t("Unsent messages")
}

function badge(element, count) {
  element.classList.remove("unsent")
  element.hidden = !count
  element.textContent = count > MOST ? `${MOST}+` : count || ""
  element.ariaLabel = plural("{count} unread message", "{count} unread messages", count)
}
