"""Several tabs of one person."""

import pytest
from playwright.sync_api import expect


@pytest.mark.proof
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


@pytest.fixture
def tabs(visit):
    """The message boxes of two tabs of a room, and their person."""
    alice = visit("alice")
    address = alice.new_room(f"Tabs of {alice.nickname}")
    other = alice.context.new_page()
    alice.go(address, other)
    return alice, *(page.get_by_label("Message", exact=True) for page in (alice.page, other))


def test_a_draft_shows_in_the_other_tab_and_is_gone_there_when_it_was_sent(tabs):
    alice, one, other = tabs
    one.fill("from the first")
    expect(other).to_have_value("from the first")
    one.fill("from the first, longer")
    expect(other).to_have_value("from the first, longer")
    other.press("Enter")
    expect(one).to_have_value("")
    one.press("Enter")
    expect(alice.page.locator(".message:not(.pending) .body")).to_have_text(["from the first, longer"])


@pytest.mark.proof
def test_a_word_from_one_tab_takes_nothing_away_from_a_long_text_in_the_other(tabs):
    alice, one, other = tabs
    one.fill("a long text")
    expect(other).to_have_value("a long text")
    other.fill("word")
    other.press("Enter")
    expect(alice.message("word")).to_have_count(1)
    expect(one).to_have_value("a long text")
    expect(other).to_have_value("")
    # Neither does a reload, nor a text that is deleted elsewhere.
    alice.page.reload()
    expect(one).to_have_value("a long text")
    other.fill("a long text")
    other.fill("")
    one.press("Enter")
    expect(alice.message("a long text")).to_have_count(1)
    alice.page.reload()
    alice.wait_until_live()
    expect(one).to_have_value("")


def test_a_draft_belongs_to_its_person_whatever_they_are_called(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    alice.page.get_by_label("Message", exact=True).fill("mine")
    keys = alice.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))")
    you = alice.page.evaluate("JSON.parse(document.getElementById('boot').textContent)")
    assert keys == [f"chatsite draft #{you['you']['id']}: room {you['room']['id']}"]
