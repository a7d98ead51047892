// How many bytes something takes on the line, by the letter of HTTP/1.1 (RFC 9112) and WebSocket (RFC 6455).

/** @import { Count } from "./types.d.ts" */

const encoder = new TextEncoder()

/** @param {string} text */
export const size = (text) => encoder.encode(text).length

// A frame's head is 2 bytes, 4 from a length of 126, 10 from 64 KiB. What a browser sends is masked: 4 more.
/** @param {number} length */
const frameHead = (length) => (length < 126 ? 2 : length < 65536 ? 4 : 10)
/** @param {number} length */
export const receivedFrame = (length) => frameHead(length) + length
/** @param {number} length */
export const sentFrame = (length) => frameHead(length) + 4 + length

// A part of an answer whose length is not told beforehand: its length in hexadecimal, and two ends of line.
/** @param {number} length */
export const chunk = (length) => length.toString(16).length + 4 + length
export const LAST_CHUNK = 5

/** @param {Response} response */
export function answerHead(response) {
  let count = size(`HTTP/1.1 ${response.status} ${response.statusText}`) + 4
  for (const [name, value] of response.headers) count += name.length + value.length + 4
  return count
}

export class Meter {
  requests = 0
  bytes = 0

  /** @param {number} bytes */
  add(bytes, requests = 0) {
    this.bytes += bytes
    this.requests += requests
  }

  /** @param {Count} earlier @returns {Count} */
  since(earlier) {
    return { requests: this.requests - earlier.requests, bytes: this.bytes - earlier.bytes }
  }

  get now() {
    return { requests: this.requests, bytes: this.bytes }
  }
}
