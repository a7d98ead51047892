// Reads others' new messages to those who listen to the page instead of looking at it.

/** @import { Message } from "../../lib/frames.d.ts" */

const MOST = 200

export class Announcer {
  #line

  // `line` is a live region that nobody sees.
  /** @param {HTMLElement} line */
  constructor(line) {
    this.#line = line
  }

  /** @param {Pick<Message, "sender" | "body">} message */
  announce({ sender, body }) {
    if (document.hidden || !document.hasFocus()) return
    this.#line.textContent = `${sender.nickname}: ${Array.from(body).slice(0, MOST).join("")}`
  }
}
