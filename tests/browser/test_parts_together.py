"""Where threads, completion, the toolbar, pins and forwarding meet: each thing acts at its own place alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_threads import in_room, in_thread, open_thread, panel, reply


@pytest.fixture
def said(visit, room):
    """Alice, whose room it is, and bob, who has said something there."""
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    for text in ("question", "weather"):
        bob.say(text)
        for person in (alice, bob):
            person.message(text).and_(person.page.locator(":not(.pending)")).wait_for()
    return alice, bob


def options(person):
    return person.page.get_by_role("option")


def thread_box(person):
    return panel(person).get_by_role("textbox")


def test_reply_in_the_room_answers_there_while_a_thread_is_open(said):
    alice, bob = said
    open_thread(alice, "question")
    in_room(alice, "weather").locator(".row").hover()
    in_room(alice, "weather").locator(".message-bar [name=reply]").click()
    expect(alice.page.locator("#text")).to_be_focused()
    expect(alice.page.locator("#replying")).to_contain_text("weather")
    expect(panel(alice).locator(".replying")).to_be_hidden()
    alice.page.keyboard.type("sunny")
    alice.page.keyboard.press("Enter")
    expect(in_room(bob, "sunny").locator(".quote a")).to_have_text("weather")
    expect(panel(alice).locator(".body")).to_have_text(["question"])


def test_toolbar_shortcuts_and_completion_of_a_thread_act_on_its_box_alone(said):
    alice, bob = said
    alice.page.locator("#text").fill("to the room")
    open_thread(alice, "question")
    box = thread_box(alice)
    box.press_sequentially("so @bo")
    expect(options(alice).first).to_contain_text(bob.nickname)
    box.press("Enter")
    expect(box).to_have_value(f"so @{bob.nickname} ")
    box.press("Control+a")
    box.press("Control+b")
    expect(box).to_have_value(re.compile(r"\*\*so @bob \d+\*\*"))
    panel(alice).locator(".toolbar button").nth(2).click()
    expect(box).to_have_value(re.compile("~~"))
    expect(alice.page.locator("#text")).to_have_value("to the room")
    expect(alice.page.locator("#composer .toolbar:visible")).to_have_count(1)
    alice.page.keyboard.press("Escape")
    alice.page.locator("#text").press("Control+a")
    alice.page.locator("#text").press("Control+b")
    expect(alice.page.locator("#text")).to_have_value("**to the room**")


def test_escape_closes_the_list_then_the_reply_then_the_thread(said):
    alice, _ = said
    open_thread(alice, "question")
    reply(alice, "answer")
    in_thread(alice, "answer").locator(".row").hover()
    panel(alice).locator(".message-bar [name=reply]").click()
    box = thread_box(alice)
    box.press_sequentially("@b")
    expect(options(alice)).not_to_have_count(0)
    box.press("Escape")
    expect(options(alice)).to_have_count(0)
    expect(panel(alice).locator(".replying")).to_be_visible()
    box.press("Escape")
    expect(panel(alice).locator(".replying")).to_be_hidden()
    box.press("Escape")
    expect(panel(alice)).to_have_count(0)


def test_an_enter_of_an_input_method_neither_chooses_nor_sends_while_the_list_is_open(said):
    alice, bob = said
    box = alice.page.locator("#text")
    box.press_sequentially("@bo")
    expect(options(alice).first).to_contain_text(bob.nickname)
    for sign in ({"isComposing": True}, {"keyCode": 229}):
        box.dispatch_event("keydown", {"key": "Enter", "bubbles": True, "cancelable": True, **sign})
    expect(box).to_have_value("@bo")
    expect(alice.page.locator("#timeline > .message")).to_have_count(2)


def test_the_list_of_pins_closes_when_the_room_changes(said):
    alice, _ = said
    first = alice.page.url
    alice.page.locator(".sidebar").get_by_role("link", name="Lobby").click()
    expect(alice.page.locator("#room-title")).to_have_text("Lobby")
    alice.page.go_back()
    expect(alice.page).to_have_url(first)
    expect(alice.message("question")).to_be_visible()
    alice.take("Pin", "question")
    alice.page.locator("#pins").click()
    dialog = alice.page.get_by_role("dialog", name="Pinned messages")
    expect(dialog.locator(".kept")).to_have_count(1)
    alice.page.go_forward()
    expect(alice.page.locator("#room-title")).to_have_text("Lobby")
    expect(dialog).to_be_hidden()


def test_a_deleted_message_leaves_the_open_list_of_pins(said):
    alice, bob = said
    for text in ("question", "weather"):
        alice.take("Pin", text)
    expect(alice.page.locator(".pins-count")).to_have_text("2")
    alice.page.locator("#pins").click()
    dialog = alice.page.get_by_role("dialog", name="Pinned messages")
    expect(dialog.locator(".kept .body")).to_have_text(["weather", "question"])
    bob.take("Delete", "weather")
    expect(dialog.locator(".kept .body")).to_have_text(["question"])
    expect(dialog).not_to_contain_text("weather")


def test_the_keyboard_alone_forwards_and_comes_back_to_the_message(said):
    alice, bob = said
    page = alice.page
    row = in_room(alice, "question").locator(".row")
    row.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Forward", exact=True).press("Enter")
    dialog = page.get_by_role("dialog", name="Forward message")
    expect(dialog.get_by_label("Room or person")).to_be_focused()
    page.keyboard.type(bob.nickname)
    expect(dialog.get_by_role("radio", name=bob.nickname, exact=True)).to_be_visible()
    expect(dialog.get_by_role("radio")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("look")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#composer-hint")).to_have_text(f"Forwarded to {bob.nickname}.")
    expect(row).to_be_focused()


def test_a_forwarded_copy_stays_when_the_original_is_deleted(said):
    alice, bob = said
    alice.take("Forward", "question")
    dialog = alice.page.get_by_role("dialog", name="Forward message")
    dialog.get_by_role("radio", name="Notes", exact=True).check()
    dialog.get_by_role("button", name="Forward").click()
    expect(alice.page.locator("#composer-hint")).to_have_text("Forwarded to Notes.")
    bob.take("Delete", "question")
    expect(alice.page.locator("#timeline > .deleted")).to_have_count(1)
    alice.go(f"/people/{alice.nickname}/")
    expect(alice.message("question").locator(".mark-of-forwarded")).to_be_visible()


def test_a_thread_that_is_open_in_two_tabs_is_the_same_in_both(said):
    alice, _ = said
    open_thread(alice, "question")
    other = alice.context.new_page()
    alice.go(alice.page.url, other)
    reply(alice, "answer")
    expect(other.locator(".thread .body")).to_have_text(["question", "answer"])
    expect(panel(alice).locator(".body")).to_have_text(["question", "answer"])
    expect(other.locator(".thread textarea")).to_have_value("")


@pytest.mark.parametrize("html", ["", "<b>A</b><br>B<br><br>C<br><br><br><br>D"])
def test_pasted_lines_stay_as_they_are_also_empty_ones(said, html):
    alice, _ = said
    plain = "A\nB\n\nC\n\n\n\nD"
    alice.page.locator("#text").focus()
    alice.page.evaluate(_COPY, [html, plain])
    alice.page.keyboard.press("Control+v")
    expect(alice.page.locator("#text")).to_have_value(plain.replace("A", "**A**") if html else plain)


_COPY = """async ([html, plain]) => {
  document.addEventListener("copy", (event) => {
    event.preventDefault()
    event.stopImmediatePropagation()
    event.clipboardData.setData("text/plain", plain)
    if (html) event.clipboardData.setData("text/html", html)
  }, { once: true, capture: true })
  document.execCommand("copy")
}"""
