// The list of rooms: counts of what is unread, rooms that come and go, and the number in the window's title.

import { paintAvatar } from "../../lib/avatar.js"
import { byId, copyOf, find, part, parts } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"
import { isAmong } from "../people/people.js"

/** @import { Person, Presence, RoomSummary } from "../../lib/frames.d.ts" */
/** @import { Rooms } from "../../store/rooms.js" */
/** @import { KnownRoom } from "../../store/types.d.ts" */
/** @typedef {Pick<KnownRoom, "id" | "kind" | "title" | "url" | "other" | "unread">} Listed */

const MOST = 99
const LOBBY = "lobby"

export class Sidebar {
  #rooms
  #me
  #openId
  #due = /** @type {Promise<void> | null} */ (null)
  #new = /** @type {Set<number>} */ (new Set())
  #drawn = /** @type {WeakMap<HTMLElement, string>} */ (new WeakMap())
  #unsent = /** @type {Set<number>} */ (new Set())
  #title = document.title
  #lists = { room: byId("rooms"), direct: byId("directs") }
  #template = byId("room-template", HTMLTemplateElement)

  /**
   * @param {object} page
   * @param {Rooms} page.rooms
   * @param {Person} page.me
   * @param {() => number | null} page.openId
   */
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
    for (const [id, item] of items) if (!this.#rooms.get(id)) item.remove()
    const news = this.#rooms.unread + this.#invitations
    const elsewhere = byId("elsewhere")
    badge(elsewhere, news - (this.#rooms.get(this.#openId())?.unread ?? 0))
    if ([...this.#unsent].some((id) => items.has(id) && id !== this.#openId())) markUnsent(elsewhere)
    document.title = news ? `(${news}) ${this.#title}` : this.#title
  }

  // Each counts as one, until there are messages to count.
  get #invitations() {
    return [...this.#new].filter((id) => id !== this.#openId() && this.#rooms.get(id)?.unread === 0).length
  }

  // The open room has another title now.
  /** @param {string} title */
  retitle(title) {
    this.#title = `${title} · chatsite`
  }

  // Another room is open now. A direct room in which nothing was said yet is listed while it is open.
  /**
   * @param {{ room: RoomSummary | null, other: Person | null, you: Person }} opened
   * @param {string} title
   */
  moveTo({ room, other, you }, title) {
    this.retitle(title)
    if (room) this.#new.delete(room.id)
    for (const unsaid of document.querySelectorAll("#directs > :not([data-room])")) unsaid.remove()
    for (const link of parts(document, ".sidebar-list a")) {
      if (link instanceof HTMLAnchorElement && link.pathname === location.pathname)
        link.setAttribute("aria-current", "page")
      else link.removeAttribute("aria-current")
    }
    if (room || !other) return
    const unsaid = { id: 0, kind: "direct", title: other.nickname, url: location.pathname, other, unread: 0 }
    const item = this.#draw(unsaid)
    this.#fill(item, unsaid)
    part(item, "a").setAttribute("aria-current", "page")
    this.#lists.direct[other.id === you.id ? "prepend" : "append"](item)
  }

  // Somebody has brought the person in: a room that was never opened says so.
  /** @param {number} id */
  markNew(id) {
    this.#new.add(id)
    this.show()
  }

  // Ids of rooms for which the person has written what has not got out.
  /** @param {Set<number>} ids */
  markUnsent(ids) {
    this.#unsent = ids
    this.show()
  }

  // In a direct room: is the other person here?
  /** @param {Presence} presence */
  showPresence({ room, here }) {
    const { other } = this.#rooms.get(room) ?? {}
    const item = other && this.#items().get(room)
    if (item) part(item, ".avatar").classList.toggle("is-here", isAmong(here, other))
  }

  #items() {
    const items = parts(document, ".sidebar [data-room]")
    return new Map(items.map((item) => [Number(item.dataset.room), item]))
  }

  // Only what has changed is written: one may be selecting or pointing at the rest.
  /** @param {HTMLElement} item @param {Listed} room */
  #fill(item, room) {
    const marks = [room.unread, this.#new.has(room.id), this.#unsent.has(room.id), room.other?.open]
    const drawn = `${room.url} ${marks} ${this.#nameOf(room)}`
    if (this.#drawn.get(item) === drawn) return
    this.#drawn.set(item, drawn)
    const link = part(item, "a", HTMLAnchorElement)
    link.href = room.url
    link.classList.toggle("unread", room.unread > 0 || this.#new.has(room.id))
    part(item, ".name").textContent = this.#nameOf(room)
    part(item, ".open-mark").hidden = !room.other?.open
    part(item, ".unsent-mark").hidden = !this.#unsent.has(room.id)
    badge(part(item, ".badge"), room.unread)
    if (this.#new.has(room.id) && !room.unread) markNew(part(item, ".badge"))
  }

  // A room that the page was not drawn with, or the open one, drawn before anything was said in it.
  /** @param {KnownRoom} room */
  #add(room) {
    const list = room.kind === "direct" ? this.#lists.direct : this.#lists.room
    const unsaid = room.kind === "direct" && find(document, "#directs [aria-current]")
    const item = (unsaid && room.id === this.#openId() && unsaid.parentElement) || this.#draw(room)
    item.dataset.room = String(room.id)
    if (!item.isConnected) list.insertBefore(item, this.#follower(list, room))
    return item
  }

  /** @param {Listed} room */
  #draw(room) {
    const item = copyOf(this.#template)
    const avatar = part(item, ".avatar")
    if (room.kind === "direct") paintAvatar(avatar, room.title)
    else avatar.remove()
    part(item, ".public").hidden = room.kind !== "public"
    part(item, ".private").hidden = room.kind !== "private"
    return item
  }

  // The lobby stays first, and one's notes, whatever the alphabet says.
  /** @param {HTMLElement} list @param {KnownRoom} room @returns {Element | null} */
  #follower(list, room) {
    if (this.#isNotes(room)) return list.firstElementChild
    const others = parts(list, ":scope > *").filter((item) => !this.#isFirst(item))
    return others.find((item) => part(item, ".name").textContent.localeCompare(room.title) > 0) ?? null
  }

  /** @param {HTMLElement} item */
  #isFirst(item) {
    const room = this.#rooms.get(Number(item.dataset.room))
    return room?.slug === LOBBY || (room && this.#isNotes(room))
  }

  /** @param {Listed} room */
  #nameOf(room) {
    return this.#isNotes(room) ? t("Notes") : room.title
  }

  /** @param {Listed} room */
  #isNotes({ other }) {
    return other?.id === this.#me.id
  }
}

/** @param {HTMLElement} element */
function markNew(element) {
  element.hidden = false
  element.textContent = element.ariaLabel = t("new")
}

/** @param {HTMLElement} element */
function markUnsent(element) {
  element.hidden = false
  element.classList.add("unsent")
  element.textContent = "!"
  element.ariaLabel = t("Unsent messages")
}

/** @param {HTMLElement} element @param {number} count */
function badge(element, count) {
  element.classList.remove("unsent")
  element.hidden = !count
  element.textContent = count > MOST ? `${MOST}+` : String(count || "")
  element.ariaLabel = plural("{count} unread message", "{count} unread messages", count)
}
