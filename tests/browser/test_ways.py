"""Proxies that let no WebSocket through, or no stream. Who sits behind one notices nothing."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.talk import Talk, wait_for_way
from tests.browser.ways import NETWORK_IS_BACK, REMEMBERED, SPOILS


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
    assert bob.page.evaluate(REMEMBERED) == way


@pytest.mark.proof
def test_a_transport_whose_modules_do_not_come_is_asked_for_again(visit, behind, gather):
    alice, bob = visit("alice"), behind("bob", **SPOILS["stream"])
    asked: list[Route] = []

    def fail_twice(route: Route) -> None:
        asked.append(route)
        if len(asked) <= 2:
            route.abort()
        else:
            route.continue_()

    bob.page.route("**/transports/sending.js", fail_twice)
    talk = gather(alice, bob, ways=["socket", "stream"])
    assert len(asked) > 2
    talk.round()
    talk.expect_whole()


@pytest.mark.parametrize("way", ["stream", pytest.param("poll", marks=pytest.mark.proof)])
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
    assert bob.page.evaluate("document.body.dataset.transport") == way


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
    assert talk.noticed(is_cut=True) == []


@pytest.mark.proof
@pytest.mark.parametrize("way", ["stream", "poll"])
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_of_the_server_passes_by_on_every_way(visit, behind, gather, site, way, end):
    alice, bob = visit("alice"), behind("bob", **SPOILS[way])
    talk = gather(alice, bob, ways=["socket", way])
    talk.round()
    getattr(site, end)()
    try:
        talk.round()
        for person in (alice, bob):
            expect(person.page.get_by_text("Reconnecting…")).to_be_visible()
        talk.round()
    finally:
        site.start()
    talk.expect_whole()
    wait_for_way(bob.page, way)
    wait_for_way(alice.page, "socket")


@pytest.mark.proof
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
        bob.page.evaluate(NETWORK_IS_BACK)
    assert "cursors" not in asked.value.url
    cursors = {int(room): cursor for room, cursor in asked.value.post_data_json["cursors"].items()}
    assert cursors[max(cursors)] <= 2  # Of their room; in the lobby others may have talked.
    talk.expect_whole()


@pytest.mark.parametrize("way", ["stream", pytest.param("poll", marks=pytest.mark.proof)])
def test_nothing_is_heard_or_said_by_a_page_whose_person_has_signed_out(behind, way):
    bob = behind("bob", **SPOILS[way])
    bob.set_out("/rooms/lobby/")
    wait_for_way(bob.page, way)
    other_tab = bob.context.new_page()
    other_tab.goto("/sign-out/")
    other_tab.get_by_role("button", name="Sign out").click()
    other_tab.wait_for_url("**/")
    expect(bob.page.locator("#status")).to_contain_text("You're signed out.")
    expect(bob.page.get_by_label("Message", exact=True)).to_have_count(0)
    bob.faults.clear()
