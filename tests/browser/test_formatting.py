"""The toolbar and the shortcuts of the message box, lists that go on, and rich text that is pasted."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW

_PASTE = """(box, [html, plain]) => {
  const clipboardData = new DataTransfer()
  if (html) clipboardData.setData("text/html", html)
  clipboardData.setData("text/plain", plain)
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))
}"""

_WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style><!-- p.MsoNormal {margin:0cm} --></style>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head><body><!--StartFragment-->
<p class=MsoNormal><b>Plan<o:p></o:p></b></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>clay</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>o<span>&nbsp;&nbsp; </span></span><![endif]>red <i>clay</i></p>
<!--EndFragment--></body></html>"""

_DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-7"><p dir="ltr"><span
style="font-weight:700;white-space:pre-wrap;">Plan</span><span style="font-weight:400;"> for May</span></p><ol><li
dir="ltr"><p dir="ltr"><span style="font-weight:400;">clay</span></p></li><li dir="ltr"><p dir="ltr"><span
style="font-weight:400;text-decoration:line-through;">kiln</span></p></li></ol></b>"""

_CODE = """<meta charset='utf-8'><div style="color:#ccc;font-family: Consolas, 'Courier New', monospace;white-space:pre"
><div><span style="color: #569cd6;font-weight: bold;">let</span><span> a </span></div></div>"""


@pytest.fixture
def box(visit, room):
    alice = visit("alice")
    room(alice)
    alice.box = alice.page.get_by_label("Message", exact=True)
    return alice


def toolbar(person):
    return person.page.get_by_role("toolbar", name="Formatting")


def paste(person, html, plain):
    person.box.focus()
    person.box.evaluate(_PASTE, [html, plain])


def test_shortcuts_mark_a_selection_and_undo_takes_it_back(box):
    box.box.press_sequentially("some words")
    expect(toolbar(box)).to_be_visible()
    box.box.evaluate("box => box.setSelectionRange(5, 10)")
    for keys, text in (
        ("Control+b", "some **words**"), ("Control+b", "some words"), ("Control+i", "some *words*"),
        ("Control+z", "some words"), ("Control+Shift+X", "some ~~words~~"), ("Control+Shift+X", "some words"),
        ("Control+e", "some `words`"),
    ):  # fmt: skip
        box.box.press(keys)
        expect(box.box).to_have_value(text)
    box.box.press("Enter")
    expect(box.page.locator(".message code")).to_have_text("words")


def test_the_toolbar_comes_with_writing_and_does_what_its_buttons_say(box):
    box.box.press_sequentially("words")
    expect(toolbar(box)).to_be_visible()
    box.box.press("Control+a")
    toolbar(box).get_by_role("button", name="Bold").click()
    expect(box.box).to_have_value("**words**")
    expect(box.box).to_be_focused()
    expect(toolbar(box).get_by_role("button", name="Bold")).to_have_attribute("aria-pressed", "true")
    toolbar(box).get_by_role("button", name="Bold").click()
    for name, text in (
        ("Spoiler", "||words||"), ("Spoiler", "words"), ("List", "- words"), ("Numbered list", "1. words"),
        ("Numbered list", "words"), ("Quote", "> words"),
    ):  # fmt: skip
        toolbar(box).get_by_role("button", name=name, exact=True).click()
        expect(box.box).to_have_value(text)


def test_a_toolbar_that_is_hidden_stays_so(box):
    box.box.press_sequentially("words")
    toggle = box.page.get_by_role("button", name="Formatting", exact=True)
    expect(toggle).to_have_attribute("aria-expanded", "true")
    toggle.click()
    expect(toolbar(box)).to_be_hidden()
    box.page.reload()
    box.wait_until_live()
    box.box.press_sequentially(" more")
    expect(box.page.locator(".toolbar")).to_be_attached()
    box.box.press("Control+b")
    expect(box.box).to_have_value("words **more**")
    expect(toolbar(box)).to_be_hidden()
    toggle.click()
    expect(toolbar(box)).to_be_visible()


def test_tab_comes_to_one_button_of_the_toolbar_and_arrows_go_on(box):
    box.box.press_sequentially("words")
    expect(toolbar(box)).to_be_visible()
    box.box.press("Tab")
    button = lambda name: toolbar(box).get_by_role("button", name=name, exact=True)  # noqa: E731
    expect(button("Bold")).to_be_focused()
    box.page.keyboard.press("ArrowRight")
    expect(button("Italic")).to_be_focused()
    box.page.keyboard.press("ArrowLeft")
    box.page.keyboard.press("ArrowLeft")
    expect(button("Spoiler")).to_be_focused()
    box.page.keyboard.press("Tab")
    expect(box.page.get_by_role("button", name="Formatting", exact=True)).to_be_focused()


def test_on_a_narrow_window_the_toolbar_comes_only_when_it_is_asked_for(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.go(f"/people/{alice.nickname}/")
    field = alice.page.get_by_label("Message", exact=True)
    field.tap()
    field.press_sequentially("words")
    expect(toolbar(alice)).to_be_hidden()
    alice.page.get_by_role("button", name="Formatting", exact=True).tap()
    expect(toolbar(alice)).to_be_visible()
    toolbar(alice).get_by_role("button", name="Bold").tap()
    expect(field).to_have_value("**words**")
    expect(field).to_be_focused()
    assert alice.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_lists_go_on_with_a_new_line_and_end_with_an_empty_item(box):
    box.box.press_sequentially("1. one")
    expect(toolbar(box)).to_be_visible()
    box.box.press("Shift+Enter")
    box.box.press_sequentially("two")
    expect(box.box).to_have_value("1. one\n2. two")
    box.box.press("Shift+Enter")
    box.box.press("Shift+Enter")
    expect(box.box).to_have_value("1. one\n2. two\n\n")
    box.box.press_sequentially("three")
    box.box.press("Enter")
    expect(box.page.locator(".message .body li")).to_have_text(["one", "two"])


def test_on_a_touch_screen_enter_goes_on_with_a_list(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.go(f"/people/{alice.nickname}/")
    field = alice.page.get_by_label("Message", exact=True)
    field.tap()
    field.press_sequentially("- one")
    expect(alice.page.locator(".toolbar")).to_be_attached()
    field.press("Enter")
    expect(field).to_have_value("- one\n- ")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (_WORD, "**Plan**\n\n- clay\n   - red *clay*"),
        (_DOCS, "**Plan** for May\n\n1. clay\n2. ~~kiln~~"),
        (_CODE, "plain"),
        ('<p>See <a href="https://a.example/x">this</a></p>', "See this (https://a.example/x)"),
        ('<a href="https://a.example/x">this</a>', "plain"),
        (
            '<script>document.title = "run"</script><img src="/nothing.png" onerror="document.title = 1"><b>x</b>',
            "**x**",
        ),
        ("<b>x</b>" * 50_000, "plain"),
    ],
)
def test_rich_text_is_pasted_as_markdown_where_it_is_rich(box, html, text):
    asked = []
    box.page.on("request", lambda request: asked.append(request.url))
    paste(box, html, "plain")
    expect(box.box).to_have_value(text)
    assert "run" not in box.page.title()
    assert not [url for url in asked if "nothing.png" in url]
    box.box.press("Control+z")
    expect(box.box).to_have_value("")


def test_what_is_pasted_takes_the_place_of_the_selection_and_is_kept_as_a_draft(box):
    box.box.fill("before after")
    box.box.evaluate("box => box.setSelectionRange(7, 12)")
    box.box.evaluate(_PASTE, ["<ul><li>one</li><li>two</li></ul>", "one two"])
    expect(box.box).to_have_value("before \n- one\n- two")
    box.page.reload()
    expect(box.box).to_have_value("before \n- one\n- two")


def test_a_message_that_is_copied_and_pasted_is_what_was_written(box):
    written = "**one** *two* ~~three~~ `four` ||five||\n- six\n   - seven"
    box.box.fill(written)
    box.box.press("Enter")
    html = box.page.locator("#message-1 .body").inner_html()
    paste(box, html, "plain")
    expect(box.box).to_have_value(written.replace("\n- six", "\n\n- six"))
