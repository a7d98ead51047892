// Server-sent events, as far as this site's own stream uses them: read from pieces of text that break anywhere.

export class EventParser {
  #rest = ""

  // Returns the events that are complete by now, each with its `type` and `data`. Comments are none.
  /** @param {string} text */
  push(text) {
    const blocks = (this.#rest + text).split("\n\n")
    this.#rest = blocks.pop() ?? ""
    return blocks.map(readEvent).filter(({ data }) => data)
  }
}

/** @param {string} block */
function readEvent(block) {
  const lines = block.split("\n")
  /** @param {string} start */
  const values = (start) => lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length))
  return { type: values("event: ")[0] ?? "message", data: values("data: ").join("\n") }
}
