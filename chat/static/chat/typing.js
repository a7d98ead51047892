// Who is typing: heard of for a moment, then forgotten. Knows nothing of the page.

const FOR = 6_000

export class TypingTracker {
  #until = new Map()

  heard(nickname, now = Date.now()) {
    this.#until.set(nickname, now + FOR)
  }

  forget(nickname) {
    this.#until.delete(nickname)
  }

  names(now = Date.now()) {
    for (const [nickname, until] of this.#until) if (until <= now) this.#until.delete(nickname)
    return [...this.#until.keys()]
  }
}

export function typingSentence([one, two, third]) {
  if (third) return "Several people are typing…"
  if (two) return `${one} and ${two} are typing…`
  return one ? `${one} is typing…` : ""
}
