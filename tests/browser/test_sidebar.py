"""The sidebar: what stands first in it, and that it is at hand on every page."""

from playwright.sync_api import expect

from tests.browser.visitors import NARROW


def test_a_room_moves_up_when_something_is_said_in_it_but_not_from_under_the_pointer(visit, room):
    alice, bob = visit("alice"), visit("bob")
    first = room(alice, bob)
    room(alice, bob)
    bob.go("/rooms/lobby/")
    # The lobby is everybody's: others may be talking in it.
    names = bob.page.locator("#rooms .name", has_text="Room ")
    alice.go(first)
    [second, one] = names.all_text_contents()
    bob.page.get_by_role("link", name="Browse rooms").hover()
    alice.say("hello")
    entry = bob.page.locator("#rooms li", has_text=one)
    expect(entry.locator(".badge")).to_have_text("1")
    expect(names).to_have_text([second, one])
    # By mouse and by keyboard, whichever leaves last.
    entry.get_by_role("link").focus()
    bob.page.mouse.move(700, 300)
    alice.say("again")
    expect(entry.locator(".badge")).to_have_text("2")
    expect(names).to_have_text([second, one])
    bob.page.get_by_label("Message", exact=True).focus()
    expect(names).to_have_text([one, second])
    bob.page.reload()
    expect(names).to_have_text([one, second])


def test_on_a_phone_pages_beside_the_rooms_lead_back_and_an_error_stands_at_its_field(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    title = f"Kiln of {alice.nickname}"
    alice.submit("/rooms/new/", title=title, topic="", kind="private")
    alice.page.goto("/settings/")
    alice.page.get_by_role("button", name="Rooms and direct messages").tap()
    expect(alice.page.locator(".sidebar").get_by_role("link", name="Settings")).to_have_attribute(
        "aria-current", "page"
    )
    alice.page.locator("#rooms a", has_text=title).tap()
    alice.wait_until_live()
    alice.page.get_by_role("button", name="People in this room").tap()
    field = alice.page.get_by_label("Add someone")
    field.fill("nobody at all")
    alice.page.get_by_role("button", name="Add", exact=True).tap()
    refusal = alice.page.get_by_role("alert")
    expect(refusal).to_have_text("No one here is called “nobody at all”.")
    expect(refusal).to_be_in_viewport()
    expect(field).to_be_focused()
    expect(field).to_have_value("nobody at all")
