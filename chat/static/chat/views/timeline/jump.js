// The button that leads to what is new, or else to the end.

import { part } from "../../lib/dom.js"
import { plural, t } from "../../lib/i18n.js"
import { focusRoom } from "../shell/keys.js"

/** @import { Messages } from "../../store/messages.js" */
/** @import { KnownRoom } from "../../store/types.d.ts" */
/** @import { RoomUrls } from "../types.d.ts" */
/** @import { Scroll } from "./scroll.js" */
/** @import { Timeline } from "./timeline.js" */

const isTouch = matchMedia("(hover: none) and (pointer: coarse)")

export class Jump {
  #button
  #messages
  #timeline
  #scroll
  #room
  #urls

  /**
   * @param {HTMLElement} button
   * @param {object} parts
   * @param {Messages} parts.messages
   * @param {Timeline} parts.timeline
   * @param {Scroll} parts.scroll
   * @param {{ summary: () => KnownRoom | undefined, isDetached: () => boolean }} parts.room
   * @param {RoomUrls} parts.urls
   */
  constructor(button, { messages, timeline, scroll, room, urls }) {
    this.#button = button
    this.#messages = messages
    this.#timeline = timeline
    this.#scroll = scroll
    this.#room = room
    this.#urls = urls
    button.addEventListener("click", () => this.#jump())
  }

  look() {
    const unread = this.#room.summary()?.unread ?? 0
    this.#button.hidden = this.#scroll.isNearEnd && this.#timeline.isAtEnd && !this.#room.isDetached()
    const label = unread ? plural("{count} new message", "{count} new messages", unread) : t("Jump to latest")
    const text = part(this.#button, "span")
    if (text.textContent !== label) text.textContent = label
  }

  #jump() {
    // The button hides itself, and what is typed next must go somewhere. A tap must not bring a keyboard up.
    const isByKeyboard = this.#button.matches(":focus-visible")
    const news = this.#news
    if (news) this.#scroll.toRow(news)
    else if (this.#room.isDetached()) return location.assign(this.#urls.latest)
    else {
      this.#timeline.showEnd()
      this.#scroll.toEnd()
    }
    if (isByKeyboard || !isTouch.matches) focusRoom()
  }

  // The first of the new messages, if it is further down.
  get #news() {
    const row = this.#timeline.row(this.#messages.firstUnread)
    return row && this.#scroll.isBelow(row) ? row : null
  }
}
