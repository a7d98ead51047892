// What is typed and not sent, and what it answers, kept for each room, so that a reload or a look elsewhere costs no word.

import { stored } from "../lib/storage.js"

export class Draft {
  #textKey
  #replyKey

  #signal

  constructor(nickname, place, signal) {
    this.#signal = signal
    this.#textKey = `chatsite draft ${nickname} ${place}`
    this.#replyKey = `chatsite reply ${nickname} ${place}`
  }

  // All tabs of a room show one draft: else the one that writes last would take the other's words.
  onOtherTab(show) {
    const tell = ({ key }) => [this.#textKey, this.#replyKey].includes(key) && show()
    addEventListener("storage", tell, { signal: this.#signal })
  }

  read() {
    return take(this.#textKey)
  }

  write(text) {
    keep(this.#textKey, text)
  }

  // The number of the message that is being answered; 0 for none.
  readReply() {
    return Number(take(this.#replyKey))
  }

  writeReply(number) {
    keep(this.#replyKey, number)
  }
}

function take(key) {
  return stored((kept) => kept.getItem(key)) ?? ""
}

function keep(key, value) {
  stored((kept) => (value ? kept.setItem(key, value) : kept.removeItem(key)))
}
