// The measures of each transport, and how each is written. A bar is as long as its value, compared with the largest one.

import { plural, t } from "../../lib/i18n.js"
import { median } from "./trial.js"
import { bytes, milliseconds, plain } from "./words.js"

/** @import { Measure, Result } from "./types.d.ts" */

/** @type {Measure[]} */
export const MEASURES = [
  {
    title: t("Time to deliver a message"),
    hint: t("median and worst of 20"),
    value: ({ times, state }) => (times.length && state !== "failed" ? median(times) : undefined),
    worst: ({ times }) => Math.max(...times),
    format: milliseconds,
  },
  {
    title: t("Bytes to receive a message"),
    hint: t("including requests and responses"),
    value: ({ getting }) => getting?.bytes,
    format: bytes,
  },
  {
    title: t("Requests to receive a message"),
    hint: t("including those that found nothing"),
    value: ({ getting }) => getting?.requests,
    format: plain,
  },
  {
    title: t("Bytes to send a message"),
    hint: t("including the confirmation that it's stored"),
    value: ({ sending }) => sending?.bytes,
    format: bytes,
  },
  {
    title: t("Bytes in an idle minute"),
    value: ({ idle }) => idle?.bytes,
    format: bytes,
  },
  {
    title: t("Requests in an idle minute"),
    value: ({ idle }) => idle?.requests,
    format: plain,
  },
]

/** @param {number} seconds */
export const idleHint = (seconds) => plural("counted over {count} second", "counted over {count} seconds", seconds)

// The figure as text; an empty one where there is none (yet).
/** @param {Measure} measure @param {Result} result */
export function figure(measure, result) {
  const value = measure.value(result)
  if (value === undefined) return ""
  const worst = measure.worst?.(result)
  return worst === undefined ? measure.format(value) : `${measure.format(value)} · ${measure.format(worst)}`
}
