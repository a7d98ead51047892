// Where the reader is in the timeline, and how they stay there while it changes around them.

const NEAR = 60

export class Scroll {
  #box
  #list
  #atEnd = true
  #onMove = []

  // `onMove` is called with each look at where the reader is.
  constructor(box, list, onMove) {
    this.#box = box
    this.#list = list
    this.onMove(onMove)
    box.addEventListener("scroll", () => this.#look(), { passive: true })
    // Whoever was at the end stays there when the keyboard comes up, the composer grows or a line wraps anew.
    const resized = new ResizeObserver(() => (this.#atEnd ? this.toEnd() : this.#look()))
    resized.observe(box)
    resized.observe(list)
  }

  onMove(call) {
    this.#onMove.push(call)
  }

  get atEnd() {
    return this.#atEnd
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight
    this.#look()
  }

  // The number of the first message in sight; 0 where there is none.
  get firstNumber() {
    return Number(this.#firstInSight()?.dataset.number ?? 0)
  }

  isAbove(row) {
    return row.getBoundingClientRect().top < this.#box.getBoundingClientRect().top
  }

  // Puts a row at the top edge.
  toTop(row) {
    this.#box.scrollTop += row.getBoundingClientRect().top - this.#box.getBoundingClientRect().top
    this.#look()
  }

  // Puts a row where it is read well: below the top edge, what came before it in sight.
  toRow(row) {
    const box = this.#box.getBoundingClientRect()
    this.#box.scrollTop += row.getBoundingClientRect().top - box.top - box.height / 4
    this.#look()
  }

  // Changes the timeline so that what is in sight stays where it is, or the end stays in sight for who is there.
  change(alter) {
    if (this.#atEnd) {
      alter()
      this.toEnd()
    } else {
      this.keep(alter)
    }
  }

  keep(alter) {
    const anchor = this.#firstInSight()
    const line = anchor?.querySelector(".row")
    const before = line?.getBoundingClientRect().top
    alter()
    if (anchor?.isConnected) this.#box.scrollTop += line.getBoundingClientRect().top - before
    this.#look()
  }

  // Each move asks: so by halves.
  #firstInSight() {
    const edge = this.#box.getBoundingClientRect().top
    const rows = this.#list.children
    let [low, high] = [0, rows.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (rows[middle].getBoundingClientRect().bottom > edge) high = middle
      else low = middle + 1
    }
    return rows[low]
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box
    if (!clientHeight) return // It is not laid out: nothing is in sight, and nobody has moved.
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR
    for (const call of this.#onMove) call()
  }
}
