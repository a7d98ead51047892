// The server's endpoints: their addresses, and what their answers mean.

import { FORBIDDEN, RESTARTING, SIGNED_OUT, TOO_MUCH } from "../lib/codes.js"

const CODES = { 401: SIGNED_OUT, 403: FORBIDDEN, 429: TOO_MUCH, 503: RESTARTING }
const FRAMES = "application/x-ndjson"
const EVENTS = "text/event-stream"
const ANSWER_WITHIN = 5_000

export class Endpoints {
  #urls
  #nickname
  #token

  // `urls` are those of `socket`, `stream`, `poll`, `send`, `ready` and `report`; `token` is Django's against forged
  // requests.
  constructor({ urls, nickname, token }) {
    this.#urls = urls
    this.#nickname = nickname
    this.#token = token
  }

  get socket() {
    return new URL(this.#urls.socket, location.href.replace(/^http/, "ws")).href
  }

  // Rejects where nothing can be reached. What is asked goes into the body: an address may not grow with the number of
  // rooms.
  ask(endpoint, asked, signal) {
    return this.#post(endpoint, JSON.stringify(asked), "application/json", signal)
  }

  send(body, signal) {
    return this.#post("send", body, FRAMES, signal)
  }

  #post(endpoint, body, type, signal) {
    const headers = { "Content-Type": type, "X-CSRFToken": this.#token }
    // Another person may have signed in on this browser since: the server then refuses this page's requests.
    const query = new URLSearchParams({ as: this.#nickname })
    return fetch(`${this.#urls[endpoint]}?${query}`, { method: "POST", body, headers, signal })
  }

  report(fault) {
    sendReport(this.#urls.report, this.#token, fault)
  }

  // Whether the site can be reached and is not just starting or stopping: then it is the transport that fails.
  async isReady() {
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN)
      return (await fetch(this.#urls.ready, { cache: "no-store", signal })).status < 500
    } catch {
      return false
    }
  }
}

// Whether it gets there is nobody's concern; it may leave while its page ends.
export function sendReport(url, token, fault) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token }
  fetch(url, { method: "POST", body: JSON.stringify(fault), headers, keepalive: true }).catch(() => {})
}

export const isFrames = (response) => isOf(response, FRAMES)
export const isEvents = (response) => isOf(response, EVENTS)

const isOf = (response, type) => response.headers.get("Content-Type")?.startsWith(type)

// What an answer that is none says, as `onEnd` takes it: a close code, and seconds to wait.
export function refusal(response) {
  // A proxy has reasons of its own for the same numbers.
  if (!isFrames(response)) return [0, 0]
  return [CODES[response.status] ?? 0, Number(response.headers.get("Retry-After")) || 0]
}
