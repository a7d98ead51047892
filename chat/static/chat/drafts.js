// What is typed and not sent, kept for each room, so that a reload or a look elsewhere costs no word.

export class Draft {
  #key

  constructor(nickname, place) {
    this.#key = `chatsite draft ${nickname} ${place}`
  }

  read() {
    return storage((shelf) => shelf.getItem(this.#key)) ?? ""
  }

  write(text) {
    storage((shelf) => (text ? shelf.setItem(this.#key, text) : shelf.removeItem(this.#key)))
  }
}

// Storage can be forbidden or full; then a draft lives as long as its page.
function storage(use) {
  try {
    return use(localStorage)
  } catch {
    return null
  }
}
