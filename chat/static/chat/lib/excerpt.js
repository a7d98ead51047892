// A message in one line, where it is answered.

import { t } from "./i18n.js"

const MOST = 120

export const removed = () => t("This message was removed.")

/**
 * @param {Pick<import("./frames.d.ts").Message, "body" | "deleted_at">} message
 * @returns {string}
 */
export function excerptOf({ body, deleted_at }) {
  const [line] = (deleted_at ? removed() : body).trim().split("\n")
  const characters = Array.from(line)
  return characters.length > MOST ? `${characters.slice(0, MOST).join("")}…` : line
}
