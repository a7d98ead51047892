import { Failure } from "./words.js"

const PATIENCE = 10_000

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

// What is waited for, or a failure that says what did not happen within `ms`: a line can be dead and tell nobody.
export function inTime(promise, sentence, ms = PATIENCE) {
  let timer
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Failure(sentence)), ms)))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
