// Dates and times as the reader's own place and language write them.

import { locale, t } from "./i18n.js"

const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" })
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" })
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" })
const dayOfYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" })

export const timeOf = (date) => time.format(date)
export const momentOf = (date) => moment.format(date)
export const isSameDay = (one, other) => one.toDateString() === other.toDateString()

export function dayOf(date, today = new Date()) {
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (isSameDay(date, today)) return t("Today")
  if (isSameDay(date, yesterday)) return t("Yesterday")
  return (date.getFullYear() === today.getFullYear() ? day : dayOfYear).format(date)
}

// A page that stays open over midnight must not call yesterday today.
export function onNewDay(tell) {
  let known = new Date()
  setInterval(() => {
    if (isSameDay(known, new Date())) return
    known = new Date()
    tell()
  }, 30_000)
}
