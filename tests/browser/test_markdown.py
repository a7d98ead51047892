"""Markup in messages, as people see it and act on it."""

import pytest
from playwright.sync_api import expect

_CODE = "```py\ndef f():\n    return 'x'\n```"

_HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "||<svg/onload=alert(1)>||",
]


def _body(person, number=1):
    return person.page.locator(f"#message-{number} .body")


@pytest.fixture
def people(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    return alice, bob


def _write(person, text):
    person.page.locator("#text").fill(text)
    person.page.locator("#text").press("Enter")


def test_markup_is_the_same_for_the_writer_for_others_and_on_a_fresh_page(people):
    alice, bob = people
    _write(alice, f"**bold** *slanted* ~~gone~~ `code`\n\n> quoted\n\n- one\n- two\n\n{_CODE}")
    for person in (alice, bob):
        expect(_body(person).locator("strong")).to_have_text("bold")
        expect(_body(person).locator("li")).to_have_text(["one", "two"])
        expect(_body(person).locator("pre .c-keyword").first).to_have_text("def")
    live = [_body(person).inner_html() for person in (alice, bob)]
    alice.page.reload()
    expect(_body(alice).locator("pre .copy-code")).to_have_count(1)
    assert {_body(alice).inner_html()} == set(live)


def test_a_spoiler_is_shown_by_a_click_and_by_the_keyboard(people):
    alice, bob = people
    _write(alice, "the killer is ||the butler||")
    for person in (alice, bob):
        spoiler = _body(person).locator(".spoiler")
        expect(spoiler).to_have_css("color", "rgba(0, 0, 0, 0)")
        expect(spoiler).to_have_attribute("role", "button")
    _body(bob).locator(".spoiler").click()
    expect(_body(bob).locator(".spoiler")).not_to_have_css("color", "rgba(0, 0, 0, 0)")
    alice.page.locator("#message-1 .row").focus()
    spoiler = _body(alice).locator(".spoiler")
    for _ in range(4):
        alice.page.keyboard.press("Tab")
        if spoiler.evaluate("element => element === document.activeElement"):
            break
    alice.page.keyboard.press("Enter")
    expect(_body(alice).locator(".spoiler[role]")).to_have_count(0)


def test_what_is_shown_or_selected_stays_when_somebody_reacts(people):
    alice, bob = people
    _write(alice, "||secret||")
    _body(bob).locator(".spoiler").click()
    alice.message("secret").hover()
    alice.page.get_by_role("button", name="React", exact=True).click()
    search = alice.page.get_by_label("Search emoji")
    search.fill("tada")
    search.press("Enter")
    expect(bob.page.locator("#message-1 .reaction")).to_be_visible()
    expect(_body(bob).locator(".spoiler[role]")).to_have_count(0)


def test_an_answer_to_a_spoiler_does_not_tell_it(people):
    alice, bob = people
    _write(alice, "it is ||the butler||")
    expect(_body(bob).locator(".spoiler")).to_be_visible()
    bob.page.locator("#message-1 .row").hover()
    bob.page.locator(".message-bar [name=reply]").click()
    expect(bob.page.locator("#replying")).to_contain_text("it is ▇▇▇")
    _write(bob, "no!")
    expect(alice.page.locator("#message-2 .quote")).to_contain_text("it is ▇▇▇")


def test_an_answer_to_code_tells_its_first_line(people):
    alice, bob = people
    _write(alice, _CODE)
    expect(_body(bob).locator("pre")).to_be_visible()
    bob.page.locator("#message-1 .row").hover()
    bob.page.locator(".message-bar [name=reply]").click()
    expect(bob.page.locator("#replying")).to_contain_text("def f():")
    expect(bob.page.locator("#replying")).not_to_contain_text("```")


def test_code_is_copied_as_it_was_written(people):
    alice, bob = people
    bob.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _write(alice, _CODE)
    _body(bob).locator("pre").hover()
    _body(bob).locator(".copy-code").click()
    assert bob.page.evaluate("navigator.clipboard.readText()") == "def f():\n    return 'x'"


def test_an_edit_begins_with_what_was_typed(people):
    alice, _ = people
    _write(alice, "**bold**")
    expect(_body(alice).locator("strong")).to_be_visible()
    alice.page.locator("#text").press("ArrowUp")
    expect(alice.page.locator("#text")).to_have_value("**bold**")


def test_nothing_that_is_written_runs(people):
    alice, bob = people
    fired = []
    for person in (alice, bob):
        person.page.on("dialog", lambda dialog: (fired.append(dialog.message), dialog.dismiss()))
    _write(alice, f"**b** {' '.join(_HOSTILE)}")
    expect(_body(bob).locator("strong")).to_be_visible()
    bob.page.reload()
    expect(_body(bob).locator("strong")).to_be_visible()
    assert _body(bob).locator("img, script, svg, a").count() == 0
    assert fired == []
