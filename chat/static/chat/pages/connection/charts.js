// The bars: for each measure the four transports beside each other.

import { figure, idleHint, MEASURES } from "./measures.js"
import { part } from "../../lib/dom.js"
import { TRANSPORTS } from "./trial.js"
import { NAMES } from "./words.js"

/** @import { Measure, Name, Result, Results } from "./types.d.ts" */

export class Charts {
  #rows = /** @type {{ measure: Measure, name: Name, row: HTMLTableRowElement }[]} */ ([])

  /** @param {HTMLElement} box @param {HTMLTemplateElement} template @param {number} idleSeconds */
  constructor(box, template, idleSeconds) {
    for (const measure of MEASURES) {
      const chart = document.importNode(template.content, true)
      part(chart, "h3").textContent = measure.title
      part(chart, ".hint").textContent = measure.hint ?? idleHint(idleSeconds)
      chart.querySelectorAll("tr").forEach((row, place) => {
        const name = TRANSPORTS[place]
        row.dataset.transport = name
        part(row, "th").textContent = NAMES[name]
        this.#rows.push({ measure, name, row })
      })
      box.append(chart)
    }
  }

  /** @param {Results} results */
  show(results) {
    for (const { measure, name, row } of this.#rows) {
      const values = Object.values(results).map((result) => this.#longest(measure, result))
      const result = results[name]
      /** @param {number | undefined} value */
      const share = (value) => `${(100 * (value ?? 0)) / (Math.max(...values) || 1)}%`
      row.style.setProperty("--share", share(measure.value(result)))
      row.style.setProperty("--worst", share(this.#longest(measure, result)))
      part(row, ".figure").textContent = figure(measure, result)
    }
  }

  /** @param {Measure} measure @param {Result} result */
  #longest(measure, result) {
    const value = measure.value(result)
    return value === undefined ? 0 : (measure.worst?.(result) ?? value)
  }
}
