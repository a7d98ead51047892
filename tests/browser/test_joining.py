"""Coming in, and going."""

import pytest
from playwright.sync_api import expect

_JOIN = {"name": "Join", "exact": True}


def test_a_taken_nickname_is_kept_in_the_field_and_a_free_one_offered(visit):
    alice, guest = visit("alice"), visit()
    taken = alice.nickname.upper()
    guest.page.goto("/")
    guest.page.get_by_label("Nickname").fill(taken)
    guest.page.get_by_role("button", **_JOIN).click()
    expect(guest.page.get_by_role("alert")).to_contain_text("taken")
    expect(guest.page.get_by_label("Nickname")).to_have_value(taken)
    guest.page.get_by_role("button", name="Use ").click()
    guest.page.wait_for_url("**/rooms/lobby/")
    expect(guest.page.locator(".me .name")).to_have_text(f"{taken}2")
    guest.faults.clear()  # The browser notes the 422 of the form as an error.


def test_what_cannot_be_a_nickname_is_said_and_kept(visit):
    guest = visit()
    for typed, complaint in (("", "Enter a nickname"), ("   ", "Enter a nickname"), ("a<b>c", "<"), ("x" * 33, "32")):
        guest.page.goto("/")
        guest.page.get_by_label("Nickname").fill(typed)
        guest.page.get_by_role("button", **_JOIN).click()
        expect(guest.page.get_by_role("alert")).to_contain_text(complaint)
        expect(guest.page.get_by_label("Nickname")).to_have_value(typed)
    guest.faults.clear()


def test_a_link_to_a_room_leads_there_after_joining(visit, room):
    alice, guest = visit("alice"), visit()
    address = room(alice)
    guest.page.goto(address)
    guest.page.get_by_label("Nickname").fill(f"{alice.nickname} 二")
    guest.page.get_by_role("button", **_JOIN).click()
    guest.page.wait_for_url(f"**{address}")
    expect(guest.page.get_by_role("button", name="Join room")).to_be_visible()


def test_signing_out_asks_and_says_what_it_means(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    alice.page.get_by_role("link", name="Sign out").click()
    expect(alice.page.get_by_text(f"You can't come back as {alice.nickname}.")).to_be_visible()
    alice.page.get_by_role("link", name="Stay").click()
    alice.wait_until_live()
    alice.page.get_by_role("link", name="Sign out").click()
    alice.page.get_by_role("button", name="Sign out").click()
    expect(alice.page.get_by_label("Nickname")).to_be_visible()


def test_without_javascript_the_page_says_what_is_needed_and_can_be_read(visit, room):
    alice = visit("alice")
    address = room(alice)
    alice.say("readable by all")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    reader = visit(java_script_enabled=False)
    reader.context.add_cookies(alice.context.cookies())
    reader.page.goto(address)
    needed = reader.page.locator("noscript p")
    expect(needed).to_be_visible()
    expect(needed).to_contain_text("chatsite needs JavaScript")
    expect(reader.page.get_by_text("readable by all")).to_be_visible()
    expect(reader.page.get_by_label("Message", exact=True)).to_be_disabled()
    expect(reader.page.get_by_text("Loading older messages")).to_have_count(0)


@pytest.mark.proof
def test_somebody_who_is_away_is_found_by_name(visit):
    alice, bob = visit("alice"), visit("bob")
    alice.go("/rooms/lobby/")
    alice.page.get_by_role("link", name="New message").click()
    alice.page.get_by_role("searchbox", name="Nickname").fill(bob.nickname[1:])
    alice.page.keyboard.press("Enter")
    expect(alice.page.get_by_text("Offline", exact=True)).to_be_visible()
    alice.page.get_by_role("link", name=bob.nickname).click()
    alice.wait_until_live()
    alice.say("are you there?")
    bob.go(f"/people/{alice.nickname}/")
    expect(bob.message("are you there?")).to_be_visible()


@pytest.mark.proof
def test_who_cannot_be_added_is_named_until_it_is_right_and_the_notice_can_be_closed(visit):
    alice = visit("alice")
    bob = visit("bob")
    alice.new_room("Cellar", kind="private")
    field = alice.page.get_by_label("Add someone")
    field.fill("nobody of that name")
    field.press("Enter")
    refusal = alice.page.get_by_role("alert")
    expect(refusal).to_have_text("No one here is called “nobody of that name”.")
    expect(field).to_have_value("nobody of that name")
    alice.wait_until_live()
    alice.page.reload()
    expect(field).to_have_value("")
    expect(refusal).to_have_count(0)
    field.fill(bob.nickname)
    field.press("Enter")
    notice = alice.page.get_by_text(f"{bob.nickname} is in “Cellar” now.")
    expect(notice).to_be_visible()
    alice.page.locator(".notice").get_by_role("button", name="Close").click()
    expect(notice).to_have_count(0)


def test_rooms_are_listed_joined_and_left(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice)
    title = alice.page.get_by_role("heading", level=1).inner_text()
    bob.go("/rooms/lobby/")
    bob.page.get_by_role("link", name="Browse rooms").click()
    bob.page.get_by_role("button", name=f"Join {title}", exact=True).click()
    bob.wait_until_live()
    bob.say("here I am")
    expect(alice.message("here I am")).to_be_visible()
    bob.page.get_by_role("button", name="Room menu").click()
    bob.page.get_by_role("button", name="Leave room").click()
    expect(bob.page.get_by_text(f"You left “{title}”.")).to_be_visible()


@pytest.mark.proof
def test_a_preview_can_be_read_and_not_written(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice)
    alice.say("look inside")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    bob.go(address)
    expect(bob.message("look inside")).to_be_visible()
    expect(bob.page.get_by_label("Message", exact=True)).to_have_count(0)
    bob.page.get_by_role("button", name="Join room").click()
    expect(bob.page.get_by_label("Message", exact=True)).to_be_enabled()


def test_an_unknown_person_is_a_clear_error(visit):
    alice = visit("alice")
    alice.page.goto("/people/nobody-of-that-name/")
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("No one here has that name")
    expect(alice.page.get_by_role("link", name="Back to chat")).to_be_visible()
    alice.faults.clear()


def test_who_could_not_be_added_is_typed_anew_at_once(visit):
    alice = visit("alice")
    alice.new_room(f"Shed of {alice.nickname}", "private")
    field = alice.page.get_by_label("Add someone")
    field.fill("nobody here")
    field.press("Enter")
    expect(alice.page.get_by_role("alert")).to_be_visible()
    alice.wait_until_live()
    expect(field).to_have_value("nobody here")
    expect(field).to_be_focused()
