// The line that says who is typing, and the word to others that one types oneself.

import { typingSentence, TypingTracker } from "../../store/typing.js"

const AT_MOST_EVERY = 3_000

export class TypingLine {
  #line
  #me
  #tell
  #tracker = new TypingTracker()
  #toldAt = 0

  constructor(line, { me, tell, signal }) {
    this.#line = line
    this.#me = me
    this.#tell = tell
    const timer = setInterval(() => this.#show(), 1000)
    signal.addEventListener("abort", () => clearInterval(timer))
  }

  heard(person) {
    if (person.id !== this.#me.id) this.#tracker.heard(person)
    this.#show()
  }

  forget(id) {
    this.#tracker.forget(id)
    this.#show()
  }

  typed() {
    if (Date.now() - this.#toldAt < AT_MOST_EVERY) return
    this.#toldAt = Date.now()
    this.#tell()
  }

  // What was typed is sent: the next word is news again.
  sent() {
    this.#toldAt = 0
  }

  #show() {
    const sentence = typingSentence(this.#tracker.names())
    if (this.#line.textContent !== sentence) this.#line.textContent = sentence
  }
}
