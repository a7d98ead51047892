"""What is new, what was read, and what lies far back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW

_FILL = """
from chat.actions.messages import Draft, post_messages
from chat.models import Profile, Room
sender = Profile.objects.get(nickname={nickname!r})
room = Room.objects.get(slug={slug!r})
bodies = [f"old {{number}}" + " and so on" * (number % 40) for number in range(1, {count} + 1)]
post_messages([Draft(sender.pk, f"{{room.pk}}-{{place}}", body, room.pk) for place, body in enumerate(bodies)])
"""

# Scrolls near an edge, and tells where the first row in sight stands, before anything can have been loaded.
_SCROLL = """(box, top) => {
  box.scrollTop = top
  const edge = box.getBoundingClientRect().top
  const row = [...box.querySelectorAll(".row")].find((row) => row.getBoundingClientRect().bottom > edge)
  return [row.parentElement.id, row.getBoundingClientRect().top]
}"""

_TOP = """() => {
  const edge = document.getElementById("scroller").getBoundingClientRect().top
  return [...document.querySelectorAll(".message")].find((row) => row.getBoundingClientRect().bottom > edge + 1).id
}"""

# Whether the reader's place in this room is kept as this message.
_KEPT = "number => Number(sessionStorage[`chatsite place ${location.pathname}`]) === number"

_BUSY = {"type": "error", "code": "unavailable", "detail": "That did not work just now.", "retry_after": 0.2}


@pytest.fixture
def filled(visit, room, site):
    """A person in a room with 520 messages."""

    def fill(count: int = 520):
        alice = visit("alice")
        address = room(alice)
        alice.page.goto("about:blank")
        slug = address.rstrip("/").rsplit("/", 1)[1]
        site.manage("shell", "-c", _FILL.format(nickname=alice.nickname, slug=slug, count=count))
        alice.go(address)
        return alice, address

    return fill


@pytest.mark.proof
def test_500_messages_back_the_place_is_kept(filled):
    alice, _ = filled()
    box = alice.page.locator("#scroller")
    first = 471
    while first > 1:
        assert _numbers(alice.page)[0] == first
        anchor, before = box.evaluate(_SCROLL, 40)
        expect(alice.page.locator(f"#message-{max(1, first - 50)}")).to_be_attached()
        after = alice.page.locator(f"#{anchor} .row").evaluate("row => row.getBoundingClientRect().top")
        assert abs(after - before) < 2
        first = max(1, first - 50)
    numbers = _numbers(alice.page)
    assert numbers == list(range(1, 521))
    box.evaluate("box => { box.scrollTop = 0 }")
    expect(alice.page.get_by_text("The beginning of this room.")).to_be_in_viewport()


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
        last = _numbers(alice.page)[-1]
        if last == 800:
            break
        box.evaluate("box => { box.scrollTop = box.scrollHeight }")
        expect(alice.page.locator(f"#message-{min(800, last + 50)}")).to_be_attached()
    numbers = _numbers(alice.page)
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


def test_a_reply_to_what_is_not_on_the_page_says_so_after_a_look_elsewhere(filled):
    alice, address = filled(130)
    alice.go(f"{address}20/")
    alice.page.locator("#message-20").hover()
    alice.page.locator("#message-20 .reply").click()
    alice.go(address)
    expect(alice.page.locator("#replying span")).to_have_text("Reply to #20")
    alice.say("found it")
    expect(alice.message("found it").locator(".quote a")).to_have_text(re.compile("^old 20 and so on"))


def test_a_reply_says_what_it_answers_though_that_is_far_back(filled, visit, site):
    alice, address = filled(130)
    bob = visit("bob")
    bob.join_room(address)
    for number in (20, 3, 20):
        alice.go(f"{address}{number}/")
        alice.page.locator(f"#message-{number}").hover()
        alice.page.locator(f"#message-{number} .reply").click()
        alice.go(address)
        alice.say(f"to {number}")
        quote = bob.message(f"to {number}").last.locator(".quote a")
        expect(quote).to_have_text(re.compile(f"^old {number} "))
        expect(quote).to_have_attribute("data-sender", alice.nickname)
    bob.go(address)
    for number in (20, 3):
        expect(bob.message(f"to {number}").last.locator(".quote a")).to_have_text(re.compile(f"^old {number} "))


def test_a_reload_and_coming_back_lead_to_where_the_reader_was(filled):
    alice, address = filled(230)
    box = alice.page.locator("#scroller")
    for first in (131, 81):
        box.evaluate("box => { box.scrollTop = 40 }")
        expect(alice.page.locator(f"#message-{first}")).to_be_attached()
    first = int(box.evaluate(_SCROLL, 300)[0].removeprefix("message-"))
    alice.page.wait_for_function(_KEPT, arg=first)
    for leave in (alice.page.reload, _look_elsewhere(alice)):
        leave()
        alice.wait_until_live()
        expect(alice.page.locator(f"#message-{first}")).to_be_in_viewport()
        expect(alice.page).to_have_url(re.compile(f"{address}$"))
        assert alice.page.evaluate(_TOP) == f"message-{first}"
    alice.go(address)
    expect(alice.page.locator("#message-230")).to_be_in_viewport()


def test_a_page_that_is_taken_down_loses_no_place(filled):
    """Its layout may be gone by then, and nothing in sight."""
    alice, _ = filled(60)
    first = int(alice.page.locator("#scroller").evaluate(_SCROLL, 300)[0].removeprefix("message-"))
    alice.page.wait_for_function(_KEPT, arg=first)
    alice.page.evaluate("() => { scroller.style.display = 'none'; dispatchEvent(new Event('pagehide')) }")
    assert alice.page.evaluate(_KEPT, first)


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


def test_a_tap_on_the_jump_to_the_end_brings_no_keyboard_up(filled, visit):
    _, address = filled(40)
    carol = visit("carol", viewport=NARROW, has_touch=True, is_mobile=True)
    carol.join_room(address)
    jump = carol.page.get_by_role("button", name="Jump to latest")
    carol.page.locator("#scroller").evaluate("box => { box.scrollTop = 0 }")
    jump.tap()
    expect(jump).to_be_hidden()
    expect(carol.page.get_by_label("Message", exact=True)).not_to_be_focused()


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
    expect(bob.page.locator("#message-40")).to_be_focused()


def test_scrolling_down_from_an_old_message_reaches_the_end(filled):
    alice, address = filled(130)
    alice.go(f"{address}20/")
    box = alice.page.locator("#scroller")
    while (last := _numbers(alice.page)[-1]) < 130:
        box.evaluate("box => { box.scrollTop = box.scrollHeight }")
        expect(alice.page.locator(f"#message-{min(130, last + 50)}")).to_be_attached()
    box.evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(alice.page.locator("#jump")).to_be_hidden()


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


def test_news_have_a_line_above_them_and_are_read_at_the_end(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    alice.say("seen")
    expect(bob.message("seen")).to_be_visible()
    bob.go("/rooms/lobby/")
    alice.say("new one")
    alice.say("new two")
    entry = bob.page.locator("#rooms li", has_text="Room ")
    expect(entry.locator(".badge")).to_have_text("2")
    bob.go(address)
    expect(bob.page.locator(".divider.unread")).to_have_count(1)
    expect(bob.message("new one").locator(".divider .news")).to_have_text("New messages")
    expect(bob.page.locator("#rooms .badge:visible")).to_have_count(0)
    bob.say("answered")
    expect(bob.page.locator(".divider.unread")).to_have_count(0)


def test_more_news_than_fit_are_unread_until_their_end_is_seen(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    bob.go("/rooms/lobby/")
    for number in range(40):
        alice.say(f"news {number}")
    badge = bob.page.locator("#rooms li", has_text="Room ").locator(".badge")
    expect(badge).to_have_text("40")
    bob.go(address)
    expect(bob.message("news 0")).to_be_in_viewport()
    expect(badge).to_have_text("40")
    bob.page.get_by_role("button", name="40 new messages").click()
    expect(bob.message("news 39")).to_be_in_viewport()
    expect(badge).to_be_hidden()


@pytest.mark.proof
def test_more_news_than_a_page_holds_are_read_from_their_beginning(visit, room, site):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    bob.go("/rooms/lobby/")
    slug = address.rstrip("/").rsplit("/", 1)[1]
    site.manage("shell", "-c", _FILL.format(nickname=alice.nickname, slug=slug, count=130))
    bob.go(address)
    badge = bob.page.locator("#rooms li", has_text="Room ").locator(".badge")
    expect(bob.page.locator("#message-1")).to_be_in_viewport()
    expect(bob.page.get_by_text("New messages", exact=True)).to_be_in_viewport()
    expect(badge).to_have_text("99+")
    bob.page.get_by_role("button", name="130 new messages").click()
    expect(bob.page.locator("#message-130")).to_be_in_viewport()
    expect(bob.page).to_have_url(re.compile(f"{address}$"))
    expect(badge).to_be_hidden()


def test_what_comes_while_nobody_looks_is_marked_and_counted(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    second_tab = bob.context.new_page()
    bob.go("/rooms/lobby/", second_tab)
    bob.page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
    alice.say("are you there?")
    expect(bob.page).to_have_title("(1) " + bob.page.title().removeprefix("(1) "))
    expect(bob.message("are you there?").locator(".divider.unread")).to_be_visible()
    bob.page.evaluate("document.hasFocus = () => true; dispatchEvent(new Event('focus'))")
    for tab in (bob.page, second_tab):
        expect(tab.locator("#rooms .badge:visible")).to_have_count(0)
    bob.page.reload()
    bob.wait_until_live()
    expect(bob.page.locator(".divider.unread")).to_have_count(0)


def test_tabs_of_one_person_share_what_was_read(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    bob.go("/rooms/lobby/")
    second_tab = bob.context.new_page()
    bob.go("/rooms/lobby/", second_tab)
    alice.say("hello tabs")
    badges = [tab.locator("#rooms li", has_text="Room ").locator(".badge") for tab in (bob.page, second_tab)]
    for badge in badges:
        expect(badge).to_have_text("1")
    bob.go(address)
    expect(badges[1]).to_be_hidden()
    expect(second_tab).to_have_title("Lobby · chatsite")


def test_two_tabs_send_each_message_once(visit, room, line):
    alice = visit("alice")
    its_line = line(alice)
    address = room(alice)
    second_tab = alice.context.new_page()
    alice.go(address, second_tab)
    its_line.cut()
    for number in range(4):
        alice.say(f"tab one {number}")
        alice.say(f"tab two {number}", second_tab)
    its_line.mend()
    its_line.mend(second_tab)
    for tab in (alice.page, second_tab):
        expect(tab.locator(".message:not(.pending)")).to_have_count(8)
        expect(tab.locator(".message")).to_have_count(8)
    assert sorted(its_line.posts()) == sorted(set(its_line.posts()))


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


def _numbers(page) -> list[int]:
    return page.locator("#timeline > .message").evaluate_all("rows => rows.map((row) => Number(row.dataset.number))")


def test_a_reload_of_a_message_s_own_page_leads_to_where_the_reader_was(filled):
    alice, address = filled(230)
    alice.go(f"{address}120/")
    box = alice.page.locator("#scroller")
    box.evaluate("box => { box.scrollTop = 40 }")
    expect(alice.page.locator("#message-60")).to_be_attached()
    first = int(box.evaluate(_SCROLL, 300)[0].removeprefix("message-"))
    alice.page.reload()
    alice.wait_until_live()
    expect(alice.page).to_have_url(re.compile(f"{address}120/$"))
    assert alice.page.evaluate(_TOP) == f"message-{first}"


def test_what_is_typed_after_a_click_on_the_jump_to_the_end_is_typed_there(filled):
    alice, _ = filled(60)
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = 500 }")
    alice.page.get_by_role("button", name="Jump to latest").click()
    alice.page.keyboard.type("here")
    expect(alice.page.get_by_label("Message", exact=True)).to_have_value("here")


def test_what_came_while_the_page_was_hidden_is_read_only_when_it_was_in_sight(filled, visit):
    alice, address = filled(60)
    bob = visit("bob")
    bob.join_room(address)
    alice.page.evaluate(_HIDE, True)
    for number in range(25):
        bob.say(f"line {number}")
        expect(alice.message(f"line {number}")).to_be_attached()
    alice.page.evaluate(_HIDE, False)
    expect(alice.message("line 0")).to_be_in_viewport()
    expect(alice.page.get_by_role("button", name="25 new messages")).to_be_visible()
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(alice.page.get_by_role("button", name="new messages")).to_be_hidden()
    expect(alice.page).to_have_title(re.compile("^Room"))


_HIDE = """isHidden => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true })
  document.dispatchEvent(new Event("visibilitychange"))
}"""


def test_an_invitation_counts_in_the_title_and_in_the_menu(visit):
    alice, bob = visit("alice"), visit("bob", viewport=NARROW)
    address = alice.new_room(f"Attic of {alice.nickname}", "private")
    bob.go("/rooms/lobby/")
    alice.submit(f"{address}members/", nickname=bob.nickname)
    expect(bob.page).to_have_title("(1) Lobby · chatsite")
    expect(bob.page.locator("#elsewhere")).to_have_text("1")
    alice.say("Come in")
    expect(bob.page.locator("#rooms li", has_text="Attic of").locator(".badge")).to_have_text("1", use_inner_text=False)
    expect(bob.page).to_have_title("(1) Lobby · chatsite")


def test_who_could_not_be_added_is_typed_anew_at_once(visit):
    alice = visit("alice")
    alice.new_room(f"Shed of {alice.nickname}", "private")
    field = alice.page.get_by_label("Add a person")
    field.fill("nobody here")
    field.press("Enter")
    expect(alice.page.locator(".notice.error")).to_be_visible()
    alice.wait_until_live()
    expect(field).to_have_value("nobody here")
    expect(field).to_be_focused()


def test_one_s_notes_stand_first_from_their_first_page_on(visit):
    alice, bob = visit("alice"), visit("bob")
    alice.go(f"/people/{bob.nickname}/")
    alice.say("Hello")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    alice.go(f"/people/{alice.nickname}/")
    expect(alice.page.locator("#directs li").first).to_contain_text("Notes")
    alice.say("Milk")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    expect(alice.page.locator("#directs li").first).to_contain_text("Notes")
    expect(alice.page.locator("#directs li")).to_have_count(2)


def test_a_box_that_was_closed_says_so_beside_what_was_being_written(visit):
    alice, bob = visit("alice"), visit("bob")
    address = alice.new_room(f"Loft of {alice.nickname}", "private")
    alice.submit(f"{address}members/", nickname=bob.nickname)
    bob.go(address)
    box = bob.page.get_by_label("Message", exact=True)
    box.fill("half a sent")
    alice.submit(f"{address}members/remove/", nickname=bob.nickname)
    expect(box).to_be_disabled()
    expect(bob.page.locator("#composer-hint")).to_have_text("You are no longer in this room")
    expect(bob.page.locator(".box")).to_have_css("border-style", "dashed")
    expect(box).to_have_value("half a sent")


def test_two_tabs_of_a_room_show_one_draft(visit):
    alice = visit("alice")
    address = alice.new_room(f"Tabs of {alice.nickname}")
    other = alice.context.new_page()
    alice.go(address, other)
    boxes = [page.get_by_label("Message", exact=True) for page in (alice.page, other)]
    boxes[0].fill("from the first")
    expect(boxes[1]).to_have_value("from the first")
    boxes[1].fill("from the first and the second")
    expect(boxes[0]).to_have_value("from the first and the second")
    boxes[0].press("Enter")
    expect(boxes[1]).to_have_value("")


_LOSE = """
from chat.models import Message, Room
Message.objects.filter(room=Room.objects.get(slug={slug!r}), number__in={numbers!r}).delete()
"""


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
    expect(alice.page.get_by_text("The beginning of this room.")).to_be_in_viewport()
    assert _numbers(alice.page) == [number for number in range(1, 201) if number not in lost]
    alice.say("and on it goes")
    expect(alice.page.locator("#message-201")).to_be_attached()
    assert len([text for text in asked if '"history"' in text]) < 10
