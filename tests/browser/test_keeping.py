"""People pin messages, save them for later, and forward them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW


@pytest.fixture
def said(visit, room):
    """Alice and bob in a public room of alice's, in which bob has said "words" and "more words"."""
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    for text in ("words", "more words"):
        bob.say(text)
    for person in (alice, bob):
        for text in ("words", "more words"):
            person.message(text).and_(person.page.locator(":not(.pending)")).wait_for()
    return alice, bob


def _pins(person):
    return person.page.locator("#pins")


def _mark(person, text, name):
    return person.message(text).locator(f".mark-of-{name}")


def _dialog(person, name):
    return person.page.get_by_role("dialog", name=name)


def _lose_line(person):
    person.context.set_offline(True)
    expect(person.page.locator("#status")).not_to_have_attribute("data-key", "ready")


def _wait_until_saved(person, text):
    """In another tab, whose server tells it."""
    other = person.context.new_page()
    person.go(person.page.url, other)
    expect(person.message(text, other).locator(".mark-of-saved")).to_be_visible()
    other.close()


# Pins.


def test_a_pin_is_seen_by_everybody_live_and_on_a_fresh_page_and_taken_back(said):
    alice, bob = said
    expect(_pins(bob)).to_be_hidden()
    alice.take("Pin", "words")
    for person in (alice, bob):
        expect(_mark(person, "words", "pinned")).to_have_text("Pinned")
        expect(_pins(person).locator(".pins-count")).to_have_text("1")
    bob.page.reload()
    expect(_mark(bob, "words", "pinned")).to_be_visible()
    expect(_pins(bob)).to_be_visible()
    alice.take("Unpin", "words")
    for person in (alice, bob):
        expect(_mark(person, "words", "pinned")).to_have_count(0)
        expect(_pins(person)).to_be_hidden()


def test_the_list_has_the_last_pinned_first_stays_right_and_leads_to_the_message(said):
    alice, bob = said
    alice.take("Pin", "words")
    _pins(bob).click()
    dialog = _dialog(bob, "Pinned messages")
    expect(dialog.locator(".kept .body")).to_have_text(["words"])
    expect(dialog.locator(".kept-about")).to_have_text([f"Pinned by {alice.nickname}"])
    expect(dialog.get_by_role("button", name="Unpin")).to_have_count(0)
    alice.take("Pin", "more words")
    expect(dialog.locator(".kept .body")).to_have_text(["more words", "words"])
    dialog.get_by_role("link", name="Show in the room").last.click()
    expect(dialog).to_be_hidden()
    expect(bob.page.locator("#timeline > .focus .body")).to_have_text("words")


def test_the_list_unpins_for_who_may_and_closes_after_the_last(said):
    alice, _ = said
    for text in ("words", "more words"):
        alice.take("Pin", text)
    expect(_pins(alice).locator(".pins-count")).to_have_text("2")
    _pins(alice).click()
    dialog = _dialog(alice, "Pinned messages")
    dialog.get_by_role("button", name="Unpin").first.click()
    expect(dialog.locator(".kept .body")).to_have_text(["words"])
    dialog.get_by_role("button", name="Unpin").click()
    expect(dialog).to_be_hidden()
    expect(_pins(alice)).to_be_hidden()


def test_who_may_not_pin_is_not_offered_it(said):
    _, bob = said
    bob.message("words").locator(".body").click(button="right")
    expect(bob.page.locator("#message-menu").get_by_role("button", name="Save for later")).to_be_visible()
    expect(bob.page.locator("#message-menu [name=pin]")).to_be_hidden()


def test_a_pin_while_offline_is_shown_at_once_and_sent_later(said):
    alice, bob = said
    _lose_line(alice)
    alice.take("Pin", "words")
    expect(_mark(alice, "words", "pinned")).to_be_visible()
    expect(_mark(bob, "words", "pinned")).to_have_count(0)
    alice.context.set_offline(False)
    expect(_mark(bob, "words", "pinned")).to_be_visible()
    expect(_pins(alice)).to_be_visible()


def test_a_refused_pin_says_why_and_goes(said):
    alice, _ = said
    _lose_line(alice)
    alice.take("Pin", "words")
    expect(_mark(alice, "words", "pinned")).to_be_visible()
    alice.submit(f"{alice.page.url}leave/")
    alice.submit(f"{alice.page.url}join/")
    alice.context.set_offline(False)
    expect(alice.message("words").locator(".reason")).to_have_text("You can't change this message.")
    expect(_mark(alice, "words", "pinned")).to_have_count(0)
    alice.message("words").get_by_role("button", name="Discard").click()
    expect(alice.message("words").locator(".reason")).to_have_count(0)


