// Frames that leave by POST, one request after the other; what gathers meanwhile leaves together.

import { isFrames, refusal } from "../endpoints.js"

/** @import { ClientFrame } from "../../lib/frames.d.ts" */
/** @import { Endpoints } from "../endpoints.js" */
/** @import { Answer, OnEnd } from "../types.d.ts" */

const ANSWER_WITHIN = 20_000

export class Sending {
  #endpoints
  #onText
  #onEnd
  /** @type {string[]} */
  #waiting = []
  #isBusy = false
  #end = new AbortController()

  // `onEnd` hears of a request without a good answer: what became of its frames is unknown.
  /** @param {Endpoints} endpoints @param {{ onText: (text: string) => void, onEnd: OnEnd }} tell */
  constructor(endpoints, { onText, onEnd }) {
    this.#endpoints = endpoints
    this.#onText = onText
    this.#onEnd = onEnd
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    this.#waiting.push(JSON.stringify(frame))
    if (!this.#isBusy) this.#empty()
  }

  close() {
    this.#end.abort()
  }

  async #empty() {
    this.#isBusy = true
    while (this.#waiting.length && !this.#end.signal.aborted) await this.#post(this.#waiting.splice(0).join("\n"))
    this.#isBusy = false
  }

  /** @param {string} body */
  async #post(body) {
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(ANSWER_WITHIN)])
    const answer = await this.#endpoints.send(body, signal).then(read, cutOff)
    if (this.#end.signal.aborted) return
    if (answer.ending) this.#onEnd(...answer.ending)
    else this.#onText(answer.text)
  }
}

/** @returns {Answer} */
const cutOff = () => ({ ending: [0, 0] })

/** @param {Response} response @returns {Promise<Answer>} */
async function read(response) {
  if (!response.ok || !isFrames(response)) return { ending: refusal(response) }
  // Cut off in the middle it says nothing, as if it had not come.
  return await response.text().then((text) => ({ text }), cutOff)
}
