// A picker of emoji over the page: recent ones, groups, a search in both languages, tones of skin. Loaded when it is first
// opened, with its catalogue. Escape and a click elsewhere close it, which gives the focus back.

import { closest, element, part, parts } from "../../lib/dom.js"
import { t } from "../../lib/i18n.js"
import { onKey } from "../../lib/keys.js"
import { loadSheet } from "../shell/sheets.js"
import { catalogueOf, found, toned, withoutTone } from "./catalogue.js"

/** @import { EmojiHabits } from "../../store/emoji.js" */
/** @import { Known } from "./catalogue.js" */

// In the order of the catalogue, each with an emoji that stands for it.
/** @type {Record<string, [string, string]>} */
const GROUPS = {
  smileys: ["😀", t("Smileys")],
  people: ["👋", t("People and gestures")],
  nature: ["🐻", t("Animals and nature")],
  food: ["🍔", t("Food and drink")],
  travel: ["🚗", t("Travel and weather")],
  activities: ["⚽", t("Activities")],
  objects: ["💡", t("Objects")],
  symbols: ["🔣", t("Symbols")],
  flags: ["🏁", t("Flags")],
}
const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"]
const SAMPLE = "✋"
const MOST_FOUND = 100
// In pixels, between the picker and the edge of the window.
const MARGIN = 8

/** @type {Promise<unknown> | null} */
let styled = null
/** @type {Picker | null} */
let picker = null

// Returns the emoji that was picked, or null. `anchor` is what the picker opens beside.
/**
 * @param {Element} anchor
 * @param {{ address: string, habits: EmojiHabits }} options `address` of the catalogue
 * @returns {Promise<string | null>}
 */
export async function pickEmoji(anchor, { address, habits }) {
  styled ??= loadSheet(new URL("../../styles/components/picker.css", import.meta.url).href)
  const catalogue = catalogueOf(address).catch(() => null)
  await styled
  picker ??= new Picker(habits)
  return picker.open(anchor, catalogue)
}

class Picker {
  #habits
  #element
  #search
  #list
  #name
  #groups = /** @type {Map<string, Known[]>} */ (new Map())
  // Enter came before the catalogue.
  #isChosen = false
  #resolve = /** @type {(emoji: string | null) => void} */ (() => {})

