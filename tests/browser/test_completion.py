"""Names of people, of rooms and of emoji are completed in the message box."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import Looks
from tests.browser.visitors import NARROW


@pytest.fixture
def pair(visit, room):
    """Alice and bob in a room of their own; alice writes."""
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    alice.page.locator("#here").get_by_text(bob.nickname, exact=True).wait_for()
    alice.box = alice.page.get_by_label("Message", exact=True)
    return alice, bob


def options(person):
    return person.page.get_by_role("option")


def selected(person):
    return person.page.locator("[role=option][aria-selected=true]")


def test_a_name_is_completed_by_the_keyboard_alone(pair):
    alice, bob = pair
    alice.box.press_sequentially("hi @bo")
    expect(selected(alice)).to_contain_text(bob.nickname)
    expect(alice.box).to_have_attribute("aria-activedescendant", "suggestion-0")
    alice.box.press("Enter")
    expect(alice.box).to_have_value(f"hi @{bob.nickname} ")
    expect(options(alice)).to_have_count(0)
    expect(alice.page.locator(".message")).to_have_count(0)
    alice.box.press_sequentially("there")
    expect(options(alice)).to_have_count(0)
    alice.box.press("Enter")
    expect(bob.message(f"hi @{bob.nickname} there")).to_be_visible()


def test_arrows_choose_tab_inserts_and_undo_brings_back_what_was_typed(pair):
    alice, bob = pair
    alice.box.press_sequentially("@")
    expect(options(alice).first).to_contain_text(bob.nickname)
    # The owner of a public room can name everybody.
    expect(options(alice)).to_have_count(3)
    alice.box.press("ArrowDown")
    expect(selected(alice)).to_contain_text("here")
    alice.box.press("ArrowUp")
    alice.box.press("ArrowUp")
    expect(selected(alice)).to_contain_text("all")
    alice.box.press("Tab")
    expect(alice.box).to_have_value("@all ")
    expect(alice.box).to_be_focused()
    alice.box.press("Control+z")
    expect(alice.box).to_have_value("@")


def test_escape_closes_the_list_alone_and_it_stays_closed_there(pair):
    alice, _ = pair
    alice.say("Tea?")
    alice.page.locator("#message-1").hover()
    alice.page.locator("#message-1").get_by_role("button", name="Reply").click()
    alice.box.press_sequentially("@b")
    expect(options(alice)).not_to_have_count(0)
    alice.box.press("Escape")
    expect(options(alice)).to_have_count(0)
    expect(alice.page.locator("#replying")).to_be_visible()
    alice.box.press_sequentially("o")
    expect(options(alice)).to_have_count(0)
    alice.box.press("Escape")
    expect(alice.page.locator("#replying")).to_be_hidden()
    alice.box.press_sequentially("b, @b")
    expect(options(alice)).not_to_have_count(0)


def test_somebody_who_is_not_in_the_room_comes_last_and_is_marked(pair, visit):
    alice, _ = pair
    carol = visit("bonnie")
    alice.box.press_sequentially("@bo")
    outsider = options(alice).filter(has_text=carol.nickname)
    expect(outsider).to_contain_text("Not in this room")
    expect(options(alice).first).not_to_contain_text("Not in this room")


def test_a_chinese_name_is_found_by_pinyin_and_by_initials(visit, room):
    alice, ming = visit("alice"), visit("小明")
    room(alice, ming)
    box = alice.page.get_by_label("Message", exact=True)
    for typed in ("xiaom", "xm"):
        box.fill("")
        box.press_sequentially(f"@{typed}")
        expect(options(alice).first).to_contain_text(ming.nickname)
        box.press("Enter")
        expect(box).to_have_value(f"@{ming.nickname} ")


def test_an_input_method_is_left_alone_and_what_it_wrote_is_completed(visit, room):
    alice, ming = visit("alice"), visit("小明")
    room(alice, ming)
    box = alice.page.get_by_label("Message", exact=True)
    box.press_sequentially("@")
    expect(options(alice)).not_to_have_count(0)
    session = alice.page.context.new_cdp_session(alice.page)
    session.send("Input.imeSetComposition", {"text": "xiao", "selectionStart": 4, "selectionEnd": 4})
    expect(box).to_have_value("@xiao")
    expect(options(alice)).to_have_count(0)
    for key in ("Enter", "ArrowDown"):
        box.dispatch_event("keydown", {"key": key, "keyCode": 229, "bubbles": True, "cancelable": True})
    expect(box).to_have_value("@xiao")
    session.send("Input.insertText", {"text": "小"})
    expect(box).to_have_value("@小")
    expect(options(alice).first).to_contain_text(ming.nickname)
    box.press("Enter")
    expect(box).to_have_value(f"@{ming.nickname} ")


def test_a_tap_inserts_a_name_and_the_box_keeps_the_focus(visit, room):
    alice, bob = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True), visit("bob")
    room(alice, bob)
    box = alice.page.get_by_label("Message", exact=True)
    box.tap()
    box.press_sequentially("@bo")
    expect(options(alice)).not_to_have_count(0)
    place = alice.page.locator("#text-suggestions").bounding_box()
    assert place["y"] >= 0
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= NARROW["width"]
    assert place["width"] > 0.85 * NARROW["width"]
    assert place["y"] + place["height"] <= box.bounding_box()["y"]
    options(alice).first.tap()
    expect(box).to_have_value(f"@{bob.nickname} ")
    expect(box).to_be_focused()


def test_public_rooms_are_completed_after_a_hash_and_private_ones_are_not(pair):
    alice, _ = pair
    title = f"Quiet loft of {alice.nickname}"
    alice.submit("/rooms/new/", title=title, topic="", kind="private")
    alice.box.press_sequentially("see #lob")
    expect(options(alice)).to_have_text(["#Lobby"])
    alice.box.press("Enter")
    expect(alice.box).to_have_value("see #Lobby ")
    alice.box.press_sequentially("#quiet lof")
    expect(options(alice)).to_have_count(0)


def test_short_codes_become_emoji(pair):
    alice, _ = pair
    alice.box.press_sequentially("so :tad")
    expect(options(alice).first).to_contain_text("🎉")
    alice.box.press("Enter")
    expect(alice.box).to_have_value("so 🎉")
    alice.box.press_sequentially(" :smile:")
    expect(alice.box).to_have_value("so 🎉 😄")
    alice.box.press_sequentially(" at 12:30, http://ab.example `:tada:`")
    expect(options(alice)).to_have_count(0)
    expect(alice.box).to_have_value("so 🎉 😄 at 12:30, http://ab.example `:tada:`")


def test_an_answer_that_comes_late_moves_nothing_that_is_selected(pair, visit):
    alice, bob = pair
    held = []
    alice.page.route("**/completion/people/**", lambda route: held.append(route))
    alice.box.press_sequentially("@")
    expect(selected(alice)).to_contain_text(bob.nickname)
    while not held:
        alice.page.wait_for_timeout(10)
    held[0].continue_()
    expect(options(alice)).to_have_count(3)
    expect(selected(alice)).to_contain_text(bob.nickname)


def test_without_an_answer_the_people_in_sight_are_completed_all_the_same(pair):
    alice, bob = pair
    alice.page.route("**/completion/**", lambda route: route.abort())
    alice.box.press_sequentially("@bo")
    expect(selected(alice)).to_contain_text(bob.nickname)
    alice.box.press("Enter")
    expect(alice.box).to_have_value(f"@{bob.nickname} ")


def test_the_other_person_of_a_direct_room_is_completed(visit):
    alice, bob = visit("alice"), visit("bob")
    alice.go(f"/people/{bob.nickname}/")
    alice.page.get_by_label("Message", exact=True).press_sequentially("@")
    expect(options(alice)).to_have_count(1)
    expect(options(alice)).to_contain_text(bob.nickname)


def test_a_long_list_scrolls_to_what_is_selected_and_its_length_is_said(pair):
    alice, _ = pair
    alice.box.press_sequentially(":fac")
    expect(options(alice)).to_have_count(12)
    expect(alice.page.locator("#announcer")).to_contain_text("12 suggestions")
    alice.box.press("ArrowUp")
    expect(options(alice).last).to_have_attribute("aria-selected", "true")
    expect(options(alice).last).to_be_in_viewport()


def test_the_list_closes_when_the_caret_leaves_the_name_and_when_the_focus_goes(pair):
    alice, _ = pair
    alice.box.press_sequentially("hello @bo")
    expect(options(alice)).not_to_have_count(0)
    alice.box.press("Home")
    expect(options(alice)).to_have_count(0)
    alice.box.press("End")
    alice.box.press("b")
    expect(options(alice)).not_to_have_count(0)
    alice.box.blur()
    expect(options(alice)).to_have_count(0)


def test_axe_finds_nothing_in_the_open_list_and_the_toolbar(visit, room):
    alice, bob = visit("alice", reduced_motion="reduce"), visit("bob")
    room(alice, bob)
    looks = Looks()
    alice.page.get_by_label("Message", exact=True).press_sequentially("@")
    expect(options(alice)).to_have_count(3)
    looks.at(alice.page, "suggestions")
    assert not looks.faults, "\n".join(looks.faults)


def test_a_name_that_is_written_in_full_is_sent_by_one_enter(pair):
    alice, bob = pair
    alice.box.press_sequentially("see #Lobb")
    expect(options(alice).first).to_contain_text("Lobby")
    alice.box.press("y")
    expect(options(alice).first).to_contain_text("Lobby")
    alice.box.press("Enter")
    expect(bob.message("see #Lobby")).to_have_count(1)
    expect(options(alice)).to_have_count(0)
