"""Lines break, servers restart, pages are closed too early. Nothing is lost, and nothing comes twice."""

import re

import pytest
from playwright.sync_api import expect

# From now on, of all that the page shows.
# But for the list of people: somebody else may come or go meanwhile.
_NOTE_SHIFTS = """() => {
  window.shifts = []
  const isOfTalk = ({ sources }) => sources.some(({ node }) => !node?.parentElement?.closest("#people"))
  const add = (list) => window.shifts.push(...list.getEntries().filter(isOfTalk).map(({ value }) => value))
  new PerformanceObserver(add).observe({ type: "layout-shift" })
}"""


def test_who_was_offline_comes_back_without_gap_and_without_double(visit, room, line):
    alice, bob = visit("alice"), visit("bob")
    bobs_line = line(bob)
    room(alice, bob)
    alice.say("before")
    expect(bob.message("before")).to_be_visible()
    bobs_line.cut()
    expect(bob.page.get_by_text("Reconnecting…")).to_be_visible()
    for number in range(5):
        alice.say(f"while away {number}")
    bob.say("written offline")
    expect(bob.page.locator(".pending .body")).to_have_text(["written offline"])
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(6)
    bobs_line.mend()
    expected = ["before", *(f"while away {number}" for number in range(5)), "written offline"]
    for person in (alice, bob):
        expect(person.page.locator(".message:not(.pending) .body")).to_have_text(expected)
        expect(person.page.locator(".message")).to_have_count(7)
    expect(bob.page.locator("#status")).to_be_hidden()


def test_an_unsent_message_survives_a_reload_and_arrives_once(visit, room, line):
    alice, bob = visit("alice"), visit("bob")
    bobs_line = line(bob)
    room(alice, bob)
    bobs_line.cut()
    expect(bob.page.locator("#status[data-key=lost]")).to_be_visible()
    bob.say("one")
    bob.say("two")
    expect(bob.page.locator(".pending")).to_have_count(2)
    bob.page.reload()
    expect(bob.page.locator(".pending .body")).to_have_text(["one", "two"])
    bobs_line.mend()
    for person in (alice, bob):
        expect(person.page.locator(".message:not(.pending) .body")).to_have_text(["one", "two"])
    bob.page.reload()
    bob.wait_until_live()
    expect(bob.page.locator(".message .body")).to_have_text(["one", "two"])


def test_an_unsent_message_leaves_from_whatever_page_is_open_next(visit, room, line):
    alice, bob = visit("alice"), visit("bob")
    bobs_line = line(bob)
    room(alice, bob)
    bobs_line.cut()
    bob.say("on its way")
    expect(bob.page.locator(".pending")).to_have_count(1)
    bob.page.goto("/rooms/lobby/")
    expect(bob.page.locator("#timeline").get_by_text("on its way")).to_have_count(0)
    bobs_line.mend()
    expect(alice.message("on its way")).to_have_count(1)


def test_a_message_whose_ack_was_lost_is_shown_and_stored_once(visit, room, line):
    alice, bob = visit("alice"), visit("bob")
    bobs_line = line(bob)
    room(alice, bob)
    bobs_line.keeps = lambda frame: frame["type"] in ("ack", "message")
    bob.say("did it arrive?")
    expect(alice.message("did it arrive?")).to_have_count(1)
    expect(bob.page.locator(".pending")).to_have_count(1)
    bobs_line.cut()
    bobs_line.keeps = lambda frame: False
    bobs_line.mend()
    expect(bob.page.locator(".pending")).to_have_count(0)
    bob.say("yes")
    for person in (alice, bob):
        expect(person.page.locator(".message:not(.pending) .body")).to_have_text(["did it arrive?", "yes"])


def test_a_message_that_comes_before_its_ack_takes_the_place_of_the_pending_one(visit, room, line):
    alice = visit("alice")
    its_line = line(alice)
    room(alice)
    its_line.keeps = lambda frame: frame["type"] == "ack"
    for text in ("one", "two"):
        alice.say(text)
    expect(alice.page.locator(".message:not(.pending) .body")).to_have_text(["one", "two"])
    expect(alice.page.locator(".message")).to_have_count(2)
    assert its_line.posts() == ["one", "two"]


@pytest.mark.proof
@pytest.mark.parametrize("refused", ["history", pytest.param("sync", marks=pytest.mark.proof)])
def test_a_lost_event_is_found_at_once_by_the_next_one(visit, room, line, refused):
    """Two ways lead to it, the page of history that lacks and a sync; either is enough."""
    alice, bob = visit("alice"), visit("bob")
    bobs_line = line(bob)
    room(alice, bob)
    bobs_line.answers = lambda frame: {"type": "of no use"} if frame["type"] == refused else None
    bobs_line.keeps = lambda frame: frame["type"] == "message" and frame["message"]["body"] == "lost" and not lost
    lost: list[str] = []
    alice.say("lost")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    lost.append("once is enough")
    alice.say("found")
    expect(bob.page.locator(".message .body")).to_have_text(["lost", "found"])


