import { Failure } from "./words.js"

const PATIENCE = 10_000

/** @param {number} ms @returns {Promise<void>} */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Returns the awaited value, or fails with the sentence after `ms`: a line can be dead and tell nobody.
 * @template Result
 * @param {Promise<Result>} promise
 * @param {string} sentence
 * @returns {Promise<Result>}
 */
export function inTime(promise, sentence, ms = PATIENCE) {
  let timer = 0
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Failure(sentence)), ms)))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
