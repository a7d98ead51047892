import assert from "node:assert/strict"
import { forgetPerson } from "../../chat/static/chat/store/forgetting.js"
import { onSignedOut, ownerBefore, ownerOf } from "../../chat/static/chat/store/owner.js"
import { Tabs, tellOfChange } from "./storage.js"

Deno.test("a person's key is their own on this site, and no nickname", () => {
  assert.equal(ownerOf(7, "/"), "#7")
  assert.equal(ownerOf("7", "/chat/"), "#7 /chat/")
  assert.equal(ownerBefore("alice", "/chat/"), "alice /chat/")
})

Deno.test("a page ends when its person signs out in another tab, and when it is shown again after that", async () => {
  using tabs = new Tabs()
  let ended = 0
  onSignedOut("#7", () => ended++)
  tabs.shared.setItem("chatsite draft #7: room 1", "words")
  await forgetPerson("#7", "alice")
  assert.deepEqual(Object.keys(tabs.shared), ["chatsite signed out #7"])
  tellOfChange("chatsite signed out #8", null, "1")
  assert.equal(ended, 0)
  tellOfChange("chatsite signed out #7", null, "1")
  assert.equal(ended, 1)
  const shown = (persisted) => dispatchEvent(Object.assign(new Event("pageshow"), { persisted }))
  shown(false)
  assert.equal(ended, 1)
  shown(true)
  assert.equal(ended, 2)
  onSignedOut("#7", () => {})
  shown(true)
  assert.equal(ended, 2)
})
