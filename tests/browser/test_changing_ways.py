"""Ways that close, come back or never last, and pages that go from one to another."""

import time

import pytest
from playwright.sync_api import Route, expect

from tests.browser.talk import wait_for_way
from tests.browser.visitors import SHOW_OR_HIDE
from tests.browser.ways import NETWORK_IS_BACK, REMEMBERED, SPOILS

pytestmark = pytest.mark.proof

# The strip waits for a second before it says anything, and a busy machine may take longer to come back.
_PATIENT = "{ const wait = setTimeout; setTimeout = (act, ms) => wait(act, ms === 1000 ? 5000 : ms) }"


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
    assert talk.noticed(is_cut=True) == []


@pytest.mark.parametrize(("before", "after"), [("stream", "socket"), ("poll", "socket"), ("poll", "stream")])
def test_a_page_climbs_back_and_nobody_notices(visit, behind, gather, before, after):
    alice, bob = visit("alice"), behind("bob", **SPOILS[before])
    talk = gather(alice, bob, ways=["socket", before])
    bob.proxy.spoil(**SPOILS[after])
    talk.say(bob)
    bob.page.evaluate(NETWORK_IS_BACK)
    talk.say(bob)
    while bob.page.evaluate("document.body.dataset.transport") != after:
        talk.round()
    wait_for_way(bob.page, after)
    talk.round()
    talk.expect_whole()
    assert talk.noticed() == []
    assert bob.page.evaluate(REMEMBERED) == after


def test_a_page_climbs_back_by_itself_within_two_minutes(behind, gather):
    bob = behind("bob", **SPOILS["stream"])
    bob.page.clock.install()
    talk = gather(bob, ways=["stream"])
    bob.proxy.spoil(**SPOILS["socket"])
    bob.page.clock.fast_forward(95_000)
    wait_for_way(bob.page, "socket")
    talk.round()
    talk.expect_whole()


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
    assert [person.page.evaluate("document.body.dataset.transport") for person in people] == ways
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


def test_a_hidden_page_keeps_no_line_open_and_misses_nothing(visit, behind, gather):
    alice, bob = visit("alice"), behind("bob", **SPOILS["stream"])
    talk = gather(alice, bob, ways=["socket", "stream"])
    bob.page.evaluate(SHOW_OR_HIDE, True)
    wait_for_way(bob.page, "poll")
    talk.say(alice, 3)
    expect(bob.page.locator(".message")).to_have_count(3)
    talk.say(alice)
    bob.page.evaluate(SHOW_OR_HIDE, False)
    wait_for_way(bob.page, "stream")
    talk.round()
    talk.expect_whole()
    assert talk.noticed() == []
    assert bob.page.evaluate(REMEMBERED) == "stream"


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
            tab.evaluate(SHOW_OR_HIDE, True)
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
    alice.page.evaluate(NETWORK_IS_BACK)  # It tries now, and not after the pause that it has come to by then.
    wait_for_way(alice.page, "socket")
    assert other_ways == []


def test_lines_that_never_last_are_left_for_polls(visit, behind, gather):
    alice, bob = visit("alice"), behind("bob")
    talk = gather(alice, bob, ways=["socket", "socket"])
    bob.proxy.spoil(lifetime=1)
    bob.proxy.cut()
    wait_for_way(bob.page, "poll")
    talk.round()
    talk.expect_whole()
