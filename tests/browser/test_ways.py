"""Proxies that let no WebSocket through, or no stream, or nothing for long. Who sits behind one notices nothing."""

import contextlib
import re
import time

import pytest
from playwright.sync_api import Route, expect

from tests.browser.proxy import Proxy
from tests.browser.talk import Talk, wait_for_way

_NETWORK_IS_BACK = "dispatchEvent(new Event('online'))"
_SHOW_OR_HIDE = """isHidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden })
  document.dispatchEvent(new Event("visibilitychange"))
}"""
_REMEMBER = "localStorage.setItem('chatsite way', JSON.stringify({ way: '%s', at: Date.now() - %d * 3_600_000 }))"
# The strip waits for a second before it says anything, and a busy machine may take longer to come back.
_PATIENT = "{ const wait = setTimeout; setTimeout = (act, ms) => wait(act, ms === 1000 ? 5000 : ms) }"
_NO_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied') } })"
_REMEMBERED = "JSON.parse(localStorage.getItem('chatsite way'))?.way"

SPOILS = {
    "socket": {},
    "stream": {"refuses_upgrades": True},
    "poll": {"refuses_upgrades": True, "keeps_streams": True},
}
"""What a proxy does with which this way is the best that is left."""


@pytest.fixture
def behind(visit, site):
    """Somebody behind a proxy of their own, `bob.proxy`: `behind("bob", refuses_upgrades=True)`."""
    with contextlib.ExitStack() as stack:

        def come(name: str, **spoils):
            proxy = stack.enter_context(Proxy(site, **spoils).running())
            visitor = visit(name, url=proxy.url)
            visitor.proxy = proxy
            return visitor

        yield come


@pytest.fixture
def gather(room):
    """A room with these people in it, the first of whom owns it; each on the way that is the best for them."""

    def meet(*people, ways) -> Talk:
        address = room(people[0])
        for person in people[1:]:
            person.submit(f"{address}join/")
            person.set_out(address)
        for person, way in zip(people, ways, strict=True):
            wait_for_way(person.page, way)
        talk = Talk(*people)
        talk.watch()
        return talk

    return meet


@pytest.mark.parametrize(
    ("spoils", "way"),
    [
        pytest.param({}, "socket", marks=pytest.mark.proof),
        ({"refuses_upgrades": True}, "stream"),
        pytest.param({"swallows_frames": True}, "stream", marks=pytest.mark.proof),
        pytest.param({"refuses_upgrades": True, "keeps_streams": True}, "poll", marks=pytest.mark.proof),
        pytest.param({"swallows_frames": True, "keeps_streams": True}, "poll", marks=pytest.mark.proof),
    ],
)
def test_people_talk_by_whatever_way_a_proxy_leaves(visit, behind, gather, spoils, way):
    alice, bob = visit("alice"), behind("bob", **spoils)
    talk = gather(alice, bob, ways=["socket", way])
    for writer, reader in ((alice, bob), (bob, alice)):
        writer.page.get_by_label("Message", exact=True).press_sequentially("hm")
        expect(reader.page.locator("#typing")).to_have_text(f"{writer.nickname} is typing…")
    for _ in range(3):
        talk.round()
    talk.expect_whole()
    assert talk.noticed() == []
    assert bob.page.evaluate(_REMEMBERED) == way


@pytest.mark.parametrize("way", ["stream", "poll"])
def test_private_words_go_every_way(visit, behind, way):
    alice, bob = visit("alice"), behind("bob", **SPOILS[way])
    bob.set_out(f"/people/{alice.nickname}/")
    wait_for_way(bob.page, way)
    alice.go(f"/people/{bob.nickname}/")
    talk = Talk(alice, bob)
    talk.say(alice)
    expect(bob.page.locator(".message")).to_have_count(1)
    talk.say(bob)
    expect(alice.page.locator(".message")).to_have_count(2)
    talk.round()
    talk.expect_whole()
    assert bob.page.evaluate("document.body.dataset.way") == way


@pytest.mark.parametrize("arrives", [False, True])
def test_a_post_whose_request_fails_is_stored_once_and_in_its_order(visit, behind, gather, arrives):
    alice, bob = visit("alice"), behind("bob", **SPOILS["stream"])
    talk = gather(alice, bob, ways=["socket", "stream"])
    posts: list[str] = []

    def fail_once(route: Route) -> None:
        found = re.findall(r'"client_id":"(\w+)"', route.request.post_data)
        is_first = bool(found) and not posts
        posts.extend(found)
        if not is_first:
            route.continue_()
            return
        if arrives:
            route.fetch()
        route.abort()

    bob.page.route("**/live/send*", fail_once)
    talk.say(bob, 2)
    talk.expect_whole()
    assert len(set(posts)) == 2
    assert posts.count(posts[0]) == 2 or arrives
    assert talk.noticed() == []


