"""What the menu of a message looks like: everything can be reached, and lines part what is of different kinds."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import Looks
from tests.browser.visitors import NARROW

_LINED = """menu => Array.from(menu.querySelectorAll(".menu-group"))
  .filter((group) => group.checkVisibility())
  .map((group) => parseFloat(getComputedStyle(group).borderBlockStartWidth) > 0)"""


@pytest.mark.parametrize("height", [700, 420])
def test_all_that_can_be_done_with_a_message_is_in_reach_on_a_small_screen(visit, room, height):
    alice = visit("alice", viewport=NARROW | {"height": height}, has_touch=True, is_mobile=True)
    room(alice)
    alice.page.locator("#text").fill("words")
    alice.page.locator(".send").click()
    alice.message("words").and_(alice.page.locator(":not(.pending)")).wait_for()
    alice.message("words").locator(".body").dispatch_event(
        "contextmenu", {"clientX": 100, "clientY": 300, "bubbles": True, "cancelable": True}
    )
    menu = alice.page.locator("#message-menu")
    expect(menu.locator(".menu-item:visible")).to_have_count(10)
    box = menu.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= height
    last = menu.get_by_role("button", name="Delete")
    if height == 700:
        assert menu.evaluate("menu => menu.scrollHeight <= menu.clientHeight")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)


def test_lines_stand_between_kinds_of_actions_and_above_none(visit, room, line):
    alice = visit("alice")
    its_line = line(alice)
    room(alice)
    alice.say("words")
    alice.message("words").and_(alice.page.locator(":not(.pending)")).wait_for()
    alice.message("words").locator(".body").click(button="right")
    menu = alice.page.locator("#message-menu")
    assert menu.evaluate(_LINED) == [True, True, True, True]
    alice.page.keyboard.press("Escape")
    its_line.cut()
    alice.say("on their way")
    alice.message("on their way").locator(".body").click(button="right")
    expect(menu.locator(".menu-item:visible")).to_have_text(["Copy text"])
    assert menu.evaluate(_LINED) == [False]


def test_axe_finds_nothing_while_the_reactions_are_not_known_yet(visit, room):
    alice = visit("alice", reduced_motion="reduce")
    room(alice)
    alice.page.route("**/store/emoji.js", lambda route: None)
    alice.say("words")
    alice.message("words").and_(alice.page.locator(":not(.pending)")).wait_for()
    alice.message("words").locator(".body").click(button="right")
    expect(alice.page.locator("#message-menu .quick")).to_have_count(6)
    assert alice.page.locator("#message-menu .quick:disabled").count() == 6
    looks = Looks()
    looks.at(alice.page, "the menu of a message, while it loads", sizes="wide")
    assert looks.faults == []
