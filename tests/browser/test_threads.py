"""Threads: an exchange by itself, beside the room in which it takes place."""

import re
import time

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import Looks
from tests.browser.visitors import NARROW, Visitor
from tests.patience import PATIENCE


def panel(visitor: Visitor) -> Locator:
    return visitor.page.locator(".thread")


def in_thread(visitor: Visitor, text: str) -> Locator:
    return panel(visitor).locator(".message", has=visitor.page.locator(".body", has_text=text))


def in_room(visitor: Visitor, text: str) -> Locator:
    return visitor.page.locator("#timeline .message", has=visitor.page.locator(".body", has_text=text))


def open_thread(visitor: Visitor, text: str) -> Locator:
    in_room(visitor, text).locator(".row").focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_role("button", name="Open thread").click()
    expect(panel(visitor).locator(".message").first).to_be_visible()
    return panel(visitor)


def reply(visitor: Visitor, text: str) -> None:
    box = visitor.page.get_by_label("Reply in the thread")
    box.fill(text)
    box.press("Enter")


@pytest.fixture
def said(visit, room):
    """Alice and bob in a room in which alice has said something, and something else."""
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    for text in ("question", "weather"):
        alice.say(text)
    expect(in_room(bob, "weather")).to_be_visible()
    return alice, bob


def test_a_thread_is_begun_at_any_message_and_goes_on_live_on_both_sides(said):
    alice, bob = said
    open_thread(bob, "question")
    expect(panel(bob).locator(".message")).to_have_count(1)
    reply(bob, "answer one")
    expect(in_thread(bob, "answer one")).to_be_visible()
    expect(in_room(alice, "answer one").locator(".quote a")).to_have_text("question")
    open_thread(alice, "answer one")
    expect(panel(alice).locator(".body")).to_have_text(["question", "answer one"])
    reply(bob, "answer two")
    expect(panel(alice).locator(".body")).to_have_text(["question", "answer one", "answer two"])
    alice.say("elsewhere")
    expect(in_room(bob, "elsewhere")).to_be_visible()
    expect(panel(bob).locator(".body")).to_have_text(["question", "answer one", "answer two"])


def test_edits_deletions_and_reactions_are_seen_in_both_places(said):
    alice, bob = said
    open_thread(bob, "question")
    reply(bob, "answer")
    expect(in_room(alice, "answer")).to_be_visible()
    in_thread(bob, "answer").locator(".row").focus()
    bob.page.keyboard.press("Enter")
    bob.page.get_by_role("button", name="Edit", exact=True).last.click()
    box = panel(bob).get_by_role("textbox")
    expect(box).to_have_value("answer")
    expect(box).to_be_focused()
    box.fill("better answer")
    box.press("Enter")
    for list_ in ("#timeline", ".thread"):
        expect(bob.page.locator(f"{list_} .body", has_text="better answer")).to_be_visible()
    expect(in_room(alice, "better answer")).to_be_visible()
    in_thread(bob, "better answer").locator(".row").focus()
    bob.page.keyboard.press("Enter")
    bob.page.get_by_role("button", name="Delete", exact=True).click()
    expect(panel(bob).locator(".message.deleted")).to_have_count(1)
    expect(bob.page.locator("#timeline .message.deleted")).to_have_count(1)
    expect(alice.page.locator("#timeline .message.deleted")).to_have_count(1)


def test_back_closes_it_and_a_reload_opens_it_again(said):
    _, bob = said
    before = bob.page.url
    open_thread(bob, "question")
    expect(bob.page).to_have_url(re.compile(r"\?thread=1$"))
    bob.page.reload()
    expect(panel(bob).locator(".body")).to_have_text(["question"])
    bob.page.go_back()
    expect(panel(bob)).to_have_count(0)
    expect(bob.page).to_have_url(before)
    bob.page.go_forward()
    expect(panel(bob).locator(".body")).to_have_text(["question"])


