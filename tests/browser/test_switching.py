"""Rooms change in place: the connection and all that was loaded stay."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.talk import Talk
from tests.browser.visitors import NARROW

# Of one page: it is gone with the document, and counts what the document has asked for.
_WATCH = """() => {
  window.isSamePage = true
  window.asked = []
  new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) asked.push(new URL(name).pathname)
  }).observe({ type: "resource" })
}"""


def is_same_page(visitor) -> bool:
    return visitor.page.evaluate("window.isSamePage === true")


def link(visitor, title: str):
    return visitor.page.locator(".sidebar-list a", has_text=title)


@pytest.fixture
def two_rooms(visit, room):
    """Alice and bob in a room; alice is also in the lobby, and has the lobby open."""
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    title = alice.page.locator(".room-name .name").inner_text()
    alice.go("/rooms/lobby/")
    alice.page.evaluate(_WATCH)
    return alice, bob, address, title


def test_a_click_opens_a_room_in_place_and_asks_for_one_answer(two_rooms):
    alice, bob, address, title = two_rooms
    sockets = []
    alice.page.on("websocket", lambda socket: sockets.append(socket.url))
    bob.say("before")
    expect(link(alice, title).locator(".badge")).to_have_text("1")
    link(alice, title).click()
    expect(alice.page).to_have_url(re.compile(f"{address}$"))
    expect(alice.page).to_have_title(f"{title} · chatsite")
    expect(alice.page.locator("h1 .name")).to_have_text(title)
    expect(alice.message("before")).to_be_in_viewport()
    expect(alice.page.locator(".sidebar [aria-current]")).to_have_count(1)
    expect(link(alice, title)).to_have_attribute("aria-current", "page")
    expect(alice.page.locator("#text")).to_be_focused()
    bob.say("after")
    expect(alice.message("after")).to_be_visible()
    # What points for the first time loads the labels of buttons; what writes, the help with it.
    asked = [path for path in alice.page.evaluate("asked") if not path.endswith("/tips.js")]
    assert asked == [address]
    alice.say("an answer")
    expect(bob.message("an answer")).to_be_visible()
    assert is_same_page(alice)
    assert sockets == []


def test_back_and_forward_lead_through_the_rooms(two_rooms):
    alice, bob, _address, title = two_rooms
    link(alice, title).click()
    expect(alice.page.locator("h1 .name")).to_have_text(title)
    alice.page.go_back()
    expect(alice.page.locator("h1 .name")).to_have_text("Lobby")
    expect(link(alice, "Lobby")).to_have_attribute("aria-current", "page")
    expect(alice.page).to_have_title("Lobby · chatsite")
    alice.page.go_forward()
    expect(alice.page.locator("h1 .name")).to_have_text(title)
    bob.say("still here")
    expect(alice.message("still here")).to_be_visible()
    assert is_same_page(alice)


def test_coming_back_leads_to_where_the_reader_was(filled, visit):
    alice, _address = filled(200)
    alice.page.evaluate(_WATCH)
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = 300 }")
    expect(alice.page.locator("#message-131")).to_be_attached()
    top = """() => [...document.querySelectorAll(".message")].find((row) =>
      row.getBoundingClientRect().bottom > document.getElementById("scroller").getBoundingClientRect().top + 1).id"""
    before = alice.page.evaluate(top)
    link(alice, "Lobby").click()
    expect(alice.page.locator("h1 .name")).to_have_text("Lobby")
    alice.page.go_back()
    expect(alice.page.locator(f"#{before}")).to_be_in_viewport()
    assert alice.page.evaluate(top) == before
    assert is_same_page(alice)


def test_what_is_written_in_one_room_stays_there(two_rooms):
    alice, bob, _address, title = two_rooms
    alice.page.locator("#text").fill("a draft for the lobby")
    link(alice, title).click()
    expect(alice.page.locator("h1 .name")).to_have_text(title)
    expect(alice.page.locator("#text")).to_have_value("")
    alice.say("for bob")
    expect(bob.message("for bob")).to_be_visible()
    alice.page.go_back()
    expect(alice.page.locator("#text")).to_have_value("a draft for the lobby")
    expect(alice.message("for bob")).to_have_count(0)


@pytest.mark.proof
def test_a_late_answer_of_a_room_that_was_left_is_dropped(two_rooms):
    alice, _bob, address, title = two_rooms
    held = []
    alice.page.route(f"**{address}", lambda route: held.append(route))
    link(alice, title).click()
    alice.page.wait_for_function("() => navigation.transition !== null")
    link(alice, "Lobby").click()
    expect(alice.page).to_have_url(re.compile("/rooms/lobby/$"))
    for route in held:
        route.fulfill(json={"title": "late", "boot": {}})
    alice.say("in the lobby")
    expect(alice.page.locator("h1 .name")).to_have_text("Lobby")
    assert is_same_page(alice)


@pytest.mark.proof
def test_whoever_stops_a_room_from_opening_is_in_the_one_on_the_page(two_rooms):
    alice, bob, address, title = two_rooms
    lobby = "/rooms/lobby/"

    def stop(set_out, path):
        alice.page.route(f"**{path}", lambda route: None)
        set_out()
        alice.page.wait_for_function("() => navigation.transition !== null")
        alice.page.evaluate("window.stop()")
        alice.page.unroute(f"**{path}")

    stop(link(alice, title).click, address)
    expect(alice.page).to_have_url(re.compile(f"{lobby}$"))
    alice.page.go_forward()
    expect(alice.page.locator("h1 .name")).to_have_text(title)
    stop(lambda: alice.page.evaluate("history.back()"), lobby)
    expect(alice.page).to_have_url(re.compile(f"{address}$"))
    bob.say("you stay")
    expect(alice.message("you stay")).to_be_visible()
    # The history is as it was.
    alice.page.go_back()
    expect(alice.page.locator("h1 .name")).to_have_text("Lobby")
    assert is_same_page(alice)


@pytest.mark.proof
def test_without_a_network_the_open_room_stays_with_what_is_written(two_rooms):
    alice, _bob, _address, title = two_rooms
    alice.page.locator("#text").fill("for later")
    alice.context.set_offline(True)
    alice.is_plain = False
    link(alice, title).click()
    expect(alice.page).to_have_url(re.compile("/rooms/lobby/$"))
    expect(alice.page.locator("#status")).to_contain_text("You're offline")
    expect(alice.page.locator("#text")).to_have_value("for later")
    alice.context.set_offline(False)
    link(alice, title).click()
    expect(alice.page.locator("h1 .name")).to_have_text(title)
    assert is_same_page(alice)


@pytest.mark.proof
def test_a_room_as_a_newer_release_draws_it_comes_with_a_page_of_that_release(two_rooms):
    alice, _bob, address, title = two_rooms

    def deploy(route):
        if route.request.headers["accept"] == "application/json":
            answer = route.fetch()
            route.fulfill(response=answer, json=answer.json() | {"script": "/static/newer/chat/app/router.js"})
        else:
            route.continue_()

    alice.page.route(f"**{address}", deploy)
    with alice.page.expect_event("domcontentloaded"):
        link(alice, title).click()
    expect(alice.page.locator("h1 .name")).to_have_text(title)


def test_a_message_that_comes_while_a_room_is_being_opened_is_there_once(two_rooms):
    alice, bob, address, title = two_rooms

    def say_and_go_on(route):
        answer = route.fetch()
        bob.say("between the answer and the page")
        expect(link(alice, title).locator(".badge")).to_have_text("1")
        route.fulfill(response=answer)

    alice.page.route(f"**{address}", say_and_go_on)
    link(alice, title).click()
    expect(alice.page.locator("h1 .name")).to_have_text(title)
    expect(alice.message("between the answer and the page")).to_have_count(1)
    bob.say("later")
    expect(alice.message("later")).to_have_count(1)
    assert is_same_page(alice)


def test_a_first_word_to_somebody_is_written_without_a_new_page(visit):
    alice, bob = visit("alice"), visit("bob")
    bob.go("/rooms/lobby/")
    bob.say("hello all")
    alice.go("/rooms/lobby/")
    alice.page.evaluate(_WATCH)
    alice.message("hello all").locator(".sender").click()
    expect(alice.page.locator("h1 .name")).to_have_text(bob.nickname)
    expect(link(alice, bob.nickname)).to_have_attribute("aria-current", "page")
    alice.say("hello you")
    expect(link(bob, alice.nickname)).to_be_visible()
    expect(alice.page.locator("#directs li[data-room]")).to_have_count(1)
    link(bob, alice.nickname).click()
    expect(bob.message("hello you")).to_be_visible()
    assert is_same_page(alice)


def test_a_room_that_one_is_not_in_is_previewed_in_place(visit):
    alice, bob = visit("alice"), visit("bob")
    address = alice.new_room(f"Open house of {alice.nickname}", "public")
    alice.say("come in")
    bob.go("/rooms/lobby/")
    bob.page.evaluate(_WATCH)
    bob.page.evaluate("address => navigation.navigate(address)", address)
    expect(bob.page.get_by_role("button", name="Join room")).to_be_visible()
    expect(bob.message("come in")).to_be_visible()
    assert is_same_page(bob)


def test_a_room_that_does_not_exist_is_answered_by_a_page(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    alice.page.evaluate("navigation.navigate('/rooms/no-such-room/')")
    expect(alice.page.locator("#timeline")).to_have_count(0)
    expect(alice.page.locator("main h1")).to_be_visible()
    assert not is_same_page(alice)
    alice.faults.clear()


def test_without_the_navigation_api_a_link_loads_the_page(visit, room):
    alice, bob = visit("alice"), visit("bob")
    alice.page.add_init_script("Object.defineProperty(globalThis, 'navigation', { value: undefined })")
    room(alice, bob)
    title = alice.page.locator(".room-name .name").inner_text()
    alice.go("/rooms/lobby/")
    alice.page.evaluate("window.isSamePage = true")
    link(alice, title).click()
    expect(alice.page.locator("h1 .name")).to_have_text(title)
    assert not is_same_page(alice)
    Talk(alice, bob).round()


def test_on_a_narrow_page_the_drawer_closes_with_the_choice(visit):
    alice = visit("alice", viewport=NARROW)
    alice.new_room(f"Attic of {alice.nickname}", "private")
    alice.page.evaluate(_WATCH)
    alice.page.get_by_role("button", name="Rooms and direct messages").click()
    link(alice, "Lobby").click()
    expect(alice.page.locator("h1 .name")).to_have_text("Lobby")
    expect(alice.page.locator("#sidebar")).to_be_hidden()
    assert is_same_page(alice)
