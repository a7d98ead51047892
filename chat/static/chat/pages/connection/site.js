// The site's HTTP endpoints, as this page asks at them: what goes out and comes in is counted.

import { t } from "../../lib/i18n.js"
import { sentenceOf } from "../../lib/refusals.js"
import { answerHead, chunk, LAST_CHUNK, Meter, size } from "./counting.js"
import { Failure } from "./words.js"

/** @import { ServerFrame } from "../../lib/frames.d.ts" */
/** @import { Listen } from "../../net/types.d.ts" */
/** @import { Boot } from "./types.d.ts" */

const PROBE = '{"type":"probe"}'

export class Site {
  #boot
  #heads = { GET: 0, POST: 0 }
  protocol = ""
  // The cost of sending by HTTP so far, whatever transport brings the messages back.
  sending = new Meter()
  silence = t("A request got no response within 10 seconds.")

  /** @param {Boot} boot */
  constructor(boot) {
    this.#boot = boot
  }

  get socketUrl() {
    return new URL(this.#boot.urls.socket, location.href.replace(/^http/, "ws")).href
  }

  // No page sees all the lines of its requests (cookies, for one): the site says how many bytes such a head has.
  async learn() {
    this.#heads.GET = await this.#echo({ method: "GET" })
    this.#heads.POST = await this.#echo(this.#post(PROBE))
    const entries = performance.getEntriesByName(new URL(this.#boot.urls.echo, location.href).href)
    this.protocol = /** @type {PerformanceResourceTiming | undefined} */ (entries.at(-1))?.nextHopProtocol ?? ""
  }

  /** @param {RequestInit} options */
  async #echo(options) {
    const target = this.#boot.urls.echo
    const { bytes } = await (await ask(target, options)).json()
    return bytes - size(target)
  }

  // Opens the event stream; the answer has begun. `signal` gives it up.
  /** @param {Meter} meter @param {AbortSignal} signal */
  async stream(meter, signal) {
    const target = this.#target("stream")
    meter.add(this.#heads.GET + size(target), 1)
    const response = await ask(target, { signal })
    meter.add(answerHead(response))
    return response
  }

  // Asks by a poll; the answer has begun.
  /** @param {Listen & { probe: number }} asked @param {Meter} meter @param {AbortSignal} signal */
  async poll(asked, meter, signal) {
    const target = this.#target("poll")
    const body = JSON.stringify(asked)
    meter.add(this.#postedBytes(target, body), 1)
    const response = await ask(target, { ...this.#post(body), signal })
    meter.add(answerHead(response))
    return response
  }

  // Sends a trial message by a request of its own; its number.
  async probe() {
    const target = this.#target("send")
    this.sending.add(this.#postedBytes(target, PROBE), 1)
    const response = await ask(target, this.#post(PROBE))
    const text = await bodyOf(response)
    this.sending.add(answerHead(response) + chunk(size(text)) + LAST_CHUNK)
    const answer = /** @type {ServerFrame} */ (JSON.parse(text.split("\n")[0]))
    if (answer.type === "probed") return answer.number
    throw new Failure(answer.type === "error" ? sentenceOf(answer) : BROKEN_OFF)
  }

  /** @param {"stream" | "poll" | "send"} endpoint */
  #target(endpoint) {
    return `${this.#boot.urls[endpoint]}?${new URLSearchParams({ as: this.#boot.nickname })}`
  }

  // The head whose bytes are known says how long its own body was: another body's length may have more digits.
  /** @param {string} target @param {string} body */
  #postedBytes(target, body) {
    const digits = String(size(body)).length - String(size(PROBE)).length
    return this.#heads.POST + digits + size(target) + size(body)
  }

  /** @param {string} body */
  #post(body) {
    return { method: "POST", body, headers: { "X-CSRFToken": this.#boot.token } }
  }
}

const OWN = ["application/json", "application/x-ndjson", "text/event-stream"]
const BROKEN_OFF = t("A request or its response was cut off on the way.")

const brokenOff = () => {
  throw new Failure(BROKEN_OFF)
}

/** @param {string} target @param {RequestInit} options */
async function ask(target, options) {
  const response = await fetch(target, { cache: "no-store", ...options }).catch(brokenOff)
  const kind = response.headers.get("content-type") ?? ""
  if (!response.ok || !OWN.includes(kind.split(";")[0])) throw await refusal(response)
  return response
}

/** @param {Response} response */
export const bodyOf = (response) => response.text().catch(brokenOff)

// The sentence of the site's error frame. A proxy or a network's sign-in page, which answers in its place, has a status.
/** @param {Response} response */
async function refusal(response) {
  const text = await bodyOf(response)
  try {
    return new Failure(sentenceOf(JSON.parse(text.split("\n")[0])))
  } catch {
    return new Failure(
      t("The request got status {status}, and not from the chat.", { status: String(response.status) }),
    )
  }
}
