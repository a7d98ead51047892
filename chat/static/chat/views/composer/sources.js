// Where names come from that are completed in the message box, by the sign in front of them.

import { t } from "../../lib/i18n.js"
import { catalogueOf, found, toned, withoutTone } from "../emoji/catalogue.js"
import { folded, Names } from "./trigger.js"

/** @import { Groups } from "../emoji/catalogue.js" */
/** @import { Around } from "./types.d.ts" */
/** @import { Answer, Name } from "./trigger.js" */

// `find` has what is known now, `load` resolves when there may be more.
/** @typedef {{ find: (typed: string) => Name[], isOpen: (typed: string) => boolean, load: (typed: string) => Promise<void> }} Source */

const MOST_EMOJI = 12

/** @param {Around} around @returns {{ "@": Source, "#": Source, ":": EmojiSource }} */
export function sourcesOf(around) {
  return { "@": new PeopleSource(around), "#": new RoomSource(around), ":": new EmojiSource(around) }
}

/** @param {string} url @returns {(typed: string) => Promise<Answer>} */
const asking = (url) => async (typed) => {
  const answer = await fetch(`${url}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } })
  // Somebody who has been signed out is led elsewhere.
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status))
  /** @type {{ names: { id: string | number, name: string, keys: string[], is_near: boolean }[], more: boolean, everyone?: boolean }} */
  const { names, ...rest } = await answer.json()
  return { ...rest, names: names.map(({ is_near, ...name }) => ({ ...name, isNear: is_near })) }
}

/** @implements {Source} */
class PeopleSource {
  #names

  /** @param {Around} around */
  constructor({ me, people, peopleUrl }) {
    const local = () =>
      people().filter(({ id }) => id !== me.id)
        .map(({ id, nickname }) => ({ id, name: nickname, keys: [folded(nickname)], isNear: true }))
    this.#names = new Names({ local, ask: peopleUrl ? asking(peopleUrl) : null })
  }

  // Everybody stands between the people of the room and those who are not in it.
  /** @param {string} typed */
  find(typed) {
    const names = this.#names.find(typed)
    const everybody = this.#names.isEveryone ? EVERYBODY.filter(({ name }) => name.startsWith(folded(typed))) : []
    const near = names.filter(({ isNear }) => isNear)
    const far = names.filter(({ isNear }) => !isNear).map((name) => ({ ...name, hint: t("Not in this room") }))
    return [...near, ...everybody, ...far]
  }

  /** @param {string} typed */
  isOpen(typed) {
    return this.#names.isOpen(typed)
  }

  /** @param {string} typed */
  load(typed) {
    return this.#names.load(typed)
  }
}

/** @type {Name[]} */
const EVERYBODY = [
  { id: "here", name: "here", keys: ["here"], isNear: true, hint: t("Everyone who's online in this room") },
  { id: "all", name: "all", keys: ["all"], isNear: true, hint: t("Everyone in this room") },
]

class RoomSource extends Names {
  /** @param {Around} around */
  constructor({ rooms, roomsUrl }) {
    const local = () =>
      rooms().filter(({ kind }) => kind === "public")
        .map(({ title }) => ({ id: title, name: title, keys: [folded(title)], isNear: true }))
    super({ local, ask: asking(roomsUrl) })
  }
}

/** @implements {Source} */
export class EmojiSource {
  #around
  #groups = /** @type {Groups} */ (new Map())
  #recent = /** @type {string[]} */ ([])
  #tone = ""

  /** @param {Around} around */
  constructor(around) {
    this.#around = around
  }

  /** @param {string} typed @returns {Name[]} */
  find(typed) {
    const all = found(this.#groups, typed.toLowerCase().split("_").filter(Boolean))
    /** @param {{ emoji: string }} one */
    const place = ({ emoji }) => {
      const nth = this.#recent.indexOf(withoutTone(emoji))
      return nth < 0 ? this.#recent.length : nth
    }
    const some = all.toSorted((one, other) => place(one) - place(other)).slice(0, MOST_EMOJI)
    return some.map((one) => ({
      id: one.emoji,
      name: `:${one.code}:`,
      keys: [],
      isNear: true,
      emoji: toned(one, this.#tone),
    }))
  }

  isOpen() {
    return !this.#groups.size
  }

  async load() {
    const [groups, { recent, tone }] = await Promise.all([
      catalogueOf(this.#around.emojiUrl),
      this.#around.habits(),
    ])
    this.#groups = groups
    this.#recent = recent.map(withoutTone)
    this.#tone = tone
  }

  // The emoji of exactly this short code.
  /** @param {string} code */
  async named(code) {
    await this.load()
    const all = [...this.#groups.values()].flat()
    const known = all.find((one) => one.code === code) ??
      all.find(({ words }) => /^[+-]\d$/.test(code) && words.split(" ").includes(code))
    return known ? toned(known, this.#tone) : null
  }

  /** @param {string} emoji */
  async picked(emoji) {
    const habits = await this.#around.habits()
    habits.picked(emoji)
    this.#recent = habits.recent.map(withoutTone)
  }
}
