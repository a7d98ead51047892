// What outlives a room: the person, their rooms, the connection, the outbox, the list of rooms.

import { Connection } from "../net/connection.js"
import { Endpoints } from "../net/endpoints.js"
import { Delivery } from "../store/delivery.js"
import { Outbox } from "../store/outbox.js"
import { Rooms } from "../store/rooms.js"
import { Announcer } from "../views/shell/announcer.js"
import { Status } from "../views/shell/status.js"
import { Leftovers } from "../views/shell/unsent.js"
import { Sidebar } from "../views/sidebar/sidebar.js"
import { frameHandlers } from "./dispatch.js"
import { openRoom } from "./room.js"

// A room, a person, or a message there; not a page about a room.
const IS_ROOM = /^(rooms\/(?!new\/)|people\/)[^/]+\/([0-9]+\/)?$/

const element = (id) => document.getElementById(id)

export class Session {
  // The open room, as `openRoom` returns it.
  room = null
  #leave = null
  // Frames of a room that is being opened, or null: they may be younger than the answer that brings the room.
  early = null

  constructor(boot) {
    this.me = boot.you
    this.urls = {
      home: boot.urls.home,
      person: (nickname) => boot.urls.person.replace("NICKNAME", encodeURIComponent(nickname)),
      isRoom: (path) => path.startsWith(boot.urls.home) && IS_ROOM.test(path.slice(boot.urls.home.length)),
    }
    // A browser keeps one storage for all sites of an origin: under a path prefix it may have others beside this one.
    this.owner = this.urls.home === "/" ? this.me.nickname : `${this.me.nickname} ${this.urls.home}`
    this.rooms = new Rooms(boot.rooms, this.me)
    this.outbox = new Outbox(this.owner)
    this.announcer = new Announcer(element("announcer"))
    this.status = new Status(element("status"), this.urls.home)
    this.sidebar = new Sidebar({ rooms: this.rooms, me: this.me, openId: () => this.room?.id ?? null })
    this.leftovers = new Leftovers(element("leftovers"), {
      template: element("leftover-template"),
      onDelete: (client_id) => this.outbox.remove(client_id),
    })
    this.on = frameHandlers(this)
    this.connection = new Connection(this.#endpoints(boot), {
      cursors: { opening: () => this.rooms.cursorOf(this.room.id), all: () => this.rooms.cursors() },
      onFrame: (frame) => this.hear(frame),
      onState: (state, code) => this.#changeState(state, code),
    })
    this.delivery = new Delivery({
      outbox: this.outbox,
      connection: this.connection,
      owner: this.owner,
      tell: {
        failed: (entry, mayRetry) => this.#showFailed(entry, mayRetry),
        slowed: (isSlow) => this.room.showSlowed(isSlow),
      },
    })
  }

  // Opens a room whose elements are in the document, in place of the one that is open.
  enter(boot, place) {
    this.#leave?.abort()
    this.#leave = new AbortController()
    this.room = openRoom(boot, this, { signal: this.#leave.signal, place })
    if (boot.presence) this.on.presence(boot.presence)
    this.sidebar.show()
  }

  hear(frame) {
    this.early?.push(frame)
    if (Object.hasOwn(this.on, frame.type)) this.on[frame.type](frame)
  }

  // A room was refused its words, the room is none of the person's, and it is not the open one: they are in no room.
  isLeftover(entry) {
    return entry.state === "failed" && entry.room && !this.rooms.get(entry.room) && !this.room.holds(entry)
  }

  #endpoints({ endpoints, you, token }) {
    return new Endpoints({ urls: endpoints, nickname: you.nickname, token })
  }

  #changeState(state, code) {
    document.body.dataset.transport = this.connection.transport
    if (code) this.status.end(code)
    else this.status.become(state)
    this.room?.connectionChanged(state, code)
    if (state === "ready") this.delivery.wake()
    else this.delivery.lost()
  }

  #showFailed(entry, mayRetry) {
    if (this.room.holds(entry)) this.room.messages.fail(entry, mayRetry)
    else if (!mayRetry) this.leftovers.show(entry)
  }
}
