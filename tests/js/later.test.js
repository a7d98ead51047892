import assert from "node:assert/strict"
import { LaterTransport } from "../../chat/static/chat/net/transports/later.js"

const cursors = { opening: () => ({}), all: () => ({}) }

// A transport whose opening is recorded, and the network beside it: `isUp` says whether files arrive.
function made() {
  const seen = /** @type {string[]} */ ([])
  const network = { isUp: true, files: /** @type {string[]} */ ([]) }
  const endpoints = { ask: (/** @type {string} */ name) => Promise.resolve(void seen.push(name)) }
  globalThis.fetch = (address) => {
    network.files.push(String(address).split("/").at(-1) ?? "")
    return network.isUp ? Promise.resolve(new Response("")) : Promise.reject(new TypeError())
  }
  const transport = new LaterTransport("stream", /** @type {any} */ (endpoints), cursors)
  transport.onEnd = (...ending) => seen.push(ending.join())
  return { transport, seen, network }
}

Deno.test("a transport that is loaded later opens once its modules are there", async () => {
  const { transport, seen, network } = made()
  assert.equal(transport.send({ type: "sync" }), false)
  await transport.open()
  assert.deepEqual(seen, ["stream", "0,0"])
  assert.deepEqual(network.files.sort(), ["poll.js", "sending.js", "sse.js", "stream.js"])
})

Deno.test("one whose modules do not come ends as one that does not get through, and the next attempt asks again", async () => {
  const { transport, seen, network } = made()
  network.isUp = false
  await transport.open()
  assert.deepEqual(seen, ["0,0"])
  network.isUp = true
  await transport.open()
  assert.deepEqual(seen, ["0,0", "stream", "0,0"])
})

Deno.test("one that is closed before its modules are there does not open", async () => {
  const { transport, seen } = made()
  const opening = transport.open()
  transport.close()
  await opening
  assert.deepEqual(seen, [])
})
