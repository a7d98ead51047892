import assert from "node:assert/strict"
import { continued, fenced, linked, prefixed, wrapped } from "../../chat/static/chat/views/composer/edits.js"

// A text with its selection, or its caret, between bars.
const read = (marked) => {
  const [before, inner, after] = marked.split("¦")
  return after === undefined
    ? { text: before + inner, start: before.length, end: before.length }
    : { text: before + inner + after, start: before.length, end: (before + inner).length }
}

const edited = (marked, change) => {
  const { text, start, end } = read(marked)
  const edit = change(text, start, end)
  if (!edit) return null
  const whole = text.slice(0, edit.from) + edit.text + text.slice(edit.to)
  const [from, to] = [edit.start, edit.end]
  return from === to
    ? `${whole.slice(0, from)}¦${whole.slice(from)}`
    : `${whole.slice(0, from)}¦${whole.slice(from, to)}¦${whole.slice(to)}`
}

const wrap = (mark) => (marked) => edited(marked, (text, start, end) => wrapped(text, start, end, mark))

Deno.test("marks go around what is selected, and are taken away again", () => {
  for (const mark of ["**", "*", "~~", "`", "||"]) {
    const on = wrap(mark)("one ¦two¦ three")
    assert.equal(on, `one ${mark}¦two¦${mark} three`)
    assert.equal(wrap(mark)(on), "one ¦two¦ three")
    assert.equal(wrap(mark)(`one ¦${mark}two${mark}¦ three`), "one ¦two¦ three")
  }
})

Deno.test("without a selection they go around the word at the caret, or wait for words", () => {
  assert.equal(wrap("**")("one tw¦o three"), "one **tw¦o** three")
  assert.equal(wrap("**")("one **tw¦o** three"), "one tw¦o three")
  assert.equal(wrap("**")("one ¦"), "one **¦**")
  assert.equal(wrap("*")("你好¦"), "*你好¦*")
})

Deno.test("spaces at the edges of a selection stay outside, and lines are wrapped one by one", () => {
  assert.equal(wrap("**")("one¦ two ¦three"), "one **¦two¦** three")
  assert.equal(wrap("~~")("¦one\n\ntwo¦"), "¦~~one~~\n\n~~two~~¦")
  assert.equal(wrap("~~")("¦~~one~~\n\n~~two~~¦"), "¦one\n\ntwo¦")
})

Deno.test("bold and italic know each other", () => {
  assert.equal(wrap("*")("**¦two¦**"), "***¦two¦***")
  assert.equal(wrap("*")("***¦two¦***"), "**¦two¦**")
  assert.equal(wrap("**")("***¦two¦***"), "*¦two¦*")
  assert.equal(wrap("**")("*¦two¦*"), "***¦two¦***")
})

Deno.test("code gets lines of its own", () => {
  assert.equal(edited("see ¦a = 1¦ there", fenced), "see \n```\n¦a = 1¦\n```\n there")
  assert.equal(edited("¦", fenced), "```\n¦\n```")
})

Deno.test("an address goes behind its words", () => {
  assert.equal(edited("our ¦site¦!", linked), "our site (https://¦)!")
  assert.equal(edited("¦", linked), "https://¦")
})

Deno.test("lines become a quote or a list, one list another, and plain again", () => {
  const kind = (name) => (marked) => edited(marked, (text, start, end) => prefixed(text, start, end, name))
  assert.equal(kind("quote")("one\nt¦wo"), "one\n> two¦")
  assert.equal(kind("list")("¦one\ntwo¦"), "¦- one\n- two¦")
  assert.equal(kind("numbers")("¦- one\n- two¦"), "¦1. one\n2. two¦")
  assert.equal(kind("numbers")("¦1. one\n2. two¦"), "¦one\ntwo¦")
  assert.equal(kind("quote")("¦> one\n> two¦"), "¦one\ntwo¦")
})

const enter = (marked) => {
  const { text, start } = read(marked.replace("¦", "\n¦"))
  return edited(`${text.slice(0, start)}¦${text.slice(start)}`, (whole, caret) => continued(whole, caret))
}

Deno.test("a list and a quote go on with the next line", () => {
  assert.equal(enter("- one¦"), "- one\n- ¦")
  assert.equal(enter("* one¦"), "* one\n* ¦")
  assert.equal(enter("  - one¦"), "  - one\n  - ¦")
  assert.equal(enter("9. one¦"), "9. one\n10. ¦")
  assert.equal(enter("1) one¦"), "1) one\n2) ¦")
  assert.equal(enter("> one¦"), "> one\n> ¦")
  assert.equal(enter("> - one¦"), "> - one\n> - ¦")
  assert.equal(enter("- one ¦two"), "- one \n- ¦two")
})

Deno.test("an empty item ends its list, and what follows does not belong to it", () => {
  assert.equal(enter("- one\n- ¦"), "- one\n\n¦")
  assert.equal(enter("- ¦"), "¦")
  assert.equal(enter("> one\n> ¦"), "> one\n\n¦")
})

Deno.test("other lines begin nothing", () => {
  for (const line of ["one¦", "-one¦", "1.5 m¦", "**one**¦", "```js¦", "¦"]) assert.equal(enter(line), null, line)
})

Deno.test("within fenced code the indent is kept, and a dash is no list", () => {
  assert.equal(enter("```\n  a = 1¦"), "```\n  a = 1\n  ¦")
  assert.equal(enter("```\n- one¦"), null)
  assert.equal(enter("```\na\n```\n- one¦"), "```\na\n```\n- one\n- ¦")
})
