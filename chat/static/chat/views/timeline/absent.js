// Below one's own message: whom it names without telling them, because they are not in the room, and what can be done.

import { byId, element, find, isolated, part } from "../../lib/dom.js"
import { parts, t } from "../../lib/i18n.js"
import { loadSheet } from "../shell/sheets.js"

/** @import { Ack, Person } from "../../lib/frames.d.ts" */
/** @import { KnownRoom } from "../../store/types.d.ts" */
/** @import { Announcer } from "../shell/status.js" */
/** @import { SiteUrls } from "../types.d.ts" */

// So many are named.
const MOST = 5

const styled = loadSheet(new URL("../../styles/components/absent.css", import.meta.url).href)

// `row` is that of the message, if it is drawn.
/**
 * @param {Ack} ack
 * @param {{ row: HTMLElement | null, room: KnownRoom, urls: SiteUrls, announcer: Announcer }} page
 */
export async function showAbsent({ absent = [], everyone_refused }, { row, room, urls, announcer }) {
  await styled
  const [note, lines] = [element("div", "absent"), element("div", "absent-lines")]
  if (absent.length) lines.append(sentence(absent, room), ...absent.slice(0, MOST).map((one) => wayTo(one, room, urls)))
  if (everyone_refused) lines.append(line([t("You can't use @all and @here in this room.")]))
  for (const { textContent } of lines.querySelectorAll("p")) announcer.say(textContent ?? "")
  note.append(lines, closing(note))
  row?.append(note)
}

/** @param {Person[]} absent @param {KnownRoom} room */
function sentence(absent, { kind }) {
  if (absent.length > 1) return line([t("Not here, so not told about this message:")])
  const nickname = isolated(absent[0].nickname)
  if (kind === "direct") return line(parts("{nickname} can't see this direct message.", { nickname }))
  return line(parts("{nickname} isn't in this room and wasn't told.", { nickname }))
}

// Into a private room people are added, by its form. In a public one they can be written to.
/** @param {Person} person @param {KnownRoom} room @param {SiteUrls} urls */
function wayTo({ nickname, open }, { kind }, urls) {
  const form = find(document, ".add-person", HTMLFormElement)
  const name = { nickname: isolated(nickname) }
  if (kind !== "private" || open || !form) {
    const link = Object.assign(document.createElement("a"), { className: "link", href: urls.person(nickname) })
    link.append(...parts("Message {nickname}", name))
    return link
  }
  const button = Object.assign(element("button", "link"), { type: "button" })
  button.append(...parts("Add {nickname}", name))
  button.addEventListener("click", () => {
    part(form, "[name=nickname]", HTMLInputElement).value = nickname
    form.requestSubmit()
  })
  return button
}

/** @param {HTMLElement} note */
function closing(note) {
  const template = byId("unstored-template", HTMLTemplateElement)
  const button = /** @type {HTMLElement} */ (part(template.content, "[name=close]").cloneNode(true))
  button.addEventListener("click", () => {
    const row = note.parentElement
    note.remove()
    row?.focus({ preventScroll: true })
  })
  return button
}

/** @param {(string | Node)[]} content */
function line(content) {
  const paragraph = element("p")
  paragraph.append(...content)
  return paragraph
}
