"""People react to messages with emoji, and write them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW

_CATALOGUE = re.compile("/emoji/[0-9a-f]+$")

_REACT_WITH_TWENTY = """
from chat.actions.changes import React, change_messages
from chat.models import Message, Profile

person = Profile.objects.get(nickname="{nickname}")
message = Message.objects.get(sender__nickname="{sender}")
emoji = "😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓"
change_messages([React(person.pk, one, message.room_id, message.number, one, True) for one in emoji])
"""


@pytest.fixture
def said(visit, room):
    """Alice and bob in a room of their own, in which alice has said "words"."""
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    alice.say("words")
    for person in (alice, bob):
        person.message("words").and_(person.page.locator(":not(.pending)")).wait_for()
    return alice, bob


def _reaction(person, emoji):
    return person.message("words").locator(f'.reaction[value="{emoji}"]')


def _pick(person, word):
    """Opens the picker by the bar at the message, and looks for an emoji."""
    person.message("words").hover()
    person.page.get_by_role("button", name="React", exact=True).click()
    search = person.page.get_by_label("Search emoji")
    expect(search).to_be_focused()
    search.fill(word)
    return search


def test_a_reaction_is_seen_by_everybody_live_and_on_a_fresh_page_and_taken_back_by_a_click(said):
    alice, bob = said
    _pick(bob, "tada").press("Enter")
    for person in (alice, bob):
        expect(_reaction(person, "🎉")).to_have_text("🎉 1")
    expect(_reaction(bob, "🎉")).to_have_attribute("aria-pressed", "true")
    expect(_reaction(alice, "🎉")).to_have_attribute("aria-pressed", "false")
    _reaction(alice, "🎉").click()
    for person in (alice, bob):
        expect(_reaction(person, "🎉")).to_have_text("🎉 2")
    alice.page.reload()
    expect(_reaction(alice, "🎉")).to_have_text("🎉 2")
    expect(_reaction(alice, "🎉")).to_have_attribute("aria-pressed", "true")
    for person in (alice, bob):
        _reaction(person, "🎉").click()
    for person in (alice, bob):
        expect(_reaction(person, "🎉")).to_have_count(0)


def test_after_a_reaction_the_bar_goes_on_with_the_pointer(said):
    alice, bob = said
    bob.say("more words")
    expect(alice.message("more words")).to_be_visible()
    _pick(alice, "tada").press("Enter")
    expect(_reaction(alice, "🎉")).to_be_visible()
    alice.message("more words").hover()
    expect(alice.message("more words").locator(".message-bar")).to_be_visible()


def test_one_learns_who_has_reacted_by_pointing_and_by_the_right_button(said):
    alice, bob = said
    _pick(bob, "heart").press("Enter")
    chip = alice.message("words").locator(".reaction")
    chip.hover()
    expect(alice.page.locator("#tip")).to_have_text(bob.nickname)
    chip.click(button="right")
    dialog = alice.page.get_by_role("dialog", name="Reactions")
    expect(dialog.locator(".reacted-names")).to_have_text(bob.nickname)
    alice.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_menu_has_those_picked_last_for_one_click(said):
    alice, _ = said
    _pick(alice, "rocket").press("Enter")
    expect(_reaction(alice, "🚀")).to_be_visible()
    alice.message("words").locator(".body").click(button="right")
    quick = alice.page.locator("#message-menu .quick")
    expect(quick).to_have_count(6)
    expect(quick.first).to_have_text("🚀")
    quick.nth(1).click()
    expect(_reaction(alice, "👍")).to_be_visible()
    expect(alice.page.locator("#message-menu")).to_be_hidden()


def test_the_keyboard_alone_finds_one_and_comes_back_to_the_message(said):
    alice, _ = said
    alice.page.keyboard.press("Shift+Tab")
    row = alice.message("words").locator(".row")
    row.focus()
    alice.page.keyboard.press("Enter")
    expect(alice.page.get_by_role("button", name="Reply", exact=True)).to_be_focused()
    alice.page.keyboard.press("Shift+Tab")
    expect(alice.page.get_by_role("button", name="More emoji")).to_be_focused()
    alice.page.keyboard.press("Enter")
    search = alice.page.get_by_label("Search emoji")
    expect(search).to_be_focused()
    search.fill("cat")
    expect(alice.page.locator(".picker-emoji").first).to_be_visible()
    search.press("ArrowDown")
    alice.page.keyboard.press("ArrowRight")
    picked = alice.page.locator(".picker-emoji:focus")
    emoji = picked.get_attribute("data-emoji")
    alice.page.keyboard.press("Enter")
    expect(_reaction(alice, emoji)).to_be_visible()
    expect(row).to_be_focused()


def test_arrows_go_from_one_emoji_to_its_neighbours_and_up_to_the_search(said):
    alice, _ = said
    search = _pick(alice, "")
    expect(alice.page.locator(".picker-emoji").first).to_be_visible()
    search.press("ArrowDown")
    focused = alice.page.locator(".picker-emoji:focus")
    first = focused.get_attribute("data-emoji")
    alice.page.keyboard.press("ArrowDown")
    below = focused.get_attribute("data-emoji")
    assert below != first
    alice.page.keyboard.press("ArrowUp")
    expect(focused).to_have_attribute("data-emoji", first)
    alice.page.keyboard.press("ArrowUp")
    expect(search).to_be_focused()
    alice.page.keyboard.press("Escape")
    expect(alice.page.locator(".picker")).to_be_hidden()


def test_emoji_are_found_in_chinese_and_nothing_found_is_said(said):
    alice, _ = said
    search = _pick(alice, "赞")
    expect(alice.page.locator(".picker-emoji").first).to_have_attribute("data-emoji", "👍")
    search.fill("no such thing")
    expect(alice.page.locator(".picker-note")).to_have_text("No emoji match. Try another word.")
    search.press("Enter")
    expect(alice.page.locator(".picker")).to_be_visible()


def test_a_tone_is_remembered(said):
    alice, bob = said
    _pick(alice, "")
    alice.page.get_by_role("radio", name="Tone 3").click()
    search = alice.page.get_by_label("Search emoji")
    search.fill("thumbs up")
    search.press("Enter")
    expect(_reaction(bob, "👍🏽")).to_be_visible()
    alice.page.reload()
    _pick(alice, "wave").press("Enter")
    expect(_reaction(bob, "👋🏽")).to_be_visible()
    # Recent ones are shown once, in the tone of now.
    _pick(alice, "")
    alice.page.get_by_role("radio", name="Tone 1").click()
    recent = alice.page.locator("[data-section=recent] .picker-emoji")
    expect(recent).to_have_text(["👋🏻", "👍🏻"])
    alice.page.get_by_role("radio", name="No tone").click()
    search.fill("thumbs up")
    search.press("Enter")
    _pick(alice, "")
    expect(recent).to_have_text(["👍", "👋"])


def test_a_catalogue_that_does_not_come_is_said_and_asked_for_again(said):
    alice, _ = said
    alice.context.route(_CATALOGUE, lambda route: route.abort())
    _pick(alice, "")
    expect(alice.page.locator(".picker-note")).to_contain_text("Couldn't load the emoji.")
    alice.page.keyboard.press("Escape")
    alice.context.unroute(_CATALOGUE)
    _pick(alice, "tada").press("Enter")
    expect(_reaction(alice, "🎉")).to_be_visible()


def test_reactions_while_offline_are_shown_at_once_and_sent_later(said):
    alice, bob = said
    _pick(bob, "tada").press("Enter")
    expect(_reaction(alice, "🎉")).to_be_visible()
    alice.context.set_offline(True)
    _reaction(alice, "🎉").click()
    expect(_reaction(alice, "🎉")).to_have_text("🎉 2")
    expect(_reaction(bob, "🎉")).to_have_text("🎉 1")
    alice.context.set_offline(False)
    expect(_reaction(bob, "🎉")).to_have_text("🎉 2")
    expect(_reaction(alice, "🎉")).to_have_text("🎉 2")


def test_a_refused_reaction_says_why_and_goes(said, site):
    alice, bob = said
    address = alice.page.url
    alice.page.goto("about:blank")
    site.manage("shell", "-c", _REACT_WITH_TWENTY.format(nickname=bob.nickname, sender=alice.nickname))
    alice.page.goto(address)
    expect(alice.message("words").locator(".reaction")).to_have_count(20)
    _pick(alice, "tada").press("Enter")
    expect(alice.message("words").locator(".reason")).to_have_text(
        "A message can have 20 different reactions. Use one that's there."
    )
    expect(alice.message("words").locator(".reaction")).to_have_count(20)
    alice.message("words").get_by_role("button", name="Discard").click()
    expect(alice.message("words").locator(".reason")).to_have_count(0)


def test_a_preview_shows_who_has_reacted_and_offers_nothing(said, visit):
    alice, bob = said
    _pick(bob, "tada").press("Enter")
    expect(_reaction(alice, "🎉")).to_be_visible()
    carol = visit("carol")
    carol.page.goto(alice.page.url)
    _reaction(carol, "🎉").click()
    expect(carol.page.get_by_role("dialog", name="Reactions")).to_contain_text(bob.nickname)
    expect(_reaction(carol, "🎉")).to_have_text("🎉 1")


def test_on_a_phone_a_long_press_offers_reactions_and_the_picker_lies_at_the_lower_edge(visit, room):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    room(alice)
    alice.page.locator("#text").fill("words")
    alice.page.locator(".send").click()
    row = alice.message("words").and_(alice.page.locator(":not(.pending)"))
    row.wait_for()
    row.locator(".body").dispatch_event(
        "contextmenu", {"clientX": 100, "clientY": 300, "bubbles": True, "cancelable": True}
    )
    alice.page.get_by_role("button", name="More emoji").tap()
    picker = alice.page.locator(".picker")
    expect(picker).to_be_visible()
    box = picker.bounding_box()
    assert (box["x"], round(box["y"] + box["height"])) == (0, NARROW["height"])
    alice.page.get_by_label("Search emoji").fill("tada")
    alice.page.locator(".picker-emoji").first.tap()
    expect(_reaction(alice, "🎉")).to_be_visible()


def test_after_signing_out_the_next_person_at_this_browser_sees_no_recent_ones(said):
    alice, _ = said
    _pick(alice, "rocket").press("Enter")
    expect(_reaction(alice, "🚀")).to_be_visible()
    alice.page.goto("/sign-out/")
    alice.page.get_by_role("button", name="Sign out").click()
    alice.page.wait_for_url(re.compile(r":\d+/$"))
    assert "🚀" not in alice.page.evaluate("JSON.stringify(Object.entries(localStorage))")


def test_an_emoji_is_put_where_the_caret_is(said):
    alice, bob = said
    box = alice.page.get_by_label("Message", exact=True)
    box.fill("onetwo")
    box.evaluate("box => box.setSelectionRange(3, 3)")
    alice.page.get_by_role("button", name="Emoji", exact=True).click()
    search = alice.page.get_by_label("Search emoji")
    search.fill("tada")
    search.press("Enter")
    expect(box).to_have_value("one🎉two")
    expect(box).to_be_focused()
    alice.page.keyboard.type("!")
    alice.page.keyboard.press("Enter")
    expect(bob.message("one🎉!two")).to_be_visible()