def test_escape_closes_it_and_the_focus_comes_back(said):
    _, bob = said
    open_thread(bob, "question")
    expect(bob.page.get_by_label("Reply in the thread")).to_be_focused()
    bob.page.keyboard.press("Escape")
    expect(panel(bob)).to_have_count(0)
    expect(in_room(bob, "question").locator(".row")).to_be_focused()
    expect(bob.page).not_to_have_url(re.compile("thread="))


def test_keys_go_among_its_messages_and_between_it_and_the_room(said):
    _, bob = said
    open_thread(bob, "question")
    for text in ("one", "two"):
        reply(bob, text)
    expect(panel(bob).locator(".message:not(.pending)")).to_have_count(3)
    bob.page.keyboard.press("Shift+Tab")
    while not bob.page.evaluate("document.activeElement.matches('.thread .row')"):
        bob.page.keyboard.press("Shift+Tab")
    expect(in_thread(bob, "two").locator(".row")).to_be_focused()
    bob.page.keyboard.press("ArrowUp")
    expect(in_thread(bob, "one").locator(".row")).to_be_focused()
    bob.page.keyboard.press("Home")
    expect(in_thread(bob, "question").locator(".row")).to_be_focused()
    bob.page.keyboard.press("Escape")
    expect(bob.page.get_by_label("Reply in the thread")).to_be_focused()
    bob.page.keyboard.press("F6")
    expect(bob.page.locator("#text")).to_be_focused()
    bob.page.keyboard.press("F6")
    expect(bob.page.get_by_label("Reply in the thread")).to_be_focused()


def test_its_draft_is_its_own_and_comes_back(said):
    _, bob = said
    bob.page.locator("#text").fill("to the room")
    open_thread(bob, "question")
    bob.page.get_by_label("Reply in the thread").fill("to the thread")
    expect(bob.page.locator("#text")).to_have_value("to the room")
    bob.page.keyboard.press("Escape")
    open_thread(bob, "weather")
    expect(bob.page.get_by_label("Reply in the thread")).to_have_value("")
    bob.page.keyboard.press("Escape")
    open_thread(bob, "question")
    expect(bob.page.get_by_label("Reply in the thread")).to_have_value("to the thread")


def test_a_reply_goes_to_the_message_that_was_picked_in_it(said):
    alice, bob = said
    open_thread(bob, "question")
    reply(bob, "one")
    expect(in_room(alice, "one")).to_be_visible()
    in_thread(bob, "one").locator(".row").hover()
    panel(bob).locator(".message-bar [name=reply]").click()
    reply(bob, "two")
    expect(in_room(alice, "two").locator(".quote a")).to_have_text("one")
    expect(in_thread(bob, "two").locator(".quote")).to_be_visible()
    reply(bob, "three")
    expect(in_room(alice, "three").locator(".quote a")).to_have_text("question")
    expect(in_thread(bob, "three").locator(".quote")).to_be_hidden()


def test_a_long_thread_loads_its_earlier_replies_as_one_scrolls_up(said, site):
    alice, bob = said
    address = bob.page.url
    bob.page.goto("about:blank")
    site.manage("shell", "-c", _FILL.format(nickname=alice.nickname, count=120))
    bob.go(f"{address}?thread=1")
    expect(panel(bob).locator(".message").last).to_contain_text("words 120")
    while not in_thread(bob, "question").count():
        panel(bob).locator(".scroller").evaluate("box => { box.scrollTop = 0 }")
        bob.page.wait_for_timeout(20)
    expect(panel(bob).locator(".edge")).to_be_hidden()
    expect(panel(bob).locator(".message")).to_have_count(121)


_FILL = """
from chat.actions.messages import Draft, post_messages
from chat.models import Profile, Room
person = Profile.objects.get(nickname={nickname!r})
room = Room.objects.filter(messages__sender=person).order_by("-pk").first()
post_messages([Draft(person.pk, f"t-{{n}}", f"words {{n}}", room.pk, reply_to=1) for n in range(1, {count} + 1)])
"""


