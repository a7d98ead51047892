import assert from "node:assert/strict"
import { inert, markdownOf } from "../../chat/static/chat/views/composer/rich_text.js"
import { parsed } from "./markup.js"

const markdown = (html) => markdownOf(parsed(inert(html))).text
const isRich = (html) => markdownOf(parsed(inert(html))).isRich

Deno.test("words keep their marks, which stand at the words", () => {
  assert.equal(
    markdown("<p>one <b>two</b> <i>three</i> <s>four</s> <code>five</code></p>"),
    "one **two** *three* ~~four~~ `five`",
  )
  assert.equal(markdown("one<strong> two </strong>three"), "one **two** three")
  assert.equal(markdown("<b>one</b><b> two</b>"), "**one two**")
  assert.equal(markdown("<b>one <i>two</i></b>"), "**one** ***two***")
  assert.equal(markdown("<b>one<br>two</b>"), "**one**\n**two**")
  assert.equal(markdown('<span class="spoiler">the end</span>'), "||the end||")
  assert.equal(markdown("<code>a ` b</code>"), "`` a ` b ``")
})

Deno.test("in the middle of a word no mark counts, so there is none", () => {
  assert.equal(markdown("he<b>ll</b>o"), "hello")
  assert.equal(markdown("你<b>好</b>吗"), "你**好**吗")
})

Deno.test("pairs of signs that would be marks are escaped", () => {
  assert.equal(markdown("<p><b>a</b> *b* c_d_e 2*3</p>"), "**a** \\*b\\* c_d_e 2\\*3")
  assert.equal(markdown("<p><b>a</b> 2*3</p>"), "**a** 2*3")
})

Deno.test("paragraphs, lines and headings", () => {
  assert.equal(markdown("<h2>Title</h2><p>one<br>two</p><p>three</p>"), "**Title**\n\none\ntwo\n\nthree")
  assert.equal(markdown("<div>one</div><div>two</div>"), "one\ntwo")
  assert.equal(markdown('<h1><span style="font-weight:400">Title</span></h1>'), "**Title**")
})

Deno.test("empty lines stay, however an editor makes them", () => {
  const lines = "**A**\nB\n\nC\n\n\n\nD"
  assert.equal(markdown("<b>A</b><br>B<br><br>C<br><br><br><br>D"), lines)
  const made = (line) => `<div>${line}</div>`
  assert.equal(markdown(["<b>A</b>", "B", "<br>", "C", "<br>", "<br>", "<br>", "D"].map(made).join("")), lines)
  assert.equal(markdown("<p><b>A</b></p><br><p>B</p>"), "**A**\n\nB")
  assert.equal(markdown("<b>A</b><br><br><div>B</div>"), "**A**\n\nB")
  assert.equal(markdown("<div><b>A</b><br></div><div>B</div>"), "**A**\nB")
  assert.equal(markdown("<pre>a\n\n\n\nb</pre>"), "```\na\n\n\n\nb\n```")
})

Deno.test("lists, also within lists and beside their items", () => {
  assert.equal(markdown("<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>"), "- one\n   - two\n- three")
  assert.equal(markdown("<ul><li>one</li><ul><li>two</li></ul></ul>"), "- one\n   - two")
  assert.equal(markdown('<ol start="3"><li><p>one</p></li><li>two</li></ol>'), "3. one\n4. two")
  assert.equal(markdown('<p>To do:</p><ul><li><input type="checkbox" checked>done</li></ul>'), "To do:\n\n- [x] done")
})

Deno.test("quotes, code with its language, and tables", () => {
  assert.equal(markdown("<blockquote><p>one</p><p>two</p></blockquote><p>three</p>"), "> one\n>\n> two\n\nthree")
  assert.equal(
    markdown('<div class="highlight highlight-source-python"><pre><span>a</span> = 1\n  b</pre></div>'),
    "```python\na = 1\n  b\n```",
  )
  assert.equal(markdown('<pre><code class="language-js">let a\n</code></pre>'), "```js\nlet a\n```")
  assert.equal(
    markdown("<table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td><td></td></tr></table>"),
    "| a | b |\n| --- | --- |\n| 1\\|2 |  |",
  )
})

Deno.test("an address stands behind its words, once", () => {
  assert.equal(markdown('see <a href="https://a.example/b">this</a>.'), "see this (https://a.example/b).")
  assert.equal(markdown('<b>x</b> <a href="https://a.example/">a.example</a>'), "**x** https://a.example/")
  assert.equal(markdown('<b>x</b> <a href="javascript:alert(1)">y</a> <a href="mailto:a@b.example">z</a>'), "**x** y z")
})

Deno.test("a link alone, coloured words and plain ones are no rich text", () => {
  for (
    const html of [
      '<a href="https://a.example/">this</a>',
      '<a href="https://a.example/">https://a.example/</a>',
      '<meta charset="utf-8"><span style="color: red; font-weight: 400">words</span>',
      "<p>one</p><p>two</p>",
      "<table><tr><td>one</td></tr></table>",
    ]
  ) assert.ok(!isRich(html), html)
  for (const html of ["<b>x</b>", "<ul><li>x</li></ul>", 'a <a href="https://a.example/">this</a>', "<h1>x</h1>"])
    assert.ok(isRich(html), html)
})

Deno.test("a document of Google's: its wrapper is not bold, its spans are what they look like", () => {
  const html = '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1">' +
    '<p dir="ltr"><span style="font-weight:700;white-space:pre-wrap;">Plan</span><span style="font-weight:400;"> for </span>' +
    '<span style="font-weight:400;font-style:italic;">May</span></p>' +
    '<ul><li dir="ltr"><p dir="ltr"><span style="font-weight:400;">clay</span></p></li></ul></b>'
  assert.equal(markdown(html), "**Plan** for *May*\n\n- clay")
})

Deno.test("a document of Word's: its lists are lists, and what it hides stays hidden", () => {
  const item = (level, mark, words) =>
    `<p class="MsoListParagraph" style="mso-list:l0 level${level} lfo1"><!--[if !supportLists]-->` +
    `<span style="mso-list:Ignore">${mark}<span>&nbsp;&nbsp; </span></span><!--[endif]-->${words}<o:p></o:p></p>`
  const html = "<style>p { margin: 0 }</style><!-- secret --><p><b>Plan</b><o:p></o:p></p>" +
    item(1, "·", "clay") + item(2, "o", "red") + item(1, "2.", "kiln") +
    '<p><span style="mso-hide:all">hidden</span>end</p>'
  assert.equal(markdown(html), "**Plan**\n\n- clay\n   - red\n2. kiln\n\nend")
})

Deno.test("nothing hidden, no script and no picture gets in", () => {
  const html =
    '<script>alert(1)</script><style>a{}</style><template>t</template><b>x</b><span style="display:none">y</span>' +
    '<span hidden>z</span><img src="https://a.example/i.png" alt="a picture"><img alt="🎉"><span class="unseen">u</span>'
  assert.equal(markdown(html), "**x**🎉")
})

Deno.test("markup is parsed without styles and handlers, in a time that grows with its length alone", () => {
  assert.equal(
    inert('<STYLE>a { b: c }</style><a Style="d" onclick=e>style="f"</a>'),
    '<a data-style="d" data-onclick=e>style="f"</a>',
  )
  for (const piece of ["<a ", "<style", "<b style='x", "<a style=>", " onx="])
    inert(piece.repeat(300_000 / piece.length))
})
