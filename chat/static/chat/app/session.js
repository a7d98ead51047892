// The session outlives a room: it holds the person, their rooms, the connection, the outbox, the list of rooms.

import { SIGNED_OUT } from "../lib/refusals.js"
import { byId } from "../lib/dom.js"
import { FaultReporter } from "../lib/errors.js"
import { Connection } from "../net/connection.js"
import { Endpoints } from "../net/endpoints.js"
import { Delivery } from "../store/delivery.js"
import { Outbox } from "../store/outbox.js"
import { onSignedOut, ownerBefore, ownerOf } from "../store/owner.js"
import { Rooms } from "../store/rooms.js"
import { Announcer, Status } from "../views/shell/status.js"
import { Leftovers } from "../views/shell/notices.js"
import { Sidebar } from "../views/sidebar/sidebar.js"
import { frameHandlers } from "./dispatch.js"
import { openRoom } from "./room.js"
import { Unsent } from "./unsent.js"

/** @import { ServerFrame, Frames } from "../lib/frames.d.ts" */
/** @import { State } from "../net/types.d.ts" */
/** @import { Boot, OpenRoom, OpenSession, PageBoot, Urls } from "./types.d.ts" */

// A room, a person, or a message there; not a page about a room.
const IS_ROOM = /^(rooms\/(?!new\/)|people\/)[^/]+\/([0-9]+\/)?$/

/** @implements {OpenSession} */
export class Session {
  #room = /** @type {OpenRoom | null} */ (null)
  #leave = /** @type {AbortController | null} */ (null)
  isCatchingUp = true
  early = /** @type {ServerFrame[] | null} */ (null)

  /** @param {PageBoot} boot */
  constructor(boot) {
    this.me = boot.you
    /** @type {Urls} */
    this.urls = {
      home: boot.urls.home,
      emoji: boot.urls.emoji,
      person: (nickname) => boot.urls.person.replace("NICKNAME", encodeURIComponent(nickname)),
      isRoom: (path) => path.startsWith(boot.urls.home) && IS_ROOM.test(path.slice(boot.urls.home.length)),
    }
    const endpoints = new Endpoints({ urls: boot.endpoints, nickname: this.me.nickname, token: boot.token })
    const faults = new FaultReporter((fault) => endpoints.report(fault))
    faults.listen()
    /** @type {OpenSession["onFault"]} */
    this.onFault = (error, about) => void faults.report(error, about)
    this.owner = ownerOf(this.me.id, this.urls.home)
    this.rooms = new Rooms(boot.rooms, this.me)
    this.outbox = new Outbox(this.owner, ownerBefore(this.me.nickname, this.urls.home))
    this.announcer = new Announcer(byId("announcer"))
    this.status = new Status(byId("status"), this.urls.home)
    this.sidebar = new Sidebar({ rooms: this.rooms, me: this.me, openId: () => this.#room?.id ?? null })
    this.leftovers = new Leftovers(byId("leftovers"), {
      template: byId("leftover-template", HTMLTemplateElement),
      warning: byId("unstored-template", HTMLTemplateElement),
      onDelete: (client_id) => this.outbox.discard(client_id),
    })
    this.unsent = new Unsent(this)
    this.on = frameHandlers(this)
    this.connection = new Connection(endpoints, {
      cursors: { opening: () => this.rooms.cursorOf(this.room.id), all: () => this.rooms.cursors() },
      onFrame: (frame) => this.hear(frame),
      onState: (state, code) => this.#changeState(state, code),
      onFault: this.onFault,
    })
    this.delivery = new Delivery({
      outbox: this.outbox,
      connection: this.connection,
      owner: this.owner,
      tell: {
        fault: this.onFault,
        slowed: (isSlow) => this.room.showSlowed(isSlow),
      },
    })
    onSignedOut(this.owner, () => this.connection.stop(SIGNED_OUT))
  }

  get room() {
    if (!this.#room) throw new Error("No room is open.")
    return this.#room
  }

  // Opens a room whose elements are in the document, in place of the one that is open.
  /** @param {Boot} boot @param {number} place */
  enter(boot, place) {
    this.#leave?.abort()
    this.#leave = new AbortController()
    this.#room = openRoom(boot, this, { signal: this.#leave.signal, place })
    this.unsent.show(this.#room)
    if (boot.presence) this.on.presence?.(boot.presence)
    this.sidebar.show()
  }

  /** @param {ServerFrame} frame */
  hear(frame) {
    this.early?.push(frame)
    if (Object.hasOwn(this.on, frame.type)) this.#handle(frame.type, frame)
  }

  /** @template {keyof Frames} Type @param {Type} type @param {Frames[Type]} frame */
  #handle(type, frame) {
    this.on[type]?.(frame)
  }

  /** @param {State} state @param {number} [code] */
  #changeState(state, code) {
    document.body.dataset.transport = this.connection.transport
    if (state !== "ready") this.isCatchingUp = true
    if (code) this.status.end(code)
    else this.status.become(state)
    this.#room?.connectionChanged(state, code)
    if (state === "ready") this.delivery.wake()
    else this.delivery.lost()
    if (code !== SIGNED_OUT) return
    this.#leave?.abort()
    this.status.blank()
  }
}
