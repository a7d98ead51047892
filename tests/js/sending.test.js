import assert from "node:assert/strict"
import { refusal } from "../../chat/static/chat/net/endpoints.js"
import { Sending } from "../../chat/static/chat/net/transports/sending.js"

const FRAMES = { "Content-Type": "application/x-ndjson" }
const SYNC = { type: "sync" }

// A sender whose requests are answered by hand. `asked()` waits for the next request's body.
function sending() {
  const heard = []
  const requests = []
  let waiting = null
  const endpoints = {
    send: (body) =>
      new Promise((resolve, reject) => {
        requests.push({ body, resolve, reject })
        waiting?.()
      }),
  }
  const next = async () => {
    if (!requests.length) await new Promise((resolve) => (waiting = resolve))
    return requests.shift()
  }
  let told = null
  const tell = (...said) => {
    heard.push(said)
    told?.()
  }
  const hearing = () => new Promise((resolve) => (told = resolve))
  return { sender: new Sending(endpoints, { onText: tell, onEnd: tell }), heard, next, hearing }
}

Deno.test("what gathers while a request is under way leaves together with the next one", async () => {
  const { sender, heard, next } = sending()
  for (let number = 1; number <= 3; number++) sender.send({ type: "read", room: 7, number })
  const first = await next()
  assert.equal(first.body.split("\n").length, 1)
  first.resolve(new Response("answer", { headers: FRAMES }))
  const second = await next()
  assert.deepEqual(second.body.split("\n").map((line) => JSON.parse(line).number), [2, 3])
  assert.deepEqual(heard, [["answer"]])
})

Deno.test("a request without a good answer says how it ended, and after the end nothing is heard", async () => {
  const answers = [
    [new Response("", { status: 401, headers: FRAMES }), [4401, 0]],
    [new Response("", { status: 503, headers: { ...FRAMES, "Retry-After": "5" } }), [4412, 5]],
    [new Response("<p>", { status: 403, headers: { "Content-Type": "text/html" } }), [0, 0]],
    [new Response("<p>", { headers: { "Content-Type": "text/html" } }), [0, 0]],
  ]
  for (const [answer, ending] of answers) {
    const { sender, heard, next, hearing } = sending()
    sender.send(SYNC)
    const told = hearing()
    ;(await next()).resolve(answer)
    await told
    assert.deepEqual(heard, [ending])
  }
  const { sender, heard, next, hearing } = sending()
  sender.send(SYNC)
  const told = hearing()
  ;(await next()).reject(new TypeError("no network"))
  await told
  assert.deepEqual(heard, [[0, 0]])
})

Deno.test("a proxy's refusal is none of the server's", () => {
  assert.deepEqual(refusal(new Response("", { status: 403, headers: { "Content-Type": "text/html" } })), [0, 0])
  assert.deepEqual(refusal(new Response("", { status: 403, headers: FRAMES })), [4403, 0])
})