def test_a_deletion_unpins_and_its_undoing_pins_again(said):
    alice, bob = said
    alice.take("Pin", "words")
    expect(_pins(bob)).to_be_visible()
    bob.take("Delete", "words")
    for person in (alice, bob):
        expect(_pins(person)).to_be_hidden()
    bob.page.get_by_role("button", name="Undo").click()
    for person in (alice, bob):
        expect(_mark(person, "words", "pinned")).to_be_visible()
        expect(_pins(person)).to_be_visible()


# Saved for later.


def test_what_is_saved_is_marked_in_ones_own_tabs_alone_and_found_on_its_page(said):
    alice, bob = said
    other = alice.context.new_page()
    alice.go(alice.page.url, other)
    alice.take("Save for later", "words")
    for page in (alice.page, other):
        expect(alice.message("words", page).locator(".mark-of-saved")).to_have_text("Saved for later")
    expect(_mark(bob, "words", "saved")).to_have_count(0)
    _wait_until_saved(alice, "words")
    alice.page.get_by_role("link", name="Saved", exact=True).click()
    kept = alice.page.locator(".kept")
    expect(kept.locator(".body")).to_have_text(["words"])
    kept.get_by_role("link", name="Show in the room").click()
    expect(alice.page.locator("#timeline > .focus .body")).to_have_text("words")
    alice.take("Remove from saved", "words")
    for page in (alice.page, other):
        expect(alice.message("words", page).locator(".mark-of-saved")).to_have_count(0)


def test_what_is_done_goes_at_once_also_from_the_open_room(said):
    alice, _ = said
    for text in ("words", "more words"):
        alice.take("Save for later", text)
        _wait_until_saved(alice, text)
    other = alice.context.new_page()
    other.goto("/saved/")
    expect(other.locator(".kept .body")).to_have_text(["more words", "words"])
    other.get_by_role("button", name="Done").first.click()
    expect(other.locator(".kept .body")).to_have_text(["words"])
    expect(other.get_by_role("button", name="Done")).to_be_focused()
    expect(_mark(alice, "more words", "saved")).to_have_count(0)
    other.get_by_role("button", name="Done").click()
    expect(other.get_by_role("heading", name="Nothing saved")).to_be_visible()
    expect(_mark(alice, "words", "saved")).to_have_count(0)


def test_what_is_saved_while_offline_is_shown_at_once_and_sent_later(said):
    alice, _ = said
    _lose_line(alice)
    alice.take("Save for later", "words")
    expect(_mark(alice, "words", "saved")).to_be_visible()
    alice.context.set_offline(False)
    _wait_until_saved(alice, "words")
    expect(_mark(alice, "words", "saved")).to_be_visible()


def test_what_was_done_elsewhere_while_the_line_was_lost_is_known_afterwards(said):
    alice, _ = said
    alice.take("Save for later", "words")
    _wait_until_saved(alice, "words")
    other = alice.context.new_page()
    other.goto("/saved/")
    expect(other.locator(".kept")).to_have_count(1)
    session = alice.context.new_cdp_session(alice.page)
    session.send("Network.enable")
    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {"offline": True, **offline})
    expect(alice.page.locator("#status")).to_have_attribute("data-key", re.compile("^(?!ready)"))
    other.get_by_role("button", name="Done").click()
    expect(other.get_by_role("heading", name="Nothing saved")).to_be_visible()
    session.send("Network.emulateNetworkConditions", {"offline": False, **offline})
    expect(_mark(alice, "words", "saved")).to_have_count(0)


def test_marks_are_right_when_rooms_change_in_place(said, visit):
    alice, _ = said
    alice.take("Save for later", "words")
    _wait_until_saved(alice, "words")
    alice.take("Pin", "more words")
    expect(_pins(alice)).to_be_visible()
    alice.page.get_by_role("link", name=re.compile("^Lobby")).click()
    expect(alice.page.locator("#room-title")).to_have_text("Lobby")
    expect(_pins(alice)).to_be_hidden()
    alice.page.go_back()
    expect(_mark(alice, "words", "saved")).to_be_visible()
    expect(_pins(alice).locator(".pins-count")).to_have_text("1")


# Forwarding.


def _forward(person, text, to, comment=""):
    person.take("Forward", text)
    dialog = _dialog(person, "Forward message")
    expect(dialog.get_by_label("Room or person")).to_be_focused()
    dialog.get_by_label("Room or person").fill(to)
    dialog.get_by_role("radio", name=to, exact=True).check()
    if comment:
        dialog.get_by_label("Add a comment").fill(comment)
    dialog.get_by_role("button", name="Forward").click()
    expect(dialog).to_have_count(0)


