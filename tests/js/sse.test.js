import assert from "node:assert/strict"
import { EventParser } from "../../chat/static/chat/net/transports/sse.js"

const TEXT = ":\n\ndata: one\ndata: two\nid: {}\n\n:\n\nevent: close\ndata: 4412\n\ndata: cut"

/** @param {string[]} pieces */
function read(pieces) {
  const parser = new EventParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

Deno.test("events are read from pieces that break anywhere", () => {
  const events = [{ type: "message", data: "one\ntwo" }, { type: "close", data: "4412" }]
  assert.deepEqual(read([TEXT]), events)
  assert.deepEqual(read([...TEXT]), events)
})
