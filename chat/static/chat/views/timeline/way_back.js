// From a message that was answered back to the reply whose quote led there: by a button, or a key. Several jumps are
// taken back one after the other. Whoever comes to the end of the room has gone on.

import { part } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { onPressed } from "../shell/keys.js"
import { loadSheet } from "../shell/sheets.js"

/** @import { Scroll } from "./scroll.js" */
/** @import { Timeline } from "./timeline.js" */
/** @typedef {{ timeline: Timeline, scroll: Scroll, show: (row: HTMLElement) => void }} Room */

const styled = loadSheet(new URL("../../styles/components/way_back.css", import.meta.url).href)

// One for each list of messages.
const ways = /** @type {WeakMap<HTMLElement, WayBack>} */ (new WeakMap())

/** @param {number} number @param {HTMLElement} list @param {Room} room */
export async function offerWayBack(number, list, room) {
  await styled
  if (!list.isConnected) return
  const way = ways.get(list) ?? new WayBack(list, room)
  ways.set(list, way)
  way.add(number)
}

class WayBack {
  #list
  #room
  #button
  #numbers = /** @type {number[]} */ ([])
  // Ends with each time that there is nothing to go back to, and with the list.
  #over = new AbortController()

  /** @param {HTMLElement} list @param {Room} room */
  constructor(list, room) {
    this.#list = list
    this.#room = room
    this.#button = document.createElement("button")
    this.#button.type = "button"
    this.#button.classList.add("jump", "way-back")
    const icon = document.querySelector("#message-menu [name=reply] svg")?.cloneNode(true) ?? ""
    this.#button.append(icon, Object.assign(document.createElement("span"), { textContent: t("Back to the reply") }))
    this.#button.addEventListener("click", () => this.#go())
    room.scroll.onMove(() => room.scroll.isFollowing && this.#end())
  }

  /** @param {number} number */
  add(number) {
    // Where all of it is in sight at once there is no way to go.
    if (this.#room.scroll.isFollowing) return
    if (!this.#numbers.length) {
      this.#over = new AbortController()
      onPressed("way-back", () => this.#go(), this.#over.signal, this.#list)
      part(this.#list.closest(".talk, .thread") ?? document, ".foot").prepend(this.#button)
    }
    this.#numbers.push(number)
  }

  #go() {
    const row = this.#room.timeline.row(this.#numbers.pop())
    if (!this.#numbers.length) this.#end()
    if (row) this.#room.show(row)
    return true
  }

  #end() {
    this.#numbers = []
    this.#over.abort()
    this.#button.remove()
  }
}
