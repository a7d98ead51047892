// Who is typing: heard of for a moment, then forgotten. Knows nothing of the page.

const FOR = 6_000

export class TypingTracker {
  #people = new Map()

  heard({ id, nickname }, now = Date.now()) {
    this.#people.set(id, { nickname, until: now + FOR })
  }

  forget(id) {
    this.#people.delete(id)
  }

  names(now = Date.now()) {
    for (const [id, { until }] of this.#people) if (until <= now) this.#people.delete(id)
    return Array.from(this.#people.values(), ({ nickname }) => nickname)
  }
}

export function typingSentence([one, two, third]) {
  if (third) return "Several people are typing…"
  if (two) return `${one} and ${two} are typing…`
  return one ? `${one} is typing…` : ""
}
