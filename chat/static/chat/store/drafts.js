// The text that is typed and not sent, and the message that it answers, are kept for each room: a reload or a look
// elsewhere costs no word.
// A tab in which nothing was typed shows what another one types. One in which something was keeps its own words.

import { stored } from "../lib/storage.js"

// A message whose text is being changed: its number and version, its text, and the one that is to take its place.
/** @typedef {{ number: number, sequence: number, body: string, text: string }} Edited */
// `reply` is the number of the message that is answered; 0 for none. While a message is being changed, `text` and
// `reply` wait until that is over.
/** @typedef {{ text: string, reply: number, edit?: Edited }} Written */
// The keys that older releases stored the text and the reply under.
/** @typedef {{ text: string, reply: string }} Before */

const NOTHING = JSON.stringify({ text: "", reply: 0 })

export class Draft {
  #key
  // The text typed in this tab since it last sent something, as it is stored; null for none.
  #own = /** @type {string | null} */ (null)
  #signal

  /**
   * @param {object} draft
   * @param {string} draft.owner
   * @param {string} draft.place the room, or the other person
   * @param {Before} [draft.before]
   * @param {AbortSignal} draft.signal
   */
  constructor({ owner, place, before, signal }) {
    this.#signal = signal
    this.#key = `${prefixOf(owner)}${place}`
    if (before) move(before, this.#key)
    // A tab whose words were no longer the stored ones when it was loaded anew.
    this.#own = stored((kept) => kept.getItem(this.#key), "sessionStorage")
  }

  // A draft is removed where it was sent, and only there: this tab's words go with it if they are the same.
  /** @param {() => void} show */
  onOtherTab(show) {
    addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (key !== this.#key) return
      if (this.#own === null || (newValue === null && oldValue === this.#own)) {
        this.#keepAside(null)
        show()
      } else if (newValue !== this.#own) {
        this.#keepAside(this.#own)
      }
    }, { signal: this.#signal })
  }

  /** @returns {Written} */
  read() {
    return JSON.parse(this.#own ?? stored((kept) => kept.getItem(this.#key)) ?? NOTHING)
  }

  /** @param {Written} written */
  write({ text, reply, edit }) {
    const draft = JSON.stringify({ text, reply, edit })
    this.#keepAside(null)
    if (draft !== NOTHING) this.#own = draft
    // Emptied is not sent: another tab is told of nothing that it would take for its own words.
    stored((kept) => kept.setItem(this.#key, draft))
    if (draft === NOTHING) this.sent()
  }

  sent() {
    this.#keepAside(null)
    stored((kept) => kept.removeItem(this.#key))
  }

  // In the tab's own storage, where another one's words have taken the place of this one's.
  /** @param {string | null} own */
  #keepAside(own) {
    this.#own = own
    stored((kept) => (own ? kept.setItem(this.#key, own) : kept.removeItem(this.#key)), "sessionStorage")
  }
}

// Of a person who has signed out nothing stays.
/** @param {string} owner */
export function clearDrafts(owner) {
  for (const storage of /** @type {const} */ (["localStorage", "sessionStorage"])) {
    stored((kept) => {
      for (const key of Object.keys(kept)) if (key.startsWith(prefixOf(owner))) kept.removeItem(key)
    }, storage)
  }
}

/** @param {string} owner */
const prefixOf = (owner) => `chatsite draft ${owner}: `

/** @param {Before} before @param {string} key */
function move(before, key) {
  stored((kept) => {
    const [text, reply] = [kept.getItem(before.text) ?? "", Number(kept.getItem(before.reply))]
    for (const old of Object.values(before)) kept.removeItem(old)
    const draft = JSON.stringify({ text, reply })
    if (draft !== NOTHING && !kept.getItem(key)) kept.setItem(key, draft)
  })
}