@pytest.mark.proof
def test_who_writes_before_the_last_words_have_come_stays_on_the_page(visit, room, line):
    alice, bob = visit("alice"), visit("bob")
    bobs_line = line(bob)
    room(alice, bob)
    bob.page.evaluate("window.stays = true")
    bobs_line.answers = lambda frame: {"type": "of no use"} if frame["type"] in ("sync", "history") else None
    bobs_line.keeps = lambda frame: frame["type"] == "message" and frame["message"]["body"] == "late"
    alice.say("late")
    alice.say("in time")
    expect(bob.page).to_have_title(re.compile(r"^\(2\)"))
    bob.say("meanwhile")
    expect(alice.page.locator(".message .body")).to_have_text(["late", "in time", "meanwhile"])
    bobs_line.answers = bobs_line.keeps = lambda frame: None
    bobs_line.cut()
    bobs_line.mend()
    expect(bob.page.locator(".message:not(.pending) .body")).to_have_text(["late", "in time", "meanwhile"])
    assert bob.page.evaluate("window.stays")


def test_a_restart_of_the_server_passes_by_itself(visit, room, site):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    site.stop()
    try:
        expect(alice.page.get_by_text("Reconnecting…")).to_be_visible()
        alice.say("into the dark")
        expect(alice.page.locator(".pending")).to_have_count(1)
    finally:
        site.start()
    for person in (alice, bob):
        expect(person.message("into the dark")).to_have_count(1)
    expect(alice.page.locator(".pending")).to_have_count(0)


def test_a_dead_line_is_noticed_though_nobody_closed_it(visit, room, line):
    alice = visit("alice")
    its_line = line(alice)
    alice.page.clock.install()
    room(alice)
    # Until then the page doubts its transport, and would choose another.
    its_line.wait_until(lambda: its_line.synced > 0)
    opened, synced = its_line.opened, its_line.synced
    its_line.keeps = lambda frame: its_line.opened == opened
    its_line.answers = lambda frame: {"type": "unknown to all pages"} if frame["type"] != "sync" else None
    alice.page.clock.fast_forward(26_000)
    alice.page.clock.fast_forward(36_000)
    its_line.wait_until(lambda: its_line.synced > synced)
    assert its_line.opened == opened + 1


def test_messages_written_offline_are_announced_as_kept_and_nothing_moves(visit, room):
    alice = visit("alice")
    room(alice)
    alice.page.evaluate(_NOTE_SHIFTS)
    place = alice.page.locator(".columns").bounding_box()
    alice.context.set_offline(True)
    expect(alice.page.locator("#status")).to_have_text("You're offline. We'll send your messages when you're back.")
    assert alice.page.locator(".columns").bounding_box() == place
    alice.context.set_offline(False)
    expect(alice.page.locator("#status")).to_be_hidden()
    assert alice.page.evaluate("shifts") == []


def test_a_signed_out_page_says_so_and_stays_quiet(visit, line):
    alice = visit("alice")
    its_line = line(alice)
    alice.go("/rooms/lobby/")
    other_tab = alice.context.new_page()
    other_tab.goto("/sign-out/")
    other_tab.get_by_role("button", name="Sign out").click()
    other_tab.wait_for_url("**/")
    expect(alice.page.locator("#status")).to_contain_text("You're signed out.")
    expect(alice.page.get_by_label("Message", exact=True)).to_have_count(0)
    opened = its_line.opened
    alice.page.evaluate("dispatchEvent(new Event('online'))")
    alice.page.get_by_role("link", name="Go to home page").click()
    expect(alice.page.get_by_label("Nickname")).to_be_visible()
    assert its_line.opened == opened


def test_nothing_is_sent_in_the_name_of_who_signs_in_next(visit, line):
    alice = visit("alice")
    its_line = line(alice)
    alice.go("/rooms/lobby/")
    its_line.cut()
    alice.say("only alice says this")
    expect(alice.page.locator(".pending")).to_have_count(1)
    # In a way that no page of this browser hears of.
    alice.submit("/sign-out/")
    other_tab = alice.context.new_page()
    other_tab.goto("/")
    other_tab.get_by_label("Nickname").fill(f"not {alice.nickname}")
    other_tab.get_by_role("button", name="Join", exact=True).click()
    other_tab.wait_for_url("**/rooms/lobby/")
    its_line.mend()
    expect(alice.page.locator(".me .name")).to_have_text(f"not {alice.nickname}")
    alice.wait_until_live()
    assert its_line.posts() == []


def test_who_is_removed_from_a_room_is_told(visit):
    alice, bob = visit("alice"), visit("bob")
    address = alice.new_room(f"Den of {alice.nickname}", "private")
    bob.go("/rooms/lobby/")
    alice.page.get_by_label("Add someone").fill(bob.nickname)
    alice.page.get_by_role("button", name="Add", exact=True).click()
    expect(bob.page.locator("#rooms li", has_text="Den of").locator(".badge")).to_have_text("new")
    bob.go(address)
    alice.go(address)
    alice.page.locator(".person", has_text=bob.nickname).hover()
    alice.page.get_by_role("button", name=f"Remove {bob.nickname}").click()
    alice.page.get_by_role("button", name="Remove from room", exact=True).click()
    expect(bob.page.locator("#status")).to_contain_text("You're no longer in this room.")
    expect(bob.page.get_by_label("Message", exact=True)).to_be_disabled()
    expect(bob.page.locator("#rooms li", has_text="Den of")).to_have_count(0)
    panel = bob.page.get_by_role("complementary", name="People")
    expect(panel).to_have_text("Only members can see who's online.", use_inner_text=True)
    bob.page.get_by_role("button", name="Room menu").click()
    expect(bob.page.get_by_role("button", name="Leave room")).to_have_count(0)
