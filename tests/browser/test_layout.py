"""The page on a phone and on a desk, whatever people write."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW, WIDE

_WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_no_message_widens_the_page(visit, viewport):
    alice = visit("alice", viewport=viewport)
    alice.go(f"/people/{alice.nickname}/")
    for text in ("a" * 3000, "长" * 10_000, ("word " * 2000).strip(), "\n".join(["line"] * 200)):
        alice.say(text)
        body = alice.page.locator(".message:not(.pending) .body").last
        expect(body).to_have_text(text)
        assert alice.page.evaluate(_WIDTH) == viewport["width"]
        assert alice.page.locator("#scroller").evaluate("box => box.scrollWidth - box.clientWidth") == 0
        box = body.bounding_box()
        assert box["x"] + box["width"] <= viewport["width"]


def test_on_a_phone_the_rooms_are_a_drawer_and_the_composer_stays_below(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.go("/rooms/lobby/")
    rooms = alice.page.locator("#rooms")
    expect(rooms).to_be_hidden()
    composer = alice.page.locator("#composer").bounding_box()
    assert NARROW["height"] - (composer["y"] + composer["height"]) < 24
    alice.page.get_by_role("button", name="Rooms and people").tap()
    expect(rooms).to_be_visible()
    alice.page.keyboard.press("Escape")
    expect(rooms).to_be_hidden()
    alice.page.get_by_role("button", name="People in this room").tap()
    expect(alice.page.locator("#here .name", has_text=alice.nickname)).to_be_visible()


def test_on_a_phone_everything_to_tap_is_large_enough(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.go("/rooms/lobby/")
    alice.page.get_by_role("button", name="Rooms and people").tap()
    expect(alice.page.locator("#rooms")).to_be_visible()
    small = alice.page.evaluate("""[...document.querySelectorAll("button, .sidebar a, textarea")]
      .filter((element) => element.checkVisibility() && !element.matches(".brand, .skip"))
      .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
      .filter(([, { width, height }]) => Math.min(width, height) < 43.5).map(([html]) => html)""")
    assert small == []


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_longest_names_and_titles_fit(visit, viewport):
    alice = visit("W" * 28, viewport=viewport)
    alice.new_room(("Ü" * 57) + alice.nickname[-3:], topic="t" * 250)
    alice.say("hello")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    for path in (alice.page.url, "/rooms/", f"{alice.page.url}edit/", "/sign-out/"):
        alice.page.goto(path)
        assert alice.page.evaluate(_WIDTH) == viewport["width"]


def test_the_page_can_be_used_with_the_keyboard_alone(visit, room):
    alice = visit("alice")
    room(alice)
    alice.page.reload()
    alice.wait_until_live()
    expect(alice.page.get_by_label("Message", exact=True)).to_be_focused()
    alice.page.get_by_role("link", name="Skip to the message box").focus()
    alice.page.keyboard.press("Enter")
    alice.page.keyboard.type("typed blind")
    alice.page.keyboard.press("Tab")
    expect(alice.page.get_by_role("button", name="Send")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(alice.message("typed blind")).to_be_visible()


def test_landmarks_and_names_are_there_for_those_who_listen(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    for role, name in (("navigation", "Rooms and people"), ("complementary", "People"), ("log", "Messages")):
        expect(alice.page.get_by_role(role, name=name, exact=True)).to_be_visible()
    expect(alice.page.get_by_role("main")).to_be_visible()
    nameless = alice.page.evaluate("""[...document.querySelectorAll("button, a[href], input, textarea")]
      .filter((element) => element.type !== "hidden" && element.checkVisibility() && element.ariaHidden !== "true")
      .filter((element) => !(element.ariaLabel || element.textContent.trim() || element.labels?.length))
      .map((element) => element.outerHTML.slice(0, 120))""")
    assert nameless == []
