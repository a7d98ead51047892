// Why the server refuses something, in the page's language, and why it ends a connection.

import { plural, t } from "./i18n.js"

// Why the server closed a connection. Below `FROM_SERVER` the code is the browser's or a proxy's, and says nothing.
export const FROM_SERVER = 4400
export const SIGNED_OUT = 4401
export const FORBIDDEN = 4403
export const RESTARTING = 4412
export const TOO_MUCH = 4429

/** @import { Params } from "./frames.d.ts" */

// Of a code that is not here the server's own sentence is shown.
/** @type {Record<string, (params: Params) => string>} */
const SENTENCES = {
  banned: () => t("You can't use this chat right now, so this wasn't sent."),
  not_a_member: () => t("You're not a member of this room."),
  no_such_room: () => t("This room doesn't exist."),
  no_such_person: (params) => t("No one here is called “{nickname}”.", params),
  no_such_message: ({ number }) =>
    t("Message {number} isn't in this room, so you can't reply to it.", { number: String(number) }),
  message_deleted: () => t("This message was deleted meanwhile."),
  not_here: (params) => t("“{nickname}” isn't connected right now, and messages to open names aren't kept.", params),
  empty_body: () => t("Write something first."),
  body_too_long: ({ over }) =>
    plural("{count} character over the limit", "{count} characters over the limit", Number(over)),
  too_many_mentions: (params) => t("A message can mention {most} people at most.", params),
  bad_body: () => t("This message can't be saved: it contains characters the site doesn't take."),
  too_many: (params) => t("One of you is in {most} rooms, which is the limit.", params),
  too_many_connections: (params) => t("You already have {most} connections open. Close some of them.", params),
  too_fast: () => t("That's too much at once. Try again in a moment."),
  not_signed_in: () => t("You're signed out."),
  restarting: () => t("The site is restarting. Try again in a moment."),
  unavailable: () => t("That didn't work. Try again in a moment."),
}

// Of a change of a message some are others than those of a post.
/** @type {typeof SENTENCES} */
const OF_CHANGES = {
  ...SENTENCES,
  banned: () => t("You can't use this chat right now, so this wasn't saved."),
  no_such_message: () => t("This message isn't in the room any more."),
  message_deleted: () => t("This message was deleted meanwhile."),
  edited_meanwhile: () => t("You edited this message somewhere else meanwhile. Check both versions, then save again."),
  too_many_pins: (params) => t("A room can have {most} pinned messages. Unpin one first.", params),
  too_many_saved: (params) => t("You've saved {most} messages, which is the limit. Remove one first.", params),
  too_many_emoji: (params) => t("A message can have {most} different reactions. Use one that's there.", params),
  too_many_reactions: (params) => t("This message has {most} reactions, which is the limit.", params),
  forbidden: () => t("You can't change this message."),
  too_late: () => t("It's too late to undo this: the message is gone."),
}

/**
 * @param {{ kind?: string, code?: string, params?: Params, detail?: string }} refusal `kind` is that of a change
 * @returns {string}
 */
export function sentenceOf({ kind, code = "", params = {}, detail = "" }) {
  const sentences = kind ? OF_CHANGES : SENTENCES
  return Object.hasOwn(sentences, code) ? sentences[code](params) : detail
}
