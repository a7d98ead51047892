// The list of rooms: counts of what is unread, rooms that come and go, and the number in the window's title.

import { paintAvatar } from "../../lib/avatar.js"
import { keepFocus } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"
import { isAmong } from "../people/people.js"

const MOST = 99
const LOBBY = "lobby"

export class Sidebar {
  #rooms
  #me
  #openId
  #due = null
  #new = new Set()
  #drawn = new WeakMap()
  #unsent = new Set()
  #title = document.title
  #lists = { room: document.getElementById("rooms"), direct: document.getElementById("directs") }
  #template = document.getElementById("room-template")

  constructor({ rooms, me, openId }) {
    this.#rooms = rooms
    this.#me = me
    this.#openId = openId
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
    keepFocus(document.getElementById("sidebar"), () => {
      for (const [id, item] of items) if (!this.#rooms.get(id)) item.remove()
    })
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
    for (const unsaid of document.querySelectorAll("#directs > :not([data-room])")) unsaid.remove()
    for (const link of document.querySelectorAll(".sidebar-list a")) {
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page")
      else link.removeAttribute("aria-current")
    }
    if (room || !other) return
    const unsaid = { kind: "direct", title: other.nickname, url: location.pathname, other, unread: 0 }
    const item = this.#draw(unsaid)
    this.#fill(item, unsaid)
    item.firstElementChild.setAttribute("aria-current", "page")
    this.#lists.direct[other.id === you.id ? "prepend" : "append"](item)
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
    if (other) this.#items().get(room)?.querySelector(".avatar").classList.toggle("is-here", isAmong(here, other))
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

  // A room that the page was not drawn with, or the open one, drawn before anything was said in it.
  #add(room) {
    const list = room.kind === "direct" ? this.#lists.direct : this.#lists.room
    const unsaid = room.kind === "direct" && document.querySelector("#directs [aria-current]")
    const item = unsaid && room.id === this.#openId() ? unsaid.parentElement : this.#draw(room)
    item.dataset.room = room.id
    if (!item.isConnected) list.insertBefore(item, this.#follower(list, room))
    return item
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

  // The lobby stays first, and one's notes, whatever the alphabet says.
  #follower(list, room) {
    if (this.#isNotes(room)) return list.firstElementChild
    const others = [...list.children].filter((item) => !this.#isFirst(item))
    return others.find((item) => item.querySelector(".name").textContent.localeCompare(room.title) > 0) ?? null
  }

  #isFirst(item) {
    const room = this.#rooms.get(Number(item.dataset.room))
    return room?.slug === LOBBY || (room && this.#isNotes(room))
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