@pytest.mark.proof
@pytest.mark.parametrize(("before", "after"), [("socket", "stream"), ("stream", "poll"), ("socket", "poll")])
def test_a_way_that_closes_is_left_for_the_next(visit, behind, gather, before, after):
    alice, bob = visit("alice"), behind("bob", **SPOILS[before])
    talk = gather(alice, bob, ways=["socket", before])
    talk.round()
    bob.proxy.spoil(**SPOILS[after])
    talk.say(bob)
    bob.proxy.cut()
    for _ in range(3):
        talk.round()
    wait_for_way(bob.page, after)
    talk.round()
    talk.expect_whole()
    assert not [sight for sight in talk.noticed() if sight != "Reconnecting…"]


@pytest.mark.proof
@pytest.mark.parametrize(("before", "after"), [("stream", "socket"), ("poll", "socket"), ("poll", "stream")])
def test_a_page_climbs_back_and_nobody_notices(visit, behind, gather, before, after):
    alice, bob = visit("alice"), behind("bob", **SPOILS[before])
    talk = gather(alice, bob, ways=["socket", before])
    bob.proxy.spoil(**SPOILS[after])
    talk.say(bob)
    bob.page.evaluate(_NETWORK_IS_BACK)
    talk.say(bob)
    while bob.page.evaluate("document.body.dataset.way") != after:
        talk.round()
    wait_for_way(bob.page, after)
    talk.round()
    talk.expect_whole()
    assert talk.noticed() == []
    assert bob.page.evaluate(_REMEMBERED) == after


@pytest.mark.proof
def test_a_page_climbs_back_by_itself_within_two_minutes(behind, gather):
    bob = behind("bob", **SPOILS["stream"])
    bob.page.clock.install()
    talk = gather(bob, ways=["stream"])
    bob.proxy.spoil(**SPOILS["socket"])
    bob.page.clock.fast_forward(95_000)
    wait_for_way(bob.page, "socket")
    talk.round()
    talk.expect_whole()


@pytest.mark.proof
def test_lines_that_are_cut_every_ten_seconds_feel_unbroken(visit, behind, gather):
    ways = ["socket", "stream", "poll"]
    alice, people = visit("alice"), [behind(f"bob by {way}", **SPOILS[way], lifetime=10) for way in ways]
    for person in (alice, *people):
        person.context.add_init_script(_PATIENT)
    talk = gather(alice, *people, ways=["socket", *ways])
    until = time.monotonic() + 25
    while time.monotonic() < until:
        talk.round()
    talk.expect_whole()
    assert talk.noticed() == []
    assert [person.page.evaluate("document.body.dataset.way") for person in people] == ways
    assert all(person.proxy.cuts >= 2 for person in people)


def test_a_way_that_has_worked_may_fail_once_to_come_back(visit, behind, gather):
    alice, bob = visit("alice"), behind("bob", **SPOILS["stream"])
    talk = gather(alice, bob, ways=["socket", "stream"])
    tries: list[str] = []
    polls: list[str] = []

    def fail_once(route: Route) -> None:
        tries.append(route.request.url)
        route.abort() if len(tries) == 1 else route.continue_()

    bob.page.route("**/live/stream*", fail_once)
    bob.page.on("request", lambda request: "/live/poll" in request.url and polls.append(request.url))
    bob.proxy.cut()
    with bob.page.expect_response("**/live/stream*"):
        talk.round()
    wait_for_way(bob.page, "stream")
    talk.round()
    talk.expect_whole()
    assert (len(tries), polls) == (2, [])


@pytest.mark.parametrize(
    ("end", "way"),
    [
        ("stop", "stream"),
        pytest.param("stop", "poll", marks=pytest.mark.proof),
        pytest.param("kill", "stream", marks=pytest.mark.proof),
        pytest.param("kill", "poll", marks=pytest.mark.proof),
    ],
)
def test_a_restart_of_the_server_passes_by_on_every_way(visit, behind, gather, site, way, end):
    alice, bob = visit("alice"), behind("bob", **SPOILS[way])
    talk = gather(alice, bob, ways=["socket", way])
    talk.round()
    getattr(site, end)()
    try:
        talk.round()
        for person in (alice, bob):
            expect(person.page.get_by_text("Reconnecting…")).to_be_visible(timeout=10_000)
        talk.round()
    finally:
        site.start()
    talk.expect_whole()
    wait_for_way(bob.page, way)
    wait_for_way(alice.page, "socket")


def test_what_worked_is_taken_at_once_on_the_next_page(behind):
    bob = behind("bob", swallows_frames=True)
    bob.go("/rooms/lobby/")
    assert bob.proxy.upgrades == 1
    bob.page.reload()
    wait_for_way(bob.page, "stream")
    assert bob.proxy.upgrades == 1


@pytest.mark.proof
def test_what_worked_is_forgotten_after_a_day(behind):
    bob = behind("bob")
    bob.page.goto("/rooms/")
    bob.page.evaluate(_REMEMBER % ("poll", 23))
    bob.set_out("/rooms/lobby/")
    wait_for_way(bob.page, "poll")
    # From a page that does not talk, and so has nothing to remember by itself.
    bob.page.goto("/rooms/")
    bob.page.evaluate(_REMEMBER % ("poll", 25))
    bob.set_out("/rooms/lobby/")
    wait_for_way(bob.page, "socket")


