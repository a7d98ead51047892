// What outlives a room: the person, their rooms, the connection, the outbox, the list of rooms.

import { SIGNED_OUT } from "../lib/codes.js"
import { FaultReporter } from "../lib/errors.js"
import { Connection } from "../net/connection.js"
import { Endpoints } from "../net/endpoints.js"
import { Delivery } from "../store/delivery.js"
import { Outbox } from "../store/outbox.js"
import { ownerBefore, ownerOf } from "../store/owner.js"
import { Rooms } from "../store/rooms.js"
import { onSignedOut } from "../store/signing_out.js"
import { Announcer } from "../views/shell/announcer.js"
import { Status } from "../views/shell/status.js"
import { Leftovers } from "../views/shell/unsent.js"
import { Sidebar } from "../views/sidebar/sidebar.js"
import { frameHandlers } from "./dispatch.js"
import { openRoom } from "./room.js"
import { Unsent } from "./unsent.js"

// A room, a person, or a message there; not a page about a room.
const IS_ROOM = /^(rooms\/(?!new\/)|people\/)[^/]+\/([0-9]+\/)?$/

const element = (id) => document.getElementById(id)

export class Session {
  // The open room, as `openRoom` returns it.
  room = null
  #leave = null
  // Whether the server has not told yet all that was missed: none of it is news to who listens, in whatever room.
  isCatchingUp = true
  // Frames of a room that is being opened, or null: they may be younger than the answer that brings the room.
  early = null

  constructor(boot) {
    this.me = boot.you
    this.urls = {
      home: boot.urls.home,
      person: (nickname) => boot.urls.person.replace("NICKNAME", encodeURIComponent(nickname)),
      isRoom: (path) => path.startsWith(boot.urls.home) && IS_ROOM.test(path.slice(boot.urls.home.length)),
    }
    const endpoints = new Endpoints({ urls: boot.endpoints, nickname: this.me.nickname, token: boot.token })
    const faults = new FaultReporter((fault) => endpoints.report(fault))
    faults.listen()
    this.onFault = (error, about) => faults.report(error, about)
    this.owner = ownerOf(this.me.id, this.urls.home)
    this.rooms = new Rooms(boot.rooms, this.me)
    this.outbox = new Outbox(this.owner, ownerBefore(this.me.nickname, this.urls.home))
    this.announcer = new Announcer(element("announcer"))
    this.status = new Status(element("status"), this.urls.home)
    this.sidebar = new Sidebar({ rooms: this.rooms, me: this.me, openId: () => this.room?.id ?? null })
    this.leftovers = new Leftovers(element("leftovers"), {
      template: element("leftover-template"),
      warning: element("unstored-template"),
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

  // Opens a room whose elements are in the document, in place of the one that is open.
  enter(boot, place) {
    this.#leave?.abort()
    this.#leave = new AbortController()
    this.room = openRoom(boot, this, { signal: this.#leave.signal, place })
    this.unsent.show(this.room)
    if (boot.presence) this.on.presence(boot.presence)
    this.sidebar.show()
  }

  hear(frame) {
    this.early?.push(frame)
    if (Object.hasOwn(this.on, frame.type)) this.on[frame.type](frame)
  }

  #changeState(state, code) {
    document.body.dataset.transport = this.connection.transport
    if (state !== "ready") this.isCatchingUp = true
    if (code) this.status.end(code)
    else this.status.become(state)
    this.room?.connectionChanged(state, code)
    if (state === "ready") this.delivery.wake()
    else this.delivery.lost()
    if (code !== SIGNED_OUT) return
    this.#leave.abort()
    this.status.blank()
  }
}
