// What is shown of each transport, and as which figure. A bar is as long as its value, compared with the largest one.

import { median } from "./trial.js"
import { bytes, milliseconds, plain } from "./words.js"

/** @import { Measure, Result } from "./types.d.ts" */

/** @type {Measure[]} */
export const MEASURES = [
  {
    title: { en: "Time to deliver a message", zh: "送达一条消息的时间" },
    hint: { en: "median and worst of 20", zh: "20 条的中位数与最差值" },
    value: ({ times, state }) => (times.length && state !== "failed" ? median(times) : undefined),
    worst: ({ times }) => Math.max(...times),
    format: milliseconds,
  },
  {
    title: { en: "Bytes to receive a message", zh: "接收一条消息的字节数" },
    hint: { en: "requests and answers with it", zh: "包括请求和回答" },
    value: ({ getting }) => getting?.bytes,
    format: bytes,
  },
  {
    title: { en: "Requests to receive a message", zh: "接收一条消息的请求数" },
    hint: { en: "with those that found nothing", zh: "包括没有取到内容的请求" },
    value: ({ getting }) => getting?.requests,
    format: plain,
  },
  {
    title: { en: "Bytes to send a message", zh: "发送一条消息的字节数" },
    hint: { en: "with the answer that it is stored", zh: "包括“已保存”的回答" },
    value: ({ sending }) => sending?.bytes,
    format: bytes,
  },
  {
    title: { en: "Bytes in an idle minute", zh: "空闲一分钟的字节数" },
    value: ({ idle }) => idle?.bytes,
    format: bytes,
  },
  {
    title: { en: "Requests in an idle minute", zh: "空闲一分钟的请求数" },
    value: ({ idle }) => idle?.requests,
    format: plain,
  },
]

/** @param {number} seconds */
export const idleHint = (seconds) => ({ en: `counted over ${seconds} seconds`, zh: `在 ${seconds} 秒内计数` })

// The figure as text; an empty one where there is none (yet).
/** @param {Measure} measure @param {Result} result */
export function figure(measure, result) {
  const value = measure.value(result)
  if (value === undefined) return ""
  const worst = measure.worst?.(result)
  return worst === undefined ? measure.format(value) : `${measure.format(value)} · ${measure.format(worst)}`
}
