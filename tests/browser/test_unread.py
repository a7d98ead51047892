"""New messages, read messages, and their counts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.scrolling import FILL, LAST
from tests.browser.visitors import NARROW, SHOW_OR_HIDE


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


@pytest.mark.proof
def test_more_news_than_fit_are_unread_until_their_end_is_seen(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    bob.go("/rooms/lobby/")
    alice.say_all(f"news {number}" for number in range(40))
    badge = bob.page.locator("#rooms li", has_text="Room ").locator(".badge")
    expect(badge).to_have_text("40")
    bob.go(address)
    expect(bob.message("news 0")).to_be_in_viewport()
    left = 40 - bob.page.evaluate(LAST)
    assert 0 < left < 40
    expect(badge).to_have_text(str(left))
    bob.page.get_by_role("button", name=f"{left} new messages").click()
    expect(bob.message("news 39")).to_be_in_viewport()
    expect(badge).to_be_hidden()


@pytest.mark.proof
def test_more_news_than_a_page_holds_are_read_from_their_beginning(visit, room, site):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    bob.go("/rooms/lobby/")
    slug = address.rstrip("/").rsplit("/", 1)[1]
    site.manage("shell", "-c", FILL.format(nickname=alice.nickname, slug=slug, count=130))
    bob.go(address)
    badge = bob.page.locator("#rooms li", has_text="Room ").locator(".badge")
    expect(bob.page.locator("#message-1")).to_be_in_viewport()
    expect(bob.page.get_by_text("New messages", exact=True)).to_be_in_viewport()
    expect(badge).to_have_text("99+")
    bob.page.get_by_role("button", name=f"{130 - bob.page.evaluate(LAST)} new messages").click()
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


def test_what_came_while_the_page_was_hidden_is_read_only_when_it_was_in_sight(filled, visit):
    alice, address = filled(60)
    bob = visit("bob")
    bob.join_room(address)
    alice.page.evaluate(SHOW_OR_HIDE, True)
    bob.say_all(f"line {number}" for number in range(25))
    expect(alice.message("line 24")).to_be_attached()
    alice.page.evaluate(SHOW_OR_HIDE, False)
    expect(alice.message("line 0")).to_be_in_viewport()
    left = 85 - alice.page.evaluate(LAST)
    assert 0 < left < 25
    expect(alice.page.get_by_role("button", name=f"{left} new messages")).to_be_visible()
    alice.page.locator("#scroller").evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(alice.page.get_by_role("button", name="new messages")).to_be_hidden()
    expect(alice.page).to_have_title(re.compile("^Room"))


@pytest.mark.proof
def test_what_comes_under_an_open_drawer_is_not_read(visit, room):
    alice, bob = visit("alice"), visit("bob", viewport=NARROW)
    room(alice, bob)
    bob.page.get_by_role("button", name="Rooms and direct messages").click()
    alice.say("under the drawer")
    expect(bob.page).to_have_title(re.compile(r"^\(1\) "))
    bob.page.get_by_role("button", name="Close").click()
    expect(bob.page).to_have_title(re.compile("^Room"))
    expect(bob.message("under the drawer").locator(".divider.unread")).to_be_visible()


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
