// Reads others' new messages to those who listen to the page instead of looking at it.

const MOST = 200

export class Announcer {
  #line

  // `line` is a live region that nobody sees.
  constructor(line) {
    this.#line = line
  }

  announce({ sender, body }) {
    if (document.hidden || !document.hasFocus()) return
    this.#line.textContent = `${sender.nickname}: ${Array.from(body).slice(0, MOST).join("")}`
  }
}
