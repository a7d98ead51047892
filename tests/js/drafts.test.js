import assert from "node:assert/strict"
import { clearDrafts, Draft } from "../../chat/static/chat/store/drafts.js"
import { Tabs, tellOfChange } from "./storage.js"

const KEY = "chatsite draft #1: room 7"
const NOTHING = { text: "", reply: 0 }
const HELLO = { text: "hello", reply: 3 }

function open({ signal }, { owner = "#1", place = "room 7" } = {}) {
  const before = { text: `old text of ${place}`, reply: `old reply of ${place}` }
  return new Draft({ owner, place, before, signal })
}

Deno.test("a draft outlives its page until it is sent", () => {
  using tabs = new Tabs()
  assert.deepEqual(open(tabs).read(), NOTHING)
  open(tabs).write(HELLO)
  assert.deepEqual(open(tabs).read(), HELLO)
  assert.deepEqual(open(tabs, { place: "room 8" }).read(), NOTHING)
  open(tabs).sent()
  assert.deepEqual(open(tabs).read(), NOTHING)
})

Deno.test("a draft of an older release is taken over, and nothing stays under its keys", () => {
  using tabs = new Tabs()
  tabs.shared.setItem("old text of room 7", "hello")
  tabs.shared.setItem("old reply of room 7", "3")
  assert.deepEqual(open(tabs).read(), HELLO)
  assert.deepEqual(Object.keys(tabs.shared), [KEY])
})

Deno.test("a tab in which nothing was typed shows the words of another one", () => {
  using tabs = new Tabs()
  const reader = open(tabs)
  let shown = 0
  reader.onOtherTab(() => shown++)
  open(tabs).write(HELLO)
  tellOfChange(KEY, null, JSON.stringify(HELLO))
  tellOfChange("chatsite draft #1: room 8", null, JSON.stringify(HELLO))
  assert.equal(shown, 1)
  assert.deepEqual(reader.read(), HELLO)
})

Deno.test("a tab in which something was typed keeps its own words, also when it is loaded anew", () => {
  using tabs = new Tabs()
  const writer = open(tabs)
  writer.onOtherTab(() => assert.fail("other words are shown"))
  writer.write(HELLO)
  const others = { text: "something else", reply: 0 }
  tabs.show("second")
  open(tabs).write(others)
  tabs.show("first")
  tellOfChange(KEY, JSON.stringify(HELLO), JSON.stringify(others))
  assert.deepEqual([writer.read(), open(tabs).read()], [HELLO, HELLO])
  tabs.show("third")
  assert.deepEqual(open(tabs).read(), others)
})

Deno.test("words that another tab has sent go from the tab that shows the same ones", () => {
  using tabs = new Tabs()
  const writer = open(tabs)
  let shown = 0
  writer.onOtherTab(() => shown++)
  writer.write(HELLO)
  tabs.shared.removeItem(KEY)
  tellOfChange(KEY, JSON.stringify(HELLO), null)
  assert.equal(shown, 1)
  assert.deepEqual(writer.read(), NOTHING)
})

Deno.test("a person's drafts are cleared and nobody else's", () => {
  using tabs = new Tabs()
  open(tabs).write(HELLO)
  open(tabs, { owner: "#12" }).write(HELLO)
  clearDrafts("#1")
  assert.deepEqual(Object.keys(tabs.shared), ["chatsite draft #12: room 7"])
})

Deno.test("without storage the words stay as long as their page", () => {
  using tabs = new Tabs()
  const forbidden = () => {
    throw new Error("forbidden")
  }
  Object.defineProperty(globalThis, "localStorage", { get: forbidden, configurable: true })
  const draft = open(tabs)
  assert.deepEqual(draft.read(), NOTHING)
  draft.write(HELLO)
  assert.deepEqual(draft.read(), HELLO)
})
