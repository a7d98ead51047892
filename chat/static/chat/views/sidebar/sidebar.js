// The list of rooms: counts of what is unread, rooms that come, go and move up, and the number in the window's title.

import { paintAvatar } from "../../lib/avatar.js"
import { byId, copyOf, find, keepFocus, part, parts, patch } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"
import { isAmong } from "../people/people.js"

/** @import { Person, Presence, RoomSummary } from "../../lib/frames.d.ts" */
/** @import { Rooms } from "../../store/rooms.js" */
/** @import { KnownRoom } from "../../store/types.d.ts" */
/** @typedef {Pick<KnownRoom, "id" | "kind" | "title" | "url" | "other" | "unread" | "mentioned">} Listed */

const MOST = 99

export class Sidebar {
  #rooms
  #me
  #openId
  #due = /** @type {Promise<void> | null} */ (null)
  #new = /** @type {Set<number>} */ (new Set())
  #drawn = /** @type {WeakMap<HTMLElement, string>} */ (new WeakMap())
  #unsent = /** @type {Set<number>} */ (new Set())
  #title = document.title
  #part = byId("sidebar")
  #lists = { room: byId("rooms"), direct: byId("directs") }
  // One's own direct room, listed before anything is in it.
  #notes = byId("notes")
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
    this.#part.addEventListener("pointerleave", () => this.show())
    this.#part.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.#part.contains(relatedTarget))) this.show()
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
    for (const unsaid of document.querySelectorAll("#directs > :not([data-room], #notes)")) unsaid.remove()
    for (const link of parts(document, ".sidebar-list a")) {
      if (link instanceof HTMLAnchorElement && link.pathname === location.pathname)
        link.setAttribute("aria-current", "page")
      else link.removeAttribute("aria-current")
    }
    this.#showCurrent()
    if (room || !other || other.id === you.id) return
    const unsaid = {
      id: 0,
      kind: "direct",
      title: other.nickname,
      url: location.pathname,
      other,
      unread: 0,
      mentioned: [],
    }
    const item = this.#draw(unsaid)
    this.#fill(item, unsaid)
    part(item, "a").setAttribute("aria-current", "page")
    this.#notes.after(item)
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
    if (!other || this.#isNotes({ other })) return
    const item = this.#items().get(room)
    if (item) part(item, ".avatar").classList.toggle("is-here", isAmong(here, other))
  }

  #items() {
    const items = parts(document, ".sidebar [data-room]")
    return new Map(items.map((item) => [Number(item.dataset.room), item]))
  }

  // Only what has changed is written: one may be selecting or pointing at the rest.
  /** @param {HTMLElement} item @param {Listed} room */
  #fill(item, room) {
    const marks = [
      room.unread,
      room.mentioned.length > 0,
      this.#new.has(room.id),
      this.#unsent.has(room.id),
      room.other?.open,
    ]
    const drawn = `${room.url} ${marks} ${this.#nameOf(room)}`
    if (this.#drawn.get(item) === drawn) return
    this.#drawn.set(item, drawn)
    const link = part(item, "a", HTMLAnchorElement)
    link.href = room.url
    link.classList.toggle("unread", room.unread > 0 || this.#new.has(room.id))
    part(item, ".name").textContent = this.#nameOf(room)
    part(item, ".open-mark").hidden = !room.other?.open
    part(item, ".mention-mark").hidden = !room.mentioned.length
    part(item, ".unsent-mark").hidden = !this.#unsent.has(room.id)
    badge(part(item, ".badge"), room.unread)
    if (this.#new.has(room.id) && !room.unread) markNew(part(item, ".badge"))
  }

  // A room that the page was not drawn with, or one that it was drawn with before anything was said in it.
  /** @param {KnownRoom} room */
  #add(room) {
    const item = this.#unsaid(room) ?? this.#draw(room)
    item.dataset.room = String(room.id)
    if (!item.isConnected) this.#listOf(room).append(item)
    return item
  }

  /** @param {KnownRoom} room */
  #unsaid(room) {
    if (this.#isNotes(room)) return this.#notes
    const isOpen = room.kind === "direct" && room.id === this.#openId()
    return isOpen ? find(document, "#directs [aria-current]")?.parentElement : null
  }

  /** @param {Listed} room */
  #listOf(room) {
    return room.kind === "direct" ? this.#lists.direct : this.#lists.room
  }

  // The newest message first; before it one's notes, and whom one is about to write to.
  #arrange() {
    const items = this.#items()
    const first = parts(this.#lists.direct, ":scope > *").filter((item) => item === this.#notes || !item.dataset.room)
    const inOrder = this.#rooms.all.filter((room) => !this.#isNotes(room))
    const of = (/** @type {HTMLElement} */ list) =>
      inOrder.filter((room) => this.#listOf(room) === list).flatMap(({ id }) => items.get(id) ?? [])
    patch(this.#lists.room, of(this.#lists.room))
    patch(this.#lists.direct, [...first, ...of(this.#lists.direct)])
  }

  // Of very many rooms the open one may be out of sight.
  #showCurrent() {
    this.#part.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" })
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

  /** @param {Listed} room */
  #nameOf(room) {
    return this.#isNotes(room) ? t("Notes") : room.title
  }

  /** @param {Pick<Listed, "other">} room */
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
