"""People name each other, rooms and everybody, and learn who has not been told."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import WIDE


@pytest.fixture
def two(visit, room):
    """Alice, who owns a room of their own, and bob in it; its address."""
    alice, bob = visit("alice"), visit("bob")
    return alice, bob, room(alice, bob)


def _mark(person, address):
    return person.page.locator(f'#rooms a[href="{address}"] .mention-mark')


def _row(person, text):
    return person.message(text)


def _said(person, text):
    """The message with this text, stored."""
    message = person.page.locator("#timeline > .message:not(.pending)").filter(has_text=text)
    message.wait_for()
    return message


def test_who_is_named_sees_it_live_and_on_a_fresh_page(two):
    alice, bob, _ = two
    alice.say(f"ask @{bob.nickname} now")
    own = _said(bob, "ask").locator(".mention.to-me")
    expect(own).to_have_text(f"@{bob.nickname}")
    expect(_said(bob, "ask")).to_contain_class("names-me")
    expect(_said(alice, "ask").locator(".mention:not(.to-me)")).to_have_text(f"@{bob.nickname}")
    expect(_said(alice, "ask")).not_to_contain_class("names-me")
    live = _said(bob, "ask").locator(".body").inner_html()
    bob.page.reload()
    expect(_said(bob, "ask")).to_contain_class("names-me")
    assert _said(bob, "ask").locator(".body").inner_html() == live


def test_a_room_in_which_one_was_named_is_marked_until_that_is_read(two):
    alice, bob, address = two
    bob.go("/rooms/lobby/")
    alice.say("words")
    expect(bob.page.locator(f'#rooms a[href="{address}"] .badge')).to_have_text("1")
    expect(_mark(bob, address)).to_be_hidden()
    alice.say("@here")
    expect(_mark(bob, address)).to_be_visible()
    expect(bob.page.locator("#announcer")).to_contain_text("You were mentioned in")
    bob.page.reload()
    expect(_mark(bob, address)).to_be_visible()
    bob.page.locator(f'#rooms a[href="{address}"]').click()
    expect(_said(bob, "@here")).to_contain_class("names-me")
    expect(_mark(bob, address)).to_be_hidden()


def test_an_edit_names_and_names_no_more(two):
    alice, bob, address = two
    bob.go("/rooms/lobby/")
    alice.say("words")
    _said(alice, "words")
    for text, is_marked in ((f"@{bob.nickname}", True), ("nobody", False)):
        alice.page.get_by_label("Message", exact=True).press("ArrowUp")
        alice.say(text)
        expect(_mark(bob, address)).to_be_visible(visible=is_marked)


def test_names_lead_to_people_and_rooms_in_place(two):
    alice, bob, _ = two
    alice.say(f"@{bob.nickname} come to #Lobby")
    alice.page.evaluate("window.isSame = true")
    _said(alice, "come to").get_by_role("link", name=f"@{bob.nickname}").click()
    alice.page.wait_for_url(f"**/people/{bob.nickname.replace(' ', '%20')}/")
    expect(alice.page.locator("#room-title")).to_contain_text(bob.nickname)
    alice.page.go_back()
    _said(alice, "come to").get_by_role("link", name="#Lobby").click()
    alice.page.wait_for_url("**/rooms/lobby/")
    expect(alice.page.locator("#room-title")).to_contain_text("Lobby")
    assert alice.page.evaluate("window.isSame")


def test_names_lead_on_without_scripts(two, browser):
    alice, bob, address = two
    alice.say(f"@{bob.nickname}")
    _said(alice, bob.nickname)
    context = browser.new_context(
        base_url=alice.url, storage_state=alice.context.storage_state(), java_script_enabled=False, viewport=WIDE
    )
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name=f"@{bob.nickname}").click()
    page.wait_for_url(f"**/people/{bob.nickname.replace(' ', '%20')}/")
    context.close()


def test_the_writer_learns_who_is_not_in_a_public_room_and_can_write_to_them(two, visit):
    alice, _, _ = two
    carol = visit("carol")
    alice.say(f"where is @{carol.nickname}")
    note = _said(alice, "where is").locator(".absent")
    expect(note).to_contain_text(f"{carol.nickname} isn't in this room")
    expect(alice.page.locator("#announcer")).to_contain_text("isn't in this room")
    note.get_by_role("button", name="Close").click()
    expect(note).to_have_count(0)
    alice.say(f"really, @{carol.nickname}?")
    _said(alice, "really").locator(".absent").get_by_role("link").click()
    alice.page.wait_for_url(f"**/people/{carol.nickname.replace(' ', '%20')}/")


def test_somebody_who_is_named_is_added_to_a_private_room(visit):
    alice, carol = visit("alice"), visit("carol")
    alice.new_room(f"Den of {alice.nickname}", "private")
    carol.go("/rooms/lobby/")
    alice.say(f"where is @{carol.nickname}")
    _said(alice, "where is").get_by_role("button", name=f"Add {carol.nickname}").click()
    expect(alice.page.locator("#notices")).to_contain_text(f"{carol.nickname} is in")
    expect(carol.page.locator("#rooms")).to_contain_text(f"Den of {alice.nickname}")
    expect(carol.page.locator(".mention-mark:visible")).to_have_count(0)


def test_who_may_not_name_everybody_learns_that(two):
    alice, bob, _ = two
    bob.say("@all hello")
    expect(_said(bob, "@all hello").locator(".absent")).to_contain_text("You can't use @all")
    expect(_said(alice, "@all hello")).not_to_contain_class("names-me")


def test_a_few_emoji_alone_are_large(two):
    alice, bob, _ = two
    alice.say("🎉 👍")
    alice.say("party 🎉")
    large = _said(bob, "🎉 👍").locator(".large-emoji")
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    assert large.evaluate(size) > 1.5 * _said(bob, "party").locator(".body").evaluate(size)
    expect(bob.page.locator(".large-emoji")).to_have_count(1)