def test_without_a_storage_every_page_finds_its_way_anew(behind):
    bob = behind("bob", **SPOILS["stream"])
    bob.context.add_init_script(_NO_STORAGE)
    for tries in (1, 2):
        bob.set_out("/rooms/lobby/")
        wait_for_way(bob.page, "stream")
        assert bob.proxy.upgrades == tries


def test_a_hidden_page_keeps_no_line_open_and_misses_nothing(visit, behind, gather):
    alice, bob = visit("alice"), behind("bob", **SPOILS["stream"])
    talk = gather(alice, bob, ways=["socket", "stream"])
    bob.page.evaluate(_SHOW_OR_HIDE, True)
    wait_for_way(bob.page, "poll")
    talk.say(alice, 3)
    expect(bob.page.locator(".message")).to_have_count(3, timeout=15_000)
    talk.say(alice)
    bob.page.evaluate(_SHOW_OR_HIDE, False)
    wait_for_way(bob.page, "stream")
    talk.round()
    talk.expect_whole()
    assert talk.noticed() == []
    assert bob.page.evaluate(_REMEMBERED) == "stream"


@pytest.mark.proof
def test_more_tabs_than_a_browser_has_connections_hear_everything(visit, behind, gather):
    """Chromium opens six to a site, like all browsers: six streams, and a seventh tab would not even load."""
    alice, bob = visit("alice"), behind("bob", **SPOILS["stream"])
    talk = gather(alice, bob, ways=["socket", "stream"])
    tabs = [bob.page]
    for _ in range(3):
        tabs += [bob.context.new_page() for _ in range(2)]
        for tab in tabs[-2:]:
            bob.set_out(bob.page.url, tab)
            wait_for_way(tab, "stream")
        for tab in tabs:
            tab.evaluate(_SHOW_OR_HIDE, True)
        for tab in tabs:
            wait_for_way(tab, "poll")
    talk.say(alice)
    for tab in tabs:
        expect(tab.locator(".message")).to_have_count(1)


def test_a_server_that_is_down_is_no_reason_to_leave_a_way(visit, room, site):
    alice = visit("alice")
    room(alice)
    other_ways: list[str] = []
    alice.page.on("request", lambda request: "/live/" in request.url and other_ways.append(request.url))
    site.kill()
    try:
        for _ in range(3):
            alice.page.wait_for_event("websocket")
    finally:
        site.start()
    alice.page.evaluate(_NETWORK_IS_BACK)  # It tries now, and not after the pause that it has come to by then.
    wait_for_way(alice.page, "socket")
    assert other_ways == []


def test_a_page_that_polls_asks_for_what_it_has_missed(visit, behind, gather):
    """Not only for what comes from now on: the room's end, which the first answer tells, is not yet the page's."""
    alice, bob = visit("alice"), behind("bob", **SPOILS["poll"])
    talk = gather(alice, bob, ways=["socket", "poll"])
    talk.round()
    talk.expect_whole()
    bob.proxy.go_down()
    expect(bob.page.get_by_text("Reconnecting…")).to_be_visible()
    talk.say(alice, 3)
    expect(alice.page.locator(".pending")).to_have_count(0)
    bob.proxy.come_back()
    with bob.page.expect_request(lambda request: "cursors" in (request.post_data or "")) as asked:
        bob.page.evaluate(_NETWORK_IS_BACK)
    assert "cursors" not in asked.value.url
    cursors = {int(room): cursor for room, cursor in asked.value.post_data_json["cursors"].items()}
    assert cursors[max(cursors)] <= 2  # Of their room; in the lobby others may have talked.
    talk.expect_whole()


@pytest.mark.proof
def test_lines_that_never_last_are_left_for_polls(visit, behind, gather):
    alice, bob = visit("alice"), behind("bob")
    talk = gather(alice, bob, ways=["socket", "socket"])
    bob.proxy.spoil(lifetime=1)
    bob.proxy.cut()
    wait_for_way(bob.page, "poll")
    talk.round()
    talk.expect_whole()


@pytest.mark.parametrize("way", ["stream", "poll"])
def test_nothing_is_heard_or_said_by_a_page_whose_person_has_signed_out(behind, way):
    bob = behind("bob", **SPOILS[way])
    bob.set_out("/rooms/lobby/")
    wait_for_way(bob.page, way)
    other_tab = bob.context.new_page()
    other_tab.goto("/sign-out/")
    other_tab.get_by_role("button", name="Sign out").click()
    other_tab.wait_for_url("**/")
    expect(bob.page.locator("#status")).to_contain_text("You are signed out.")
    expect(bob.page.get_by_label("Message", exact=True)).to_be_disabled()
    bob.faults.clear()
