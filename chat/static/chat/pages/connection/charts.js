// The bars: for each measure the four transports beside each other.

import { figure, idleHint, MEASURES } from "./measures.js"
import { TRANSPORTS } from "./trial.js"
import { NAMES } from "./words.js"

export class Charts {
  #rows = []

  constructor(box, template, idleSeconds) {
    for (const measure of MEASURES) {
      const chart = template.content.cloneNode(true)
      chart.querySelector("h3").textContent = measure.title
      chart.querySelector(".hint").textContent = measure.isIdle ? idleHint(idleSeconds) : measure.hint
      const rows = [...chart.querySelectorAll("tr")]
      rows.forEach((row, place) => {
        row.dataset.transport = TRANSPORTS[place]
        row.querySelector("th").textContent = NAMES[TRANSPORTS[place]]
      })
      this.#rows.push(...rows.map((row) => ({ measure, row })))
      box.append(chart)
    }
  }

  show(results) {
    for (const { measure, row } of this.#rows) {
      const values = Object.values(results).map((result) => this.#longest(measure, result))
      const result = results[row.dataset.transport]
      const share = (value) => `${(100 * (value ?? 0)) / (Math.max(...values) || 1)}%`
      row.style.setProperty("--share", share(measure.value(result)))
      row.style.setProperty("--worst", share(this.#longest(measure, result)))
      row.querySelector(".figure").textContent = figure(measure, result)
    }
  }

  #longest(measure, result) {
    const value = measure.value(result)
    return value === undefined ? 0 : (measure.worst?.(result) ?? value)
  }
}
