// How the site proved to the browser that it speaks WebSocket: worked out from the key that this page's socket sent.

import { sha1 } from "./sha1.js"

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455, 1.3: the same for everybody.

export function accept(key) {
  const digest = sha1(new TextEncoder().encode(key + GUID))
  return {
    joined: key + GUID,
    digest: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(" "),
    accept: btoa(String.fromCharCode(...digest)),
  }
}

export function showHandshake(section, { key, headers }) {
  const steps = { key, ...accept(key) }
  for (const place of section.querySelectorAll("[data-step]")) place.textContent = steps[place.dataset.step]
  section.querySelector("[data-request]").textContent = headers.map(([name, value]) => `${name}: ${value}`).join("\n")
  section.hidden = false
}
