// Help with writing, loaded when somebody begins: shortcuts, lists that go on, the toolbar, completion.

import { stored } from "../../lib/storage.js"
import { onPressed } from "../shell/keys.js"
import { continued } from "./edits.js"
import { FORMATS } from "./formats.js"
import { startToolbar } from "./toolbar.js"
import { triggerAt } from "./trigger.js"
import { apply } from "./typing_in.js"

/** @import { Announcer } from "../shell/status.js" */
/** @import { Format } from "./formats.js" */
/** @import { Around } from "./types.d.ts" */

const KEPT = "chatsite toolbar"

// On a narrow window the messages need the room.
const wide = matchMedia("(min-width: 48rem)")

export class Writing {
  #text
  #toggle
  #options
  #toolbar
  #hasCompletion = false

  /**
   * @param {HTMLTextAreaElement} text
   * @param {HTMLButtonElement} toggle shows the toolbar, and hides it
   * @param {{ around: Around, announcer: Announcer, signal: AbortSignal }} options
   */
  constructor(text, toggle, options) {
    const { signal } = options
    this.#text = text
    this.#toggle = toggle
    this.#options = options
    this.#toolbar = startToolbar(text, { choose: (format) => this.#format(format), signal })
    onPressed("bold", () => this.#formatBy("bold"), signal, text)
    onPressed("italic", () => this.#formatBy("italic"), signal, text)
    onPressed("strike", () => this.#formatBy("strike"), signal, text)
    onPressed("code", () => this.#formatBy("code"), signal, text)
    onPressed("link", () => this.#formatBy("link"), signal, text)
    text.addEventListener("input", (event) => this.#hear(event), { signal })
    text.addEventListener("compositionend", () => this.#complete(""), { signal })
    this.#complete(text.value.at(-1) ?? "")
    this.#show(stored((kept) => kept.getItem(KEPT)) ?? (wide.matches ? "on" : "off"))
  }

  async toggleToolbar() {
    const shown = (await this.#toolbar).hidden ? "on" : "off"
    stored((kept) => kept.setItem(KEPT, shown))
    await this.#show(shown)
  }

  /** @param {string} shown */
  async #show(shown) {
    const toolbar = await this.#toolbar
    toolbar.hidden = shown !== "on"
    this.#toggle.ariaExpanded = String(!toolbar.hidden)
  }

  /** @param {string} id */
  #formatBy(id) {
    const format = FORMATS.find((one) => one.id === id)
    if (format) this.#format(format)
    return true
  }

  /** @param {Format} format */
  #format({ change }) {
    const { value, selectionStart, selectionEnd, disabled } = this.#text
    if (!disabled) apply(this.#text, change(value, selectionStart, selectionEnd))
  }

  /** @param {Event} event */
  #hear(event) {
    if (!(event instanceof InputEvent) || event.isComposing) return
    if (event.inputType === "insertLineBreak") {
      const edit = continued(this.#text.value, this.#text.selectionStart)
      if (edit) apply(this.#text, edit)
    } else {
      this.#complete(event.data ?? "")
    }
  }

  // Loads completion when it is first of use.
  /** @param {string} typed */
  #complete(typed) {
    const { value, selectionStart } = this.#text
    if (this.#hasCompletion || !(triggerAt(value, selectionStart) || typed === ":")) return
    this.#hasCompletion = true
    import("./completion.js").then(({ startCompletion }) => startCompletion(this.#text, this.#options))
      .catch(() => (this.#hasCompletion = false))
  }
}
