// Dates and times as the reader's own place and language write them.

import { locale, t } from "./i18n.js"

const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" })
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" })
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" })
const dayOfYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" })

/** @param {Date} date */
export const timeOf = (date) => time.format(date)
/** @param {Date} date */
export const momentOf = (date) => moment.format(date)
/** @param {Date} one @param {Date} other */
export const isSameDay = (one, other) => one.toDateString() === other.toDateString()

/** @param {Date} date */
export function dayOf(date, today = new Date()) {
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (isSameDay(date, today)) return t("Today")
  if (isSameDay(date, yesterday)) return t("Yesterday")
  return (date.getFullYear() === today.getFullYear() ? day : dayOfYear).format(date)
}

// A page that stays open over midnight must not call yesterday today.
/**
 * @param {() => void} tell
 * @param {AbortSignal} signal
 */
export function onNewDay(tell, signal) {
  let known = new Date()
  const timer = setInterval(() => {
    if (isSameDay(known, new Date())) return
    known = new Date()
    tell()
  }, 30_000)
  signal.addEventListener("abort", () => clearInterval(timer))
}
