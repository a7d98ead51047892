import assert from "node:assert/strict"
import { closedCode, Names, ranked, triggerAt } from "../../chat/static/chat/views/composer/trigger.js"

const at = (text) => {
  const found = triggerAt(text, text.length)
  return found && `${found.sign}${found.from} ${found.typed}`
}

Deno.test("a sign begins a name at the start of a word, and in Chinese text anywhere", () => {
  assert.equal(at("@"), "@0 ")
  assert.equal(at("hello @al"), "@6 al")
  assert.equal(at("(@al"), "@1 al")
  assert.equal(at("你好@小"), "@2 小")
  assert.equal(at("＠小明"), "@0 小明")
  assert.equal(at("@alice 10"), "@0 alice 10")
  assert.equal(at("see #lob"), "#4 lob")
  assert.equal(at("#"), "#0 ")
  assert.equal(at("so :sm"), ":3 sm")
  assert.equal(at("好:赞同"), ":1 赞同")
  assert.equal(at(":+1"), ":0 +1")
})

Deno.test("elsewhere it begins none", () => {
  for (
    const text of [
      "bob@example.com",
      "a/@b",
      "@alice ",
      "@ ",
      "@alice\nbob",
      "http://ab",
      "https:ab",
      "12:30",
      "at 12:ab",
      ":s",
      ": so",
      "a&#39",
      "x#y",
      "`code @al",
      "```\n@al",
      "```\n:smile",
      "plain",
      "",
    ]
  ) assert.equal(at(text), null, text)
})

Deno.test("after code there are names again", () => {
  assert.equal(at("`code` @al"), "@7 al")
  assert.equal(at("```\ncode\n```\n@al"), "@13 al")
})

Deno.test("a short code is whole at its second colon, but not in an address, a time or code", () => {
  assert.deepEqual(closedCode("so :smile:", 10), { from: 3, code: "smile" })
  for (const text of ["12:30:", "http://a:bc:", "`:smile:", ":a:", "x:smile:"])
    assert.equal(closedCode(text, text.length), null, text)
})

const name = (nickname, isNear = true, ...readings) => ({
  id: nickname,
  name: nickname,
  keys: [nickname.toLowerCase(), ...readings],
  isNear,
})

Deno.test("those near come first, exact ones and beginnings before the inside, else in their order", () => {
  const names = [
    name("Xann"),
    name("ann away", false),
    name("Anna"),
    name("Ann"),
    name("Dear ann"),
    name("xxann", false),
  ]
  assert.deepEqual(ranked(names, "ANN").map(({ id }) => id), ["Ann", "Anna", "Dear ann", "Xann", "ann away"])
})

Deno.test("pinyin and initials find a name", () => {
  const names = [name("小明", true, "xiaoming", "xm"), name("bob")]
  for (const typed of ["小", "xiao", "xm", "Ming"]) assert.deepEqual(ranked(names, typed).map(({ id }) => id), ["小明"])
})

Deno.test("words after a name are no name", () => {
  assert.deepEqual(ranked([name("alice 1001"), name("bob")], "alice hello"), [])
  assert.deepEqual(ranked([name("alice 1001")], "alice 1").length, 1)
})

Deno.test("the server is asked only for what it has not answered yet", async () => {
  const asked = []
  const names = new Names({
    local: () => [name("Ann")],
    ask: (typed) => {
      asked.push(typed)
      return Promise.resolve({ names: [name("Anna"), name("Andy", false)], more: typed.length < 2 })
    },
  })
  assert.deepEqual(names.find("an").map(({ id }) => id), ["Ann"])
  for (const typed of ["", "a", "an", "ann", "anna"]) if (names.isOpen(typed)) await names.load(typed)
  assert.deepEqual(asked, ["", "a", "an"])
  assert.deepEqual(names.find("an").map(({ id }) => id), ["Ann", "Anna", "Andy"])
  assert.ok(names.isOpen("b"))
})