def test_a_message_is_forwarded_to_a_person_with_words_after_it_and_leads_to_its_origin(said, visit):
    alice, bob = said
    carol = visit("carol")
    bob.say("some **bold** words")
    bold = alice.message("some bold words")
    bold.wait_for()
    _forward(alice, "some bold words", carol.nickname, "Look at this.")
    expect(alice.page.locator("#composer-hint")).to_have_text(f"Forwarded to {carol.nickname}.")
    carol.go(f"/people/{alice.nickname}/")
    expect(carol.page.locator("#timeline > .message .body")).to_have_text(["some bold words", "Look at this."])
    expect(carol.page.locator("#timeline strong")).to_have_text("bold")
    mark = _mark(carol, "some bold words", "forwarded")
    expect(mark).to_have_text("Forwarded")
    mark.hover()
    expect(carol.page.locator("#tip")).to_have_text(re.compile(f"^From {bob.nickname} in “Room"))
    mark.click()
    expect(carol.page.locator("#timeline > .focus .body")).to_have_text("some bold words")
    assert carol.page.url == f"{alice.page.url}3/"


def test_what_is_forwarded_into_the_open_room_or_while_offline_is_shown_at_once(said):
    alice, bob = said
    title = alice.page.locator("#room-title").text_content()
    _lose_line(alice)
    alice.take("Forward", "words")
    dialog = _dialog(alice, "Forward message")
    # The dialog is loaded when it is first opened: without a line there is none yet.
    expect(alice.page.locator("#composer-hint")).to_have_text("That didn't work. Try again in a moment.")
    expect(dialog).to_have_count(0)
    alice.context.set_offline(False)
    alice.take("Forward", "words")
    dialog.wait_for()
    _lose_line(alice)
    dialog.get_by_role("radio", name=title, exact=True).check()
    dialog.get_by_role("button", name="Forward").click()
    copy = alice.message("words").last
    expect(copy.locator(".mark-of-forwarded")).to_be_visible()
    expect(bob.message("words")).to_have_count(1)
    alice.context.set_offline(False)
    expect(bob.message("words")).to_have_count(2)
    expect(alice.page.locator(".pending")).to_have_count(0)
    expect(alice.message("words")).to_have_count(2)
    copy.locator(".body").click(button="right")
    menu = alice.page.locator("#message-menu")
    expect(menu.get_by_role("button", name="Delete")).to_be_visible()
    expect(menu.locator("[name=edit]")).to_be_hidden()


def test_a_message_deleted_meanwhile_is_not_forwarded_and_says_so(said):
    alice, bob = said
    title = alice.page.locator("#room-title").text_content()
    alice.take("Forward", "words")
    dialog = _dialog(alice, "Forward message")
    dialog.wait_for()
    _lose_line(alice)
    dialog.get_by_role("radio", name=title, exact=True).check()
    dialog.get_by_role("button", name="Forward").click()
    bob.take("Delete", "words")
    expect(bob.page.locator(".deleted")).to_have_count(1)
    alice.context.set_offline(False)
    expect(alice.page.locator(".failed .reason")).to_have_text("This message was deleted meanwhile.")


def test_the_dialog_finds_rooms_and_people_by_letters_and_says_if_there_are_none(said):
    alice, bob = said
    alice.take("Forward", "words")
    dialog = _dialog(alice, "Forward message")
    expect(dialog.get_by_role("button", name="Forward")).to_be_disabled()
    expect(dialog.get_by_role("radio", name="Lobby", exact=True)).to_be_visible()
    search = dialog.get_by_label("Room or person")
    search.fill(bob.nickname[-4:])
    expect(dialog.get_by_role("radio", name=bob.nickname, exact=True)).to_be_visible()
    expect(dialog.get_by_role("radio", name="Lobby", exact=True)).to_have_count(0)
    search.press("Enter")
    expect(dialog).to_be_visible()
    search.fill("no such thing")
    expect(dialog.locator(".forward-none")).to_have_text("Nothing matches. Try fewer letters.")
    alice.page.keyboard.press("Escape")  # Empties the field.
    expect(dialog.get_by_role("radio", name="Lobby", exact=True)).to_be_visible()
    alice.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_on_a_phone_the_dialog_fits(visit, room):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    room(alice)
    alice.page.locator("#text").fill("words")
    alice.page.locator(".send").click()
    row = alice.message("words").and_(alice.page.locator(":not(.pending)"))
    row.wait_for()
    row.locator(".body").dispatch_event(
        "contextmenu", {"clientX": 100, "clientY": 300, "bubbles": True, "cancelable": True}
    )
    alice.page.get_by_role("button", name="Forward", exact=True).tap()
    box = _dialog(alice, "Forward message").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW["width"]
    assert box["y"] + box["height"] <= NARROW["height"]
