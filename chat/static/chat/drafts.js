// What is typed and not sent, kept for each room, so that a reload or a look elsewhere costs no word.

import { shelf } from "./storage.js"

export class Draft {
  #key

  constructor(nickname, place) {
    this.#key = `chatsite draft ${nickname} ${place}`
  }

  read() {
    return shelf((kept) => kept.getItem(this.#key)) ?? ""
  }

  write(text) {
    shelf((kept) => (text ? kept.setItem(this.#key, text) : kept.removeItem(this.#key)))
  }
}