  /** @param {EmojiHabits} habits */
  constructor(habits) {
    this.#habits = habits
    this.#search = element("input", "picker-search")
    this.#search.type = "search"
    this.#search.placeholder = t("Search emoji")
    this.#search.ariaLabel = t("Search emoji")
    this.#search.setAttribute("aria-controls", "picker-list")
    const tones = element("div", "picker-tones")
    tones.setAttribute("role", "radiogroup")
    tones.ariaLabel = t("Skin tone")
    tones.append(...TONES.map((tone) => this.#toneButton(tone)))
    const groups = element("nav", "picker-groups")
    groups.ariaLabel = t("Groups of emoji")
    groups.append(
      ...Object.entries(GROUPS).map(([name, [emoji, heading]]) => {
        const button = labelled("picker-group", emoji, heading)
        button.dataset.group = name
        return button
      }),
    )
    this.#list = element("div", "picker-list")
    this.#list.id = "picker-list"
    this.#list.tabIndex = -1
    this.#name = element("p", "picker-name")
    this.#name.setAttribute("aria-live", "polite")
    const head = element("div", "picker-head")
    head.append(this.#search, groups)
    const foot = element("div", "picker-foot")
    foot.append(this.#name, tones)
    this.#element = element("div", "picker")
    this.#element.popover = "auto"
    this.#element.setAttribute("role", "dialog")
    this.#element.ariaLabel = t("Pick an emoji")
    this.#element.append(head, this.#list, foot)
    document.body.append(this.#element)
    this.#listen()
  }

  /** @param {Element} anchor @param {Promise<Map<string, Known[]> | null>} groups @returns {Promise<string | null>} */
  async open(anchor, groups) {
    this.#resolve(null)
    this.#search.value = ""
    this.#name.textContent = ""
    this.#isChosen = false
    if (!this.#groups.size) this.#list.replaceChildren(note(t("Loading…")))
    this.#element.showPopover()
    this.#place(anchor)
    this.#search.focus({ preventScroll: true })
    /** @type {Promise<string | null>} */
    const picked = new Promise((resolve) => (this.#resolve = resolve))
    const known = await groups
    if (known) {
      this.#groups = known
      this.#show()
      if (this.#isChosen) this.#pickFirst()
    } else {
      this.#list.replaceChildren(note(t("Couldn't load the emoji. Check your connection and try again.")))
    }
    return picked
  }

  #listen() {
    this.#element.addEventListener("toggle", (event) => {
      if (event instanceof ToggleEvent && event.newState === "closed") this.#resolve(null)
    })
    this.#element.addEventListener("click", (event) => {
      const button = closest(event, "button")
      const { emoji, tone, group } = button?.dataset ?? {}
      if (emoji) this.#pick(emoji)
      else if (group) this.#goTo(group)
      else if (tone !== undefined) this.#setTone(tone)
    })
    for (const name of ["pointerover", "focusin"])
      this.#list.addEventListener(name, (event) => this.#tell(closest(event, "button")))
    this.#search.addEventListener("input", () => this.#show())
    onKey(this.#element, (event) => this.#move(event))
  }

  /** @param {string} emoji */
  #pick(emoji) {
    this.#habits.picked(emoji)
    const resolve = this.#resolve
    this.#resolve = () => {}
    this.#element.hidePopover()
    resolve(emoji)
  }

  #pickFirst() {
    parts(this.#list, "[data-emoji]").at(0)?.click()
  }

  // At the end of the line, where the bar is. On a narrow window it lies at the lower edge, as the style sheet says.
  /** @param {Element} anchor */
  #place(anchor) {
    const { right, top, bottom } = anchor.getBoundingClientRect()
    const { width, height } = this.#element.getBoundingClientRect()
    const isBelow = bottom + height + MARGIN <= innerHeight
    const y = isBelow ? bottom + MARGIN / 2 : Math.max(MARGIN, top - height - MARGIN / 2)
    const x = Math.min(right, innerWidth) - width - MARGIN
    this.#element.style.setProperty("--x", `${Math.max(MARGIN, x)}px`)
    this.#element.style.setProperty("--y", `${Math.min(y, innerHeight - height - MARGIN)}px`)
  }

  #show() {
    const wanted = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean)
    part(this.#element, ".picker-groups").hidden = Boolean(wanted.length)
    if (wanted.length) return this.#showFound(wanted)
    const byName = new Map([...this.#groups.values()].flat().map((one) => [withoutTone(one.emoji), one]))
    const known = [...new Set(this.#habits.recent.flatMap((emoji) => byName.get(withoutTone(emoji)) ?? []))]
    const sections = [...this.#groups].map(([name, group]) => this.#section(name, GROUPS[name][1], group))
    if (known.length) sections.unshift(this.#section("recent", t("Recent"), known))
    this.#list.replaceChildren(...sections)
    this.#list.scrollTop = 0
    this.#setStop(parts(this.#list, "[data-emoji]").at(0))
  }

  /** @param {string[]} wanted */
  #showFound(wanted) {
    const some = found(this.#groups, wanted).slice(0, MOST_FOUND)
    const section = this.#section("found", t("Search results"), some)
    this.#list.replaceChildren(some.length ? section : note(t("No emoji match. Try another word.")))
    this.#list.scrollTop = 0
    this.#setStop(parts(this.#list, "[data-emoji]").at(0))
    this.#tell(parts(this.#list, "[data-emoji]").at(0) ?? null)
  }

  /** @param {string} name @param {string} heading @param {Known[]} group */
  #section(name, heading, group) {
    const section = element("section", "picker-section")
    section.dataset.section = name
    const title = element("h3", "picker-heading")
    title.textContent = heading
    const grid = element("div", "picker-grid")
    grid.append(...group.map((one) => {
      const emoji = toned(one, this.#habits.tone)
      const button = labelled("picker-emoji", emoji, one.code.replaceAll("_", " "))
      button.dataset.emoji = emoji
      button.dataset.code = one.code
      button.tabIndex = -1
      return button
    }))
    section.append(title, grid)
    return section
  }

  /** @param {string} tone */
  #toneButton(tone) {
    const button = labelled(
      "picker-tone",
      SAMPLE + tone,
      tone ? t("Tone {number}", { number: TONES.indexOf(tone) }) : t("No tone"),
    )
    button.dataset.tone = tone
    button.setAttribute("role", "radio")
    button.ariaChecked = String(tone === this.#habits.tone)
    return button
  }

  /** @param {string} tone */
  #setTone(tone) {
    this.#habits.tone = tone
    for (const button of parts(this.#element, ".picker-tone")) button.ariaChecked = String(button.dataset.tone === tone)
    this.#show()
  }

  /** @param {string} name */
  #goTo(name) {
    const section = part(this.#list, `[data-section="${name}"]`)
    this.#list.scrollTop = section.offsetTop - this.#list.offsetTop
    part(section, "[data-emoji]").focus({ preventScroll: true })
  }

  /** @param {HTMLElement | null} button */
  #tell(button) {
    if (!button?.dataset.emoji) return
    this.#name.textContent = `${button.dataset.emoji} :${button.dataset.code}:`
    if (document.activeElement === button) this.#setStop(button)
  }

  // Tab comes to one emoji, arrows go from there.
  /** @param {HTMLElement | undefined} button */
  #setStop(button) {
    for (const each of parts(this.#list, "[tabindex='0']")) each.tabIndex = -1
    if (button) button.tabIndex = 0
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const buttons = parts(this.#list, "[data-emoji]")
    const from = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement))
    const isSearching = document.activeElement === this.#search
    if (isSearching && event.key === "Enter") {
      event.preventDefault()
      if (this.#groups.size) this.#pickFirst()
      else this.#isChosen = true
    } else if (isSearching && event.key === "ArrowDown") {
      event.preventDefault()
      buttons[0]?.focus()
    } else if (from >= 0 && event.key in STEPS) {
      event.preventDefault()
      const to = this.#neighbour(buttons, from, event.key)
      if (to) to.focus()
      else if (event.key === "ArrowUp") this.#search.focus()
    } else if (from >= 0 && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
      // Somebody who types on looks for another one.
      this.#search.focus()
    }
  }

  // Above and below is what lies there, also in another group, whose last row may be shorter.
  /** @param {HTMLElement[]} buttons @param {number} from @param {string} key */
  #neighbour(buttons, from, key) {
    const { along, across } = STEPS[key]
    if (along) return buttons[from + along]
    const { left, top } = buttons[from].getBoundingClientRect()
    const beyond = (across > 0 ? buttons.slice(from + 1) : buttons.slice(0, from).toReversed())
      .map((button) => ({ button, place: button.getBoundingClientRect() }))
      .filter(({ place }) => (across > 0 ? place.top > top : place.top < top))
    const row = beyond[0]?.place.top
    return beyond.filter(({ place }) => place.top === row)
      .sort((one, other) => Math.abs(one.place.left - left) - Math.abs(other.place.left - left))[0]?.button
  }
}

/** @type {Record<string, { along: number, across: number }>} */
const STEPS = {
  ArrowLeft: { along: -1, across: 0 },
  ArrowRight: { along: 1, across: 0 },
  ArrowUp: { along: 0, across: -1 },
  ArrowDown: { along: 0, across: 1 },
}

/** @param {string} className @param {string} text @param {string} label */
function labelled(className, text, label) {
  const button = element("button", `emoji-button ${className}`)
  button.type = "button"
  button.textContent = text
  button.ariaLabel = label
  return button
}

/** @param {string} text */
const note = (text) => Object.assign(element("p", "picker-note"), { textContent: text })
