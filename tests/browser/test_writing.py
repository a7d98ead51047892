"""The box to write in."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW


@pytest.fixture
def box(visit, room):
    alice = visit("alice")
    room(alice)
    alice.box = alice.page.get_by_label("Message", exact=True)
    return alice


def test_enter_sends_and_shift_enter_makes_a_line(box):
    box.box.press_sequentially("one")
    box.box.press("Shift+Enter")
    box.box.press_sequentially("two")
    box.box.press("Enter")
    expect(box.page.locator(".message .body")).to_have_text(["one\ntwo"])
    expect(box.box).to_have_value("")


def test_the_enter_that_ends_a_word_of_an_input_method_does_not_send(box):
    box.box.press_sequentially("nihao")
    for sign in ({"isComposing": True}, {"keyCode": 229}):
        box.box.dispatch_event("keydown", {"key": "Enter", "bubbles": True, "cancelable": True, **sign})
    expect(box.box).to_have_value("nihao")
    expect(box.page.locator(".message")).to_have_count(0)
    box.box.press("Enter")
    expect(box.message("nihao")).to_have_count(1)


def test_a_key_of_an_input_method_closes_no_reply_and_moves_no_focus(box):
    box.say("Tea?")
    box.say("Or coffee?")
    row = box.page.locator("#message-2")
    row.hover()
    row.get_by_role("button", name="Reply").click()
    row.locator(".when").focus()
    for sign in ({"isComposing": True}, {"keyCode": 229}):
        box.box.dispatch_event("keydown", {"key": "Escape", "bubbles": True, "cancelable": True, **sign})
        row.locator(".when").dispatch_event("keydown", {"key": "ArrowUp", "bubbles": True, **sign})
    expect(box.page.locator("#replying")).to_be_visible()
    expect(row.locator(".when")).to_be_focused()
    box.box.press("Escape")
    expect(box.page.locator("#replying")).to_be_hidden()


def test_spaces_alone_are_not_sent(box):
    box.box.fill("  \n ")
    expect(box.page.get_by_role("button", name="Send")).to_be_disabled()
    box.box.press("Enter")
    box.say("words")
    expect(box.page.locator(".message .body")).to_have_text(["words"])


def test_too_many_characters_are_refused_and_nothing_is_lost(box):
    box.box.fill("😀" * 10_001)
    expect(box.page.locator("#composer-hint")).to_have_text("1 character over the limit")
    expect(box.page.get_by_role("button", name="Send")).to_be_disabled()
    box.box.press("Enter")
    expect(box.page.locator(".message")).to_have_count(0)
    box.box.fill("😀" * 10_000)
    expect(box.page.get_by_role("button", name="Send")).to_be_enabled()
    expect(box.page.locator("#composer-hint")).to_have_text("0 characters left")
    box.box.press("Enter")
    expect(box.page.locator(".message:not(.pending) .body")).to_have_text("😀" * 10_000)


def test_a_draft_is_kept_for_each_room(box):
    box.box.fill("half a thought")
    here = box.page.url
    box.go("/rooms/lobby/")
    expect(box.box).to_have_value("")
    box.go(here)
    expect(box.box).to_have_value("half a thought")
    box.box.press("Enter")
    expect(box.page.locator(".message:not(.pending)")).to_have_count(1)
    box.page.reload()
    expect(box.box).to_have_value("")


def test_a_reply_that_is_being_written_is_one_after_a_reload(box):
    box.say("Tea or coffee?")
    box.page.locator("#message-1").hover()
    box.page.locator("#message-1").get_by_role("button", name="Reply").click()
    box.box.fill("Tea")
    box.page.reload()
    box.wait_until_live()
    expect(box.page.locator(".replying-to")).to_have_text(f"Reply to {box.nickname}: Tea or coffee?")
    box.box.press("Enter")
    expect(box.message("Tea").locator(".quote a")).to_have_text("Tea or coffee?")
    expect(box.page.locator(".pending")).to_have_count(0)
    box.page.reload()
    expect(box.page.locator("#replying")).to_be_hidden()


def test_a_name_and_a_line_keep_their_own_direction_above_a_reply(visit):
    dana = visit("דנה")
    dana.go(f"/people/{dana.nickname}/")
    dana.say("שלום, world!")
    dana.page.locator("#message-1").hover()
    dana.page.locator("#message-1").get_by_role("button", name="Reply").click()
    expect(dana.page.locator("#replying bdi")).to_have_text([dana.nickname, "שלום, world!"])


def test_on_a_touch_screen_enter_makes_a_line_and_the_button_sends(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.go(f"/people/{alice.nickname}/")
    field = alice.page.get_by_label("Message", exact=True)
    field.press_sequentially("one")
    field.press("Enter")
    field.press_sequentially("two")
    alice.page.get_by_role("button", name="Send").tap()
    expect(alice.page.locator(".message .body")).to_have_text(["one\ntwo"])


def test_a_refused_message_says_why_and_can_be_retried_or_deleted(visit, room, line):
    alice = visit("alice")
    its_line = line(alice)
    room(alice)
    refusal = {"type": "error", "code": "bad_room", "detail": "Not like that.", "frame": "post"}
    its_line.answers = lambda frame: refusal | {"client_id": frame["client_id"]} if frame["type"] == "post" else None
    alice.say("first")
    alice.say("second")
    expect(alice.page.locator(".failed .reason")).to_have_text(["Not like that."] * 2)
    alice.page.reload()
    expect(alice.page.locator(".failed .reason")).to_have_text(["Not like that."] * 2)
    alice.message("first").get_by_role("button", name="Delete").click()
    expect(alice.message("first")).to_have_count(0)
    its_line.answers = lambda frame: None
    alice.message("second").get_by_role("button", name="Retry").click()
    expect(alice.page.locator(".message:not(.pending):not(.failed)")).to_have_count(1)
    alice.page.reload()
    alice.wait_until_live()
    expect(alice.page.locator(".message .body")).to_have_text(["second"])


def test_words_for_a_room_that_one_was_removed_from_are_shown_wherever_one_is(visit, line):
    alice, bob = visit("alice"), visit("bob")
    address = alice.new_room("Cellar", kind="private")
    alice.submit(f"{address}members/", nickname=bob.nickname)
    its_line = line(bob)
    bob.go(address)
    its_line.cut()
    bob.say("my best idea\nin two lines")
    expect(bob.page.locator(".pending")).to_have_count(1)
    alice.submit(f"{address}members/remove/", nickname=bob.nickname)
    its_line.is_cut = False
    bob.go("/rooms/lobby/")
    leftover = bob.page.locator(".leftover")
    expect(leftover).to_contain_text("Not sent to “Cellar”: my best idea")
    bob.page.reload()
    expect(leftover).to_have_count(1)
    leftover.get_by_role("button", name="Delete").click()
    expect(leftover).to_have_count(0)
    bob.page.reload()
    bob.wait_until_live()
    expect(leftover).to_have_count(0)


def test_words_of_who_is_no_member_stay_and_are_not_to_be_sent_again_in_vain(visit, room, line):
    alice, bob = visit("alice"), visit("bob")
    address = room(bob)
    refusal = {"type": "error", "code": "not_a_member", "detail": "You're not a member of this room.", "frame": "post"}
    its_line = line(alice)
    its_line.answers = lambda frame: refusal | {"client_id": frame["client_id"]} if frame["type"] == "post" else None
    alice.join_room(address)
    alice.say("too late")
    row = alice.message("too late")
    expect(row.locator(".reason")).to_have_text("You're not a member of this room.")
    expect(row.get_by_role("button", name="Delete")).to_be_visible()
    expect(row.get_by_role("button", name="Retry")).to_be_hidden()
    # A member again: now it can work.
    alice.page.reload()
    expect(row.get_by_role("button", name="Retry")).to_be_visible()
    alice.submit(f"{address}leave/")
    alice.page.reload()
    expect(row.get_by_role("button", name="Delete")).to_be_visible()
    expect(row.get_by_role("button", name="Retry")).to_be_hidden()


def test_a_box_that_was_closed_says_so_beside_what_was_being_written(visit):
    alice, bob = visit("alice"), visit("bob")
    address = alice.new_room(f"Loft of {alice.nickname}", "private")
    alice.submit(f"{address}members/", nickname=bob.nickname)
    bob.go(address)
    box = bob.page.get_by_label("Message", exact=True)
    box.fill("half a sent")
    alice.submit(f"{address}members/remove/", nickname=bob.nickname)
    expect(box).to_be_disabled()
    for name in ("Formatting", "Emoji", "Send"):
        expect(bob.page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    expect(bob.page.locator("#composer-hint")).to_have_text("You're no longer in this room.")
    expect(bob.page.locator(".box")).to_have_css("border-style", "dashed")
    expect(box).to_have_value("half a sent")
