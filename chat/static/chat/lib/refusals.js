// The server's refusals in the page's language. Of a code that is not here the server's own sentence is shown.

import { plural, t } from "./i18n.js"

/** @import { Params } from "./frames.d.ts" */

/** @type {Record<string, (params: Params) => string>} */
const SENTENCES = {
  banned: () => t("You can't use this chat right now, so this wasn't sent."),
  not_a_member: () => t("You're not a member of this room."),
  no_such_room: () => t("This room doesn't exist."),
  no_such_person: (params) => t("No one here is called “{nickname}”.", params),
  no_such_message: ({ number }) =>
    t("Message {number} isn't in this room, so you can't reply to it.", { number: String(number) }),
  not_here: (params) => t("“{nickname}” isn't connected right now, and messages to open names aren't kept.", params),
  empty_body: () => t("Write something first."),
  body_too_long: ({ over }) =>
    plural("{count} character over the limit", "{count} characters over the limit", Number(over)),
  bad_body: () => t("This message can't be saved: it contains characters the site doesn't take."),
  too_many: (params) => t("One of you is in {most} rooms, which is the limit.", params),
  too_many_connections: (params) => t("You already have {most} connections open. Close some of them.", params),
  too_fast: () => t("That's too much at once. Try again in a moment."),
  not_signed_in: () => t("You're signed out."),
  restarting: () => t("The site is restarting. Try again in a moment."),
  unavailable: () => t("That didn't work. Try again in a moment."),
}

/**
 * @param {{ code?: string, params?: Params, detail?: string }} refusal
 * @returns {string}
 */
export function sentenceOf({ code = "", params = {}, detail = "" }) {
  return Object.hasOwn(SENTENCES, code) ? SENTENCES[code](params) : detail
}
