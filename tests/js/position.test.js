import assert from "node:assert/strict"
import { placeBefore, rememberPlace } from "../../chat/static/chat/views/timeline/scroll.js"
import { Tabs } from "./storage.js"

Deno.test("the place of a reader is a message, or the end for one who follows", () => {
  using _tabs = new Tabs()
  let move = null
  const scroll = { isFollowing: false, firstNumber: 41, onMove: (call) => (move = call) }
  rememberPlace("/rooms/r/", scroll)
  move()
  assert.equal(placeBefore("/rooms/r/"), 41)
  scroll.firstNumber = 0
  move()
  assert.equal(placeBefore("/rooms/r/"), 41)
  Object.assign(scroll, { isFollowing: true, firstNumber: 60 })
  move()
  assert.equal(placeBefore("/rooms/r/"), 0)
  assert.equal(placeBefore("/rooms/other/"), 0)
})
