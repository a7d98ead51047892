import assert from "node:assert/strict"
import { typingSentence, TypingTracker } from "../../chat/static/chat/views/composer/typing_line.js"

Deno.test("typing is forgotten after six seconds", () => {
  const tracker = new TypingTracker()
  const [alice, bob, eve] = ["alice", "bob", "eve"].map((nickname, place) => ({ id: place + 1, nickname }))
  tracker.heard(bob, 0)
  tracker.heard(alice, 3000)
  tracker.heard(eve, 3000)
  tracker.forget(eve.id)
  const say = (now) => typingSentence(tracker.names(now))
  assert.equal(say(5999), "bob and alice are typing…")
  assert.equal(say(6000), "alice is typing…")
  assert.equal(say(9000), "")
})

Deno.test("of three who type nobody is named", () => {
  assert.equal(typingSentence(["a", "b", "c"]), "Several people are typing…")
})
