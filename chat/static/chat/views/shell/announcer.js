// Reads to those who listen to the page instead of looking at it: others' new messages, and what the message box says.

/** @import { Message } from "../../lib/frames.d.ts" */

const MOST = 200
// A line that is taken away before it was read is not read.
const KEPT = 3

export class Announcer {
  #lines

  // `lines` is a live region that nobody sees.
  /** @param {HTMLElement} lines */
  constructor(lines) {
    this.#lines = lines
  }

  /** @param {Pick<Message, "sender" | "body">} message */
  announce({ sender, body }) {
    if (document.hidden || !document.hasFocus()) return
    this.say(`${sender.nickname}: ${Array.from(body).slice(0, MOST).join("")}`)
  }

  // The same words twice are read twice: each time in an element of their own.
  /** @param {string} text */
  say(text) {
    const line = document.createElement("p")
    line.textContent = text
    this.#lines.append(line)
    while (this.#lines.childElementCount > KEPT) this.#lines.firstElementChild?.remove()
  }

  // Another room is open: what was said in the last one is not to be found here.
  clear() {
    this.#lines.replaceChildren()
  }
}
