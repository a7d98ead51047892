// The quiet strip below the header: what is wrong with the line, if it lasts.

import { FORBIDDEN, SIGNED_OUT } from "./connection.js"

const PATIENCE = 1000

const SENTENCES = {
  offline: "You are offline. Messages are kept and sent later.",
  lost: "Reconnecting…",
  removed: "You are no longer in this room.",
  [SIGNED_OUT]: "You are signed out.",
  [FORBIDDEN]: "The server does not take connections from this address.",
}

export class Status {
  #strip
  #home
  #state = "lost"
  #final = null
  #timer

  constructor(strip, home) {
    this.#strip = strip
    this.#home = home
    for (const event of ["online", "offline"]) addEventListener(event, () => this.#show())
    this.become("lost")
  }

  become(state) {
    this.#state = state
    clearTimeout(this.#timer)
    if (state === "ready" || !navigator.onLine) this.#show()
    else this.#timer = setTimeout(() => this.#show(), PATIENCE)
  }

  // For good: nothing comes back by itself. With a way home.
  end(reason) {
    this.#final = reason
    this.#show()
  }

  #show() {
    const key = this.#final ?? (navigator.onLine ? this.#state : "offline")
    const sentence = SENTENCES[key] ?? ""
    if (this.#strip.dataset.key === key) return
    this.#strip.dataset.key = key
    this.#strip.textContent = sentence
    this.#strip.hidden = !sentence
    if (this.#final) this.#strip.append(" ", this.#wayHome())
  }

  #wayHome() {
    const link = document.createElement("a")
    link.href = this.#home
    link.textContent = "Go to the start"
    return link
  }
}
