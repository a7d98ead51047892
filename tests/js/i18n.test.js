import assert from "node:assert/strict"
import { excerptOf } from "../../chat/static/chat/views/timeline/row.js"
import { learn, parts, plural, t } from "../../chat/static/chat/lib/i18n.js"
import { sentenceOf } from "../../chat/static/chat/lib/refusals.js"

Deno.test("a text without a translation is its own, with its parameters", () => {
  assert.equal(t("{one} and {two} are typing…", { one: "a", two: "b" }), "a and b are typing…")
  assert.equal(t("{left} of {most}", { left: 234, most: undefined }), "234 of ")
  assert.equal(plural("{count} new message", "{count} new messages", 1), "1 new message")
  assert.equal(plural("{count} new message", "{count} new messages", 100), "100 new messages")
})

Deno.test("a translation is used, in the form that the number asks for", () => {
  learn({ "Reply to {name}": "{name}: answered", "{count} row": { one: "{count} line", other: "{count} lines" } })
  assert.equal(t("Reply to {name}", { name: "bob" }), "bob: answered")
  assert.deepEqual([1, 2].map((count) => plural("{count} row", "{count} rows", count)), ["1 line", "2 lines"])
})

Deno.test("an element among the parameters stays one", () => {
  const name = { element: true }
  assert.deepEqual(parts("Not sent to “{name}”: {count}", { name, count: 3 }), ["Not sent to “", name, "”: ", "3"])
})

Deno.test("a refusal is a sentence of the page, or else the server's own", () => {
  const params = { over: 1 }
  assert.equal(sentenceOf({ code: "body_too_long", params, detail: "Too long." }), "1 character over the limit")
  assert.equal(sentenceOf({ code: "newer_than_this_page", detail: "No." }), "No.")
  assert.equal(sentenceOf({ code: "toString", detail: "No." }), "No.")
  // As an older release has stored it.
  assert.equal(sentenceOf({ detail: "No." }), "No.")
})

Deno.test("an excerpt is one line of whole characters", () => {
  assert.equal(excerptOf({ body: "\n first\nsecond" }), "first")
  assert.equal(excerptOf({ body: "words", deleted_at: "2026-01-01" }), "This message was removed.")
  assert.equal(excerptOf({ body: "😀".repeat(121) }), `${"😀".repeat(120)}…`)
})
