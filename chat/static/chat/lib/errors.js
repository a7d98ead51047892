// Faults of the page's own code are told to the server. What is told of one, and how often, says faults.js.

/** @import { Fault, FaultLog } from "./faults.js" */

export class FaultReporter {
  #send
  #log = /** @type {Promise<FaultLog> | null} */ (null)

  // `send` may fail: a report is not worth another try.
  /** @param {(fault: Fault) => void} send */
  constructor(send) {
    this.#send = send
  }

  // Of what nobody has caught.
  listen() {
    addEventListener("error", ({ error }) => this.#tell(error, "page"))
    addEventListener("unhandledrejection", ({ reason }) => this.#tell(reason, "promise"))
  }

  // Of what was caught while `about` was handled: the console would not show it otherwise.
  /** @param {unknown} error @param {string} about */
  report(error, about) {
    console.error(error)
    return this.#tell(error, about)
  }

  /** @param {unknown} error @param {string} about */
  async #tell(error, about) {
    if (!(error instanceof Error)) return
    this.#log ??= import("./faults.js").then(({ FaultLog }) => new FaultLog())
    const log = await this.#log.catch(() => (this.#log = null))
    const fault = log?.add(error, about)
    if (fault) this.#send(fault)
  }
}
