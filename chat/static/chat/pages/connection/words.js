// Names and figures of the connection page, as its reader writes them.

/** @import { Name } from "./types.d.ts" */

import { locale, t } from "../../lib/i18n.js"

/** @type {Record<Name, string>} */
export const NAMES = {
  socket: "WebSocket",
  stream: t("Event stream"),
  long: t("Long polling"),
  poll: t("Polling"),
}

// Why a transport does not work, in words for a person.
export class Failure extends Error {}

const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** @param {number} ms */
export const milliseconds = (ms) => `${ms < 9.95 ? tenths.format(ms) : number.format(Math.round(ms))} ms`
/** @param {number} count */
export const bytes = (
  count,
) => (count < 10_000 ? `${number.format(Math.round(count))} B` : `${number.format(count / 1000)} kB`)
/** @param {number} count */
export const plain = (count) => number.format(count)