def test_reading_it_leaves_the_room_as_unread_as_it_is(said):
    """On a narrow window it covers the talk: nothing of that is read meanwhile."""
    alice, bob = said
    bob.page.set_viewport_size(NARROW)
    open_thread(bob, "question")
    expect(bob.page.locator(".talk")).to_be_hidden()
    alice.say("news")
    expect(bob.page.locator("#timeline .body", has_text="news")).to_be_attached()
    assert bob.page.locator("#timeline .divider.unread").count() == 1
    panel(bob).get_by_role("button", name="Close").click()
    expect(bob.page.locator(".talk")).to_be_visible()
    expect(in_room(bob, "news")).to_be_visible()


def test_a_message_of_it_is_shown_in_the_room(said):
    _, bob = said
    open_thread(bob, "question")
    in_thread(bob, "question").locator(".row").focus()
    bob.page.keyboard.press("Enter")
    bob.page.get_by_role("button", name="Show in the room").click()
    expect(in_room(bob, "question")).to_have_class(re.compile("focus"))
    bob.page.set_viewport_size(NARROW)
    in_thread(bob, "question").locator(".when").click()
    expect(panel(bob)).to_have_count(0)
    expect(in_room(bob, "question")).to_be_visible()


def test_another_room_closes_it(said, room):
    _, bob = said
    open_thread(bob, "question")
    bob.page.locator(".sidebar").get_by_role("link", name="Lobby").click()
    expect(panel(bob)).to_have_count(0)
    bob.page.go_back()
    expect(panel(bob).locator(".body")).to_have_text(["question"])


def test_threads_that_are_opened_and_closed_leave_nothing_behind(said):
    _, bob = said
    session = bob.context.new_cdp_session(bob.page)
    session.send("Performance.enable")

    def open_and_close(times: int) -> None:
        for _ in range(times):
            open_thread(bob, "question")
            bob.page.get_by_label("Reply in the thread").press("Escape")
            expect(panel(bob)).to_have_count(0)

    def left() -> tuple[float, float]:
        session.send("HeapProfiler.collectGarbage")
        found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        return found["Nodes"], found["JSEventListeners"]

    open_and_close(6)
    nodes, listeners = left()
    open_and_close(20)
    # The last one goes when what was begun in it, such as a timer, is over.
    deadline = time.monotonic() + PATIENCE
    while left()[0] >= nodes + 200 and time.monotonic() < deadline:
        bob.page.wait_for_timeout(50)
    assert left()[0] < nodes + 200
    assert left()[1] < listeners + 20


def test_a_thread_of_a_message_that_is_not_there_says_so(said):
    _, bob = said
    bob.go(f"{bob.page.url}?thread=99")
    expect(panel(bob)).to_contain_text("This message isn't in the room any more.")


def test_the_address_may_name_any_message_of_it(said):
    _, bob = said
    open_thread(bob, "question")
    reply(bob, "answer")
    expect(panel(bob).locator(".message:not(.pending)")).to_have_count(2)
    bob.go(bob.page.url.replace("thread=1", "thread=3"))
    expect(panel(bob).locator(".body")).to_have_text(["question", "answer"])
    expect(bob.page).to_have_url(re.compile("thread=1$"))


def test_who_is_removed_from_the_room_sees_it_no_more(said):
    _, bob = said
    open_thread(bob, "question")
    reply(bob, "answer")
    bob.submit(re.sub(r"\?.*", "leave/", bob.page.url))
    expect(panel(bob)).to_have_count(0)


def test_a_preview_shows_threads_and_offers_no_box(said, visit):
    alice, bob = said
    open_thread(bob, "question")
    reply(bob, "answer")
    expect(in_room(alice, "answer")).to_be_visible()
    carol = visit("carol")
    carol.go(alice.page.url)
    open_thread(carol, "answer")
    expect(panel(carol).locator(".body")).to_have_text(["question", "answer"])
    expect(panel(carol).locator("textarea")).to_have_count(0)


def test_axe_finds_nothing_in_a_thread(said):
    _, bob = said
    bob.page.emulate_media(reduced_motion="reduce")
    open_thread(bob, "question")
    reply(bob, "answer")
    expect(panel(bob).locator(".message:not(.pending)")).to_have_count(2)
    looks = Looks()
    looks.at(bob.page, "a thread")
    assert looks.faults == []
