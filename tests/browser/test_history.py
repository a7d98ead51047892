"""Messages far back: links and replies to them, and how a page gets them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.scrolling import SCROLL, numbers_of

_BUSY = {"type": "error", "code": "unavailable", "detail": "That didn't work.", "retry_after": 0.2}


@pytest.mark.proof
def test_500_messages_back_the_place_is_kept(filled):
    alice, _ = filled()
    box = alice.page.locator("#scroller")
    first = 471
    while first > 1:
        assert numbers_of(alice.page)[0] == first
        anchor, before = box.evaluate(SCROLL, 40)
        expect(alice.page.locator(f"#message-{max(1, first - 50)}")).to_be_attached()
        after = alice.page.locator(f"#{anchor} .row").evaluate("row => row.getBoundingClientRect().top")
        assert abs(after - before) < 2
        first = max(1, first - 50)
    numbers = numbers_of(alice.page)
    assert numbers == list(range(1, 301))
    box.evaluate("box => { box.scrollTop = 0 }")
    expect(alice.page.get_by_text("This is the beginning of the room.")).to_be_in_viewport()


@pytest.mark.proof
def test_a_long_window_gives_up_its_far_end_and_gets_it_back(filled):
    alice, _ = filled(800)
    box = alice.page.locator("#scroller")
    for first in range(701, 100, -50):
        box.evaluate("box => { box.scrollTop = 40 }")
        expect(alice.page.locator(f"#message-{first}")).to_be_attached()
    assert alice.page.locator("#timeline > .message").count() <= 600
    expect(alice.page.locator("#message-800")).to_have_count(0)
    expect(alice.page.get_by_role("button", name="Jump to latest")).to_be_visible()
    for _ in range(12):
        last = numbers_of(alice.page)[-1]
        if last == 800:
            break
        box.evaluate("box => { box.scrollTop = box.scrollHeight }")
        expect(alice.page.locator(f"#message-{min(800, last + 50)}")).to_be_attached()
    numbers = numbers_of(alice.page)
    assert numbers == list(range(numbers[0], 801))


def test_a_link_to_an_old_message_shows_it_and_the_way_back(filled, visit):
    alice, address = filled(200)
    alice.go(f"{address}60/")
    expect(alice.page.locator("#message-60.focus")).to_be_in_viewport()
    bob = visit("bob")
    bob.join_room(address)
    bob.say("at the end")
    expect(alice.page.get_by_role("button", name="1 new message")).to_be_visible()
    expect(alice.message("at the end")).to_have_count(0)
    alice.page.get_by_role("button", name="1 new message").click()
    expect(alice.message("at the end")).to_be_visible()


@pytest.mark.parametrize("number", [1, 60, 120])
def test_a_linked_message_has_the_focus_and_its_neighbours_on_both_sides(filled, number):
    alice, address = filled(120)
    alice.go(f"{address}{number}/")
    expect(alice.page.locator(f"#message-{number}.focus .row")).to_be_focused()
    expect(alice.page.locator(f"#message-{number}")).to_be_in_viewport()
    for end in (1, 120):
        while not alice.page.locator(f"#message-{end}").count():
            alice.page.evaluate(f"scroller.scrollTop = {0 if end == 1 else 10**6}")
            alice.page.wait_for_timeout(20)
    assert numbers_of(alice.page) == list(range(1, 121))
    alice.page.keyboard.type("words")
    expect(alice.page.locator("#text")).to_have_value("words")


@pytest.mark.proof
def test_a_reply_to_what_is_not_on_the_page_says_so_after_a_look_elsewhere(filled):
    alice, address = filled(130)
    alice.go(f"{address}20/")
    alice.page.locator("#message-20").hover()
    alice.page.locator("#message-20 [name=reply]").click()
    alice.go(address)
    expect(alice.page.locator(".replying-to")).to_have_text("Reply to #20")
    alice.say("found it")
    expect(alice.message("found it").locator(".quote a")).to_have_text(re.compile("^old 20 and so on"))


@pytest.mark.proof
def test_a_reply_says_what_it_answers_though_that_is_far_back(filled, visit, site):
    alice, address = filled(130)
    bob = visit("bob")
    bob.join_room(address)
    for number in (20, 3, 20):
        alice.go(f"{address}{number}/")
        alice.page.locator(f"#message-{number}").hover()
        alice.page.locator(f"#message-{number} [name=reply]").click()
        alice.go(address)
        alice.say(f"to {number}")
        quote = bob.message(f"to {number}").last.locator(".quote a")
        expect(quote).to_have_text(re.compile(f"^old {number} "))
        expect(quote).to_have_attribute("data-sender", alice.nickname)
    bob.go(address)
    for number in (20, 3):
        expect(bob.message(f"to {number}").last.locator(".quote a")).to_have_text(re.compile(f"^old {number} "))


@pytest.mark.proof
def test_scrolling_down_from_an_old_message_reaches_the_end(filled):
    alice, address = filled(130)
    alice.go(f"{address}20/")
    box = alice.page.locator("#scroller")
    while (last := numbers_of(alice.page)[-1]) < 130:
        box.evaluate("box => { box.scrollTop = box.scrollHeight }")
        expect(alice.page.locator(f"#message-{min(130, last + 50)}")).to_be_attached()
    box.evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(alice.page.locator("#jump")).to_be_hidden()


@pytest.mark.proof
def test_a_page_of_history_that_the_server_could_not_give_is_asked_for_again(filled, line):
    alice, address = filled(130)
    asked: list[dict] = []

    def refuse_once(frame: dict) -> dict | None:
        if frame["type"] != "history":
            return None
        asked.append(frame)
        return None if len(asked) > 1 else {**_BUSY, "frame": "history"}

    line(alice).answers = refuse_once
    alice.go(address)
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = 40 }")
    expect(alice.page.locator("#message-31")).to_be_attached()
    assert asked == 2 * asked[:1]


_LOSE = """
from chat.models import Message, Room
Message.objects.filter(room=Room.objects.get(slug={slug!r}), number__in={numbers!r}).delete()
"""


@pytest.mark.proof
def test_the_page_passes_over_messages_that_are_gone_and_does_not_ask_for_them_again(filled, site):
    """Also at either end, and where a whole page of history is missing."""
    alice, address = filled(200)
    lost = [1, *range(20, 90), 151, 199, 200]
    alice.page.goto("about:blank")
    site.manage("shell", "-c", _LOSE.format(slug=address.rstrip("/").rsplit("/", 1)[1], numbers=lost))
    asked: list[str] = []
    alice.page.on("websocket", lambda socket: socket.on("framesent", lambda text: asked.append(text)))
    alice.go(address)
    box = alice.page.locator("#scroller")
    for first in (101, 14, 2):
        box.evaluate("box => { box.scrollTop = 40 }")
        expect(alice.page.locator(f"#message-{first}")).to_be_attached()
    box.evaluate("box => { box.scrollTop = 0 }")
    expect(alice.page.get_by_text("This is the beginning of the room.")).to_be_in_viewport()
    assert numbers_of(alice.page) == [number for number in range(1, 201) if number not in lost]
    alice.say("and on it goes")
    expect(alice.page.locator("#message-201")).to_be_attached()
    assert len([text for text in asked if '"history"' in text]) < 10
