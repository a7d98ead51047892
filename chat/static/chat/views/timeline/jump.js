// The button that leads to what is new, or else to the end.

import { plural, t } from "../../lib/i18n.js"
import { focusRoom } from "../shell/focus.js"

const isTouch = matchMedia("(hover: none) and (pointer: coarse)")

export class Jump {
  #button
  #messages
  #timeline
  #scroll
  #room
  #urls

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
    const text = this.#button.lastElementChild
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
