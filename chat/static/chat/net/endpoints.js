// The server's endpoints: their addresses, and what their answers mean.

import { FORBIDDEN, RESTARTING, SIGNED_OUT, TOO_MUCH } from "../lib/refusals.js"

/** @import { EndpointName, Ending, Listen } from "./types.d.ts" */

/** @type {Record<number, number>} */
const CODES = { 401: SIGNED_OUT, 403: FORBIDDEN, 429: TOO_MUCH, 503: RESTARTING }
const FRAMES = "application/x-ndjson"
const EVENTS = "text/event-stream"
const ANSWER_WITHIN = 5_000

export class Endpoints {
  #urls
  #nickname
  #token

  // `token` is Django's against forged requests.
  /** @param {{ urls: Record<EndpointName, string>, nickname: string, token: string }} site */
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
  /** @param {"stream" | "poll"} endpoint @param {Listen} asked @param {AbortSignal} signal */
  ask(endpoint, asked, signal) {
    return this.#post(endpoint, JSON.stringify(asked), "application/json", signal)
  }

  /** @param {string} body @param {AbortSignal} signal */
  send(body, signal) {
    return this.#post("send", body, FRAMES, signal)
  }

  /** @param {EndpointName} endpoint @param {string} body @param {string} type @param {AbortSignal} signal */
  #post(endpoint, body, type, signal) {
    const headers = { "Content-Type": type, "X-CSRFToken": this.#token }
    // Another person may have signed in on this browser since: the server then refuses this page's requests.
    const query = new URLSearchParams({ as: this.#nickname })
    return fetch(`${this.#urls[endpoint]}?${query}`, { method: "POST", body, headers, signal })
  }

  /** @param {import("../lib/faults.js").Fault} fault */
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
/** @param {string} url @param {string} token @param {import("../lib/faults.js").Fault} fault */
export function sendReport(url, token, fault) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token }
  fetch(url, { method: "POST", body: JSON.stringify(fault), headers, keepalive: true }).catch(() => {})
}

/** @param {Response} response */
export const isFrames = (response) => isOf(response, FRAMES)
/** @param {Response} response */
export const isEvents = (response) => isOf(response, EVENTS)

/** @param {Response} response @param {string} type */
const isOf = (response, type) => response.headers.get("Content-Type")?.startsWith(type)

// The reason in an answer that brings no frames.
/** @param {Response} response @returns {Ending} */
export function refusal(response) {
  // A proxy has reasons of its own for the same numbers.
  if (!isFrames(response)) return [0, 0]
  return [CODES[response.status] ?? 0, Number(response.headers.get("Retry-After")) || 0]
}
