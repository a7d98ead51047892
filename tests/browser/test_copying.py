"""Several messages are copied as a person would type them: marked as text, or selected one by one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import Looks
from tests.browser.visitors import NARROW

# Marks from a place in the first message to one in the last, as a pointer does, and copies.
_COPY = """async ([start, end]) => {
  const bodies = document.querySelectorAll("#timeline .message .body")
  const [first, last] = [bodies[0], bodies[bodies.length - 1]]
  first.dispatchEvent(new Event("selectstart", { bubbles: true }))
  const range = document.createRange()
  const place = (body, at) => at === null ? [body, body.childNodes.length] : [body.firstChild, at]
  range.setStart(...(start === null ? [first, 0] : [first.firstChild, start]))
  range.setEnd(...place(last, end))
  getSelection().removeAllRanges()
  getSelection().addRange(range)
  for (let turn = 0; turn < 200; turn += 1) {
    const data = new DataTransfer()
    const event = new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true })
    document.getElementById("timeline").dispatchEvent(event)
    if (event.defaultPrevented) return data.getData("text/plain")
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}"""

_READ = "navigator.clipboard.readText()"


@pytest.fixture
def said(visit, room):
    """Alice has said three things, the second with markup, and bob one."""
    alice, bob = visit("alice"), visit("bob")
    for person in (alice, bob):
        person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    room(alice, bob)
    for text in ("first of alice", "**second** of alice", "third"):
        alice.say(text)
    expect(bob.message("third")).to_be_visible()
    bob.say("bob's words")
    expect(alice.message("bob's words")).to_be_visible()
    return alice, bob


def times(person) -> list[str]:
    return person.page.locator("#timeline .message time").all_text_contents()


def begin(person, text: str) -> None:
    person.message(text).locator(".row").focus()
    person.page.keyboard.press("Enter")
    person.page.get_by_role("button", name="Select messages").click()
    expect(person.page.locator(".selected-count")).to_have_text("1 selected")


def test_marked_messages_are_copied_with_a_name_and_a_time_once_and_as_they_were_written(said):
    alice, bob = said
    at = times(alice)
    assert alice.page.evaluate(_COPY, [6, 4]) == (
        f"{alice.nickname} {at[0]}\nof alice\n**second** of alice\nthird\n\n{bob.nickname} {at[3]}\nbob'"
    )
    assert alice.page.evaluate(_COPY, [None, None]).startswith(f"{alice.nickname} {at[0]}\nfirst of alice\n**second**")


def test_of_a_part_what_is_shown_is_copied_and_nothing_that_is_no_text_of_it(said):
    alice, bob = said
    at = times(alice)
    alice.message("bob's words").hover()
    bob.page.evaluate("document.querySelector('#timeline .message').remove()")
    found = bob.page.evaluate("""async () => {
      const { textOf } = await import(document.querySelector("script[src*='pages/room.js']").src
        .replace("pages/room.js", "views/timeline/copying.js"))
      const day = (text) => new Date(text)
      return textOf([
        { nickname: "ann", date: day("2026-03-01T10:00:00"), text: "one" },
        { nickname: "ann", date: day("2026-03-01T10:01:00"), text: "two" },
        { nickname: "ann", date: day("2026-03-01T10:30:00"), text: "later" },
        { nickname: "ben", date: day("2026-03-02T10:30:00"), text: "next day" },
      ])
    }""")
    assert found == (
        "March 1, 2026\n\nann 10:00 AM\none\ntwo\n\nann 10:30 AM\nlater\n\nMarch 2, 2026\n\nben 10:30 AM\nnext day"
    )
    assert at


def test_messages_are_selected_by_clicks_and_copied_together(said):
    alice, bob = said
    begin(alice, "first of alice")
    alice.message("bob's words").locator(".body").click()
    alice.message("third").locator(".body").click()
    expect(alice.page.locator(".selected-count")).to_have_text("3 selected")
    alice.message("third").locator(".body").click()
    expect(alice.page.locator(".selected-count")).to_have_text("2 selected")
    alice.page.locator(".selection-bar").get_by_role("button", name="Copy").click()
    expect(alice.page.locator(".selection-bar")).to_have_count(0)
    at = times(alice)
    assert alice.page.evaluate(_READ) == (
        f"{alice.nickname} {at[0]}\nfirst of alice\n\n{bob.nickname} {at[3]}\nbob's words"
    )
    expect(alice.page.locator("#text")).to_be_visible()


def test_keys_select_and_escape_ends_it(said):
    alice, _ = said
    begin(alice, "third")
    page = alice.page
    expect(alice.message("third").locator(".row")).to_be_focused()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator(".selected-count")).to_have_text("3 selected")
    page.keyboard.press("Space")
    expect(page.locator(".selected-count")).to_have_text("2 selected")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".selected-count")).to_have_text("3 selected")
    page.keyboard.press("Escape")
    expect(page.locator(".selection-bar")).to_have_count(0)
    expect(page.locator(".selection-box")).to_have_count(0)
    expect(page.locator("#text")).to_be_visible()


def test_a_deleted_message_is_selected_no_more(said):
    alice, bob = said
    begin(alice, "bob's words")
    bob.take("Delete", "bob's words")
    expect(alice.page.locator(".selected-count")).to_have_text("0 selected")
    expect(alice.page.locator(".selection-bar").get_by_role("button", name="Copy")).to_be_disabled()


def test_no_more_than_a_hundred_are_selected(filled):
    alice, _ = filled(130)
    rows = alice.page.locator("#timeline .message:not(.pending)")
    rows.last.locator(".row").focus()
    alice.page.keyboard.press("Enter")
    alice.page.get_by_role("button", name="Select messages").click()
    count = alice.page.locator(".selected-count")
    # Older messages come from the server meanwhile, so not each press meets one.
    for _ in range(1_000):
        alice.page.keyboard.press("Shift+ArrowUp")
        if count.inner_text() == "You can select 100 messages at once.":
            break
    expect(count).to_have_text("You can select 100 messages at once.")
    assert alice.page.locator(".chosen").count() <= 100


def test_another_room_ends_the_selection(said):
    alice, _ = said
    begin(alice, "third")
    alice.page.locator(".sidebar").get_by_role("link", name="Lobby").click()
    expect(alice.page.locator("#room-title")).to_have_text("Lobby")
    expect(alice.page.locator(".selection-bar")).to_have_count(0)
    expect(alice.page.locator("#text")).to_be_visible()


def test_on_a_phone_a_tap_selects(visit, room):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    room(alice)
    for text in ("one", "two"):
        alice.page.locator("#text").fill(text)
        alice.page.locator(".send").click()
        alice.message(text).and_(alice.page.locator(":not(.pending)")).wait_for()
    alice.message("one").locator(".body").dispatch_event(
        "contextmenu", {"clientX": 100, "clientY": 300, "bubbles": True, "cancelable": True}
    )
    alice.page.get_by_role("button", name="Select messages").tap()
    alice.message("two").locator(".body").tap()
    expect(alice.page.locator(".selected-count")).to_have_text("2 selected")
    expect(alice.page.locator(".chosen .selection-box:checked")).to_have_count(2)


def test_axe_finds_nothing_while_selecting(said):
    alice, _ = said
    alice.page.emulate_media(reduced_motion="reduce")
    begin(alice, "third")
    looks = Looks()
    looks.at(alice.page, "selecting")
    assert looks.faults == []
    assert re.search("selecting", alice.page.locator("#timeline").get_attribute("class"))
