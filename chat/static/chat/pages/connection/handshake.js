// How the site proved to the browser that it speaks WebSocket: worked out from the key that this page's socket sent.

import { part, parts } from "../../lib/dom.js"
import { sha1 } from "./sha1.js"

/** @import { Handshake } from "../../lib/frames.d.ts" */

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455, 1.3: the same for everybody.

/** @param {string} key */
export function accept(key) {
  const digest = sha1(new TextEncoder().encode(key + GUID))
  return {
    joined: key + GUID,
    digest: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(" "),
    accept: btoa(String.fromCharCode(...digest)),
  }
}

/** @param {HTMLElement} section @param {Handshake} handshake */
export function showHandshake(section, { key, headers }) {
  for (const [step, text] of Object.entries({ key, ...accept(key) })) {
    for (const place of parts(section, `[data-step="${step}"]`)) place.textContent = text
  }
  part(section, "[data-request]").textContent = headers.map(([name, value]) => `${name}: ${value}`).join("\n")
  section.hidden = false
}
