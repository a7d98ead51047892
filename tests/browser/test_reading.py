"""Where the reader is, and how it stays so."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.scrolling import KEPT, SCROLL, TOP
from tests.browser.visitors import NARROW


def test_a_reload_and_coming_back_lead_to_where_the_reader_was(filled):
    alice, address = filled(230)
    box = alice.page.locator("#scroller")
    for first in (131, 81):
        box.evaluate("box => { box.scrollTop = 40 }")
        expect(alice.page.locator(f"#message-{first}")).to_be_attached()
    first = int(box.evaluate(SCROLL, 300)[0].removeprefix("message-"))
    alice.page.wait_for_function(KEPT, arg=first)
    for leave in (alice.page.reload, _look_elsewhere(alice)):
        leave()
        alice.wait_until_live()
        expect(alice.page.locator(f"#message-{first}")).to_be_in_viewport()
        expect(alice.page).to_have_url(re.compile(f"{address}$"))
        assert alice.page.evaluate(TOP) == f"message-{first}"
    alice.go(address)
    expect(alice.page.locator("#message-230")).to_be_in_viewport()


@pytest.mark.proof
def test_a_page_that_is_taken_down_loses_no_place(filled):
    """Its layout may be gone by then, and nothing in sight."""
    alice, _ = filled(60)
    first = int(alice.page.locator("#scroller").evaluate(SCROLL, 300)[0].removeprefix("message-"))
    alice.page.wait_for_function(KEPT, arg=first)
    alice.page.evaluate("() => { scroller.style.display = 'none'; dispatchEvent(new Event('pagehide')) }")
    assert alice.page.evaluate(KEPT, first)


def test_who_was_at_the_end_is_there_after_a_reload(filled):
    alice, _ = filled(60)
    alice.page.reload()
    alice.wait_until_live()
    expect(alice.page.locator("#message-60")).to_be_in_viewport()


def _look_elsewhere(visitor):
    def look() -> None:
        visitor.page.goto("/rooms/")
        visitor.page.go_back()

    return look


@pytest.mark.proof
def test_a_tap_on_the_jump_to_the_end_brings_no_keyboard_up(filled, visit):
    _, address = filled(40)
    carol = visit("carol", viewport=NARROW, has_touch=True, is_mobile=True)
    carol.join_room(address)
    jump = carol.page.get_by_role("button", name="Jump to latest")
    carol.page.locator("#scroller").evaluate("box => { box.scrollTop = 0 }")
    jump.tap()
    expect(jump).to_be_hidden()
    expect(carol.page.get_by_label("Message", exact=True)).not_to_be_focused()


@pytest.mark.proof
def test_who_jumps_to_the_latest_by_keyboard_goes_on_from_there(filled, visit):
    alice, address = filled(40)
    bob = visit("bob")
    bob.go(address)
    field = alice.page.get_by_label("Message", exact=True)
    for person in (alice, bob):
        person.page.locator("#scroller").focus()
        person.page.keyboard.press("Home")
        person.page.get_by_role("button", name="Jump to latest").press("Enter")
    expect(field).to_be_focused()
    expect(bob.page.locator("#message-40 .row")).to_be_focused()


def test_somebody_who_reads_back_is_not_moved_by_news(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    for number in range(8):
        alice.say(f"line {number}" + "\nmore" * 6)
    expect(bob.page.locator(".message:not(.pending)")).to_have_count(8)
    box = bob.page.locator("#scroller")
    box.evaluate("box => { box.scrollTop = 100 }")
    expect(bob.page.get_by_role("button", name="Jump to latest")).to_be_visible()
    alice.say("news")
    expect(bob.page.get_by_role("button", name="1 new message")).to_be_visible()
    assert box.evaluate("box => box.scrollTop") == 100
    bob.page.get_by_role("button", name="1 new message").click()
    expect(bob.message("news")).to_be_in_viewport()
    expect(bob.page.locator("#jump")).to_be_hidden()


@pytest.mark.proof
def test_a_reload_of_a_message_s_own_page_leads_to_where_the_reader_was(filled):
    alice, address = filled(230)
    alice.go(f"{address}120/")
    box = alice.page.locator("#scroller")
    box.evaluate("box => { box.scrollTop = 40 }")
    expect(alice.page.locator("#message-60")).to_be_attached()
    first = int(box.evaluate(SCROLL, 300)[0].removeprefix("message-"))
    alice.page.reload()
    alice.wait_until_live()
    expect(alice.page).to_have_url(re.compile(f"{address}120/$"))
    assert alice.page.evaluate(TOP) == f"message-{first}"


@pytest.mark.proof
def test_what_is_typed_after_a_click_on_the_jump_to_the_end_is_typed_there(filled):
    alice, _ = filled(60)
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = 500 }")
    alice.page.get_by_role("button", name="Jump to latest").click()
    alice.page.keyboard.type("here")
    expect(alice.page.get_by_label("Message", exact=True)).to_have_value("here")
