"""People change what they have said, and take it back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW, Visitor


def _box(page):
    return page.get_by_label("Message", exact=True)


@pytest.fixture
def said(visit, room):
    """People in a room of their own, of whom the first has said this: `alice, bob = said("words", to="bob")`."""

    def say(text: str, to: str = "") -> list[Visitor]:
        people = [visit(name) for name in ("alice", to) if name]
        room(*people)
        people[0].say(text)
        for person in people:
            person.message(text).and_(person.page.locator(":not(.pending)")).wait_for()
        return people

    return say


def _edited(person, text):
    return person.message(text).locator(".edited-mark")


def test_an_edit_is_seen_by_everybody_live_and_on_a_fresh_page(said):
    alice, bob = said("helo", to="bob")
    alice.message("helo").hover()
    alice.page.get_by_role("button", name="Edit", exact=True).click()
    expect(_box(alice.page)).to_have_value("helo")
    expect(alice.page.locator("#replying")).to_contain_text("Editing your message")
    alice.say("hello")
    for person in (alice, bob):
        expect(_edited(person, "hello")).to_be_visible()
    expect(alice.page.locator(".changing, #replying:not([hidden])")).to_have_count(0)
    expect(_box(alice.page)).to_have_value("")
    alice.page.reload()
    expect(_edited(alice, "hello")).to_be_visible()


def test_the_arrow_edits_the_last_message_and_escape_asks_only_if_something_would_be_lost(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    alice.say("mine")
    alice.message("mine").wait_for()
    bob.say("not mine")
    alice.message("not mine").wait_for()
    box, dialog = _box(alice.page), alice.page.get_by_role("dialog", name="Discard your changes?")
    box.press("ArrowUp")
    expect(box).to_have_value("mine")
    box.press("Escape")
    expect(box).to_have_value("")
    expect(dialog).to_be_hidden()
    box.press("ArrowUp")
    box.fill("mine, but better")
    box.press("Escape")
    dialog.get_by_role("button", name="Keep editing").click()
    expect(box).to_have_value("mine, but better")
    expect(box).to_be_focused()
    box.press("Escape")
    dialog.get_by_role("button", name="Discard").click()
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    expect(alice.message("mine")).to_be_visible()


@pytest.mark.proof
def test_the_arrow_moves_in_what_is_being_written(said):
    (alice,) = said("mine")
    box = _box(alice.page)
    box.fill("something else")
    box.press("ArrowUp")
    expect(box).to_have_value("something else")
    expect(alice.page.locator("#replying")).to_be_hidden()


def test_what_was_being_written_waits_until_the_edit_is_over_also_over_a_reload(said):
    (alice,) = said("first")
    box = _box(alice.page)
    box.fill("a long story")
    alice.take("Edit", "first")
    expect(box).to_have_value("first")
    box.fill("first, corrected")
    alice.page.reload()
    alice.wait_until_live()
    expect(box).to_have_value("first, corrected")
    expect(alice.page.locator("#replying")).to_contain_text("Editing your message")
    box.press("Enter")
    expect(_edited(alice, "first, corrected")).to_be_visible()
    expect(box).to_have_value("a long story")


@pytest.mark.proof
def test_a_message_without_words_is_no_edit(said):
    (alice,) = said("words")
    alice.take("Edit", "words")
    box = _box(alice.page)
    box.fill(" ")
    box.press("Enter")
    expect(alice.page.locator("#composer-hint")).to_have_text("A message can't be empty. To take it back, delete it.")
    expect(alice.message("words")).to_be_visible()
    expect(alice.page.locator("#replying")).to_be_visible()


def test_what_is_deleted_can_be_taken_back(said):
    alice, bob = said("oops", to="bob")
    alice.take("Delete", "oops")
    alice.page.get_by_role("button", name="Undo").click()
    expect(alice.page.locator("#message-1 .row")).to_be_focused()
    for person in (alice, bob):
        expect(person.message("oops")).to_be_visible()
        expect(person.page.locator(".deleted, .changing")).to_have_count(0)


def test_what_is_deleted_is_gone_for_everybody_and_after_some_seconds_for_good(visit, room):
    alice, bob = visit("alice"), visit("bob")
    alice.page.clock.install()
    room(alice, bob)
    alice.say("oops")
    bob.message("oops").wait_for()
    alice.message("oops").hover()
    undo, edit = (alice.page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Edit"))
    expect(edit).to_be_visible()
    # However long the machine takes, no time passes.
    alice.page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    alice.take("Delete", "oops")
    for person in (alice, bob):
        expect(person.page.locator("#message-1.deleted:not(.changing) .body")).to_have_text("This message was removed.")
    expect(undo).to_be_visible()
    expect(edit).to_have_count(0)
    expect(bob.page.get_by_role("button", name="Undo")).to_have_count(0)
    alice.page.clock.fast_forward(9_500)
    expect(undo).to_have_count(0)
    expect(alice.page.locator("#message-1.deleted")).to_be_visible()


def test_an_edit_and_a_deletion_without_a_line_are_kept_over_a_look_elsewhere_and_saved_later(visit, room):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice, bob)
    for text in ("helo", "oops"):
        alice.say(text)
        bob.message(text).wait_for()
    alice.context.set_offline(True)
    alice.take("Edit", "helo")
    alice.say("hello")
    alice.take("Delete", "oops")
    expect(alice.page.locator(".changing")).to_have_count(2)
    expect(alice.message("hello")).to_be_visible()
    alice.page.goto("about:blank")
    alice.context.set_offline(False)
    alice.go(address)
    expect(_edited(bob, "hello")).to_be_visible()
    expect(bob.page.locator("#message-2.deleted")).to_be_visible()
    expect(alice.page.locator(".changing")).to_have_count(0)
    expect(_edited(alice, "hello")).to_be_visible()


def test_who_has_edited_the_message_elsewhere_meanwhile_keeps_both_texts(said):
    (alice,) = said("one")
    address = alice.page.url
    other = alice.context.new_page()
    alice.go(address, other)
    alice.take("Edit", "one")
    alice.take("Edit", "one", other)
    alice.say("one from the other tab", other)
    expect(alice.message("one from the other tab")).to_be_visible()
    alice.say("one from here")
    fate = alice.page.locator("#message-1 .fate")
    expect(fate).to_contain_text("You edited this message somewhere else meanwhile.")
    expect(alice.message("one from the other tab")).to_be_visible()
    alice.page.reload()
    expect(fate).to_contain_text("You edited this message somewhere else meanwhile.")
    fate.get_by_role("button", name="Edit again").click()
    expect(_box(alice.page)).to_have_value("one from here")
    expect(fate).to_be_hidden()
    _box(alice.page).press("Enter")
    for page in (alice.page, other):
        expect(alice.message("one from here", page)).to_be_visible()
    expect(alice.page.locator("#message-1:is(.failed, .changing)")).to_have_count(0)


@pytest.mark.proof
def test_an_edit_that_was_refused_can_be_discarded(said):
    (alice,) = said("one")
    address = alice.page.url
    other = alice.context.new_page()
    alice.go(address, other)
    alice.take("Edit", "one")
    alice.take("Delete", "one", other)
    expect(alice.page.locator("#message-1.deleted")).to_be_visible()
    alice.say("one, corrected")
    fate = alice.page.locator("#message-1 .fate")
    expect(fate).to_contain_text("This message was deleted meanwhile.")
    expect(fate.get_by_role("button", name="Edit again")).to_be_hidden()
    fate.get_by_role("button", name="Discard").click()
    expect(fate).to_be_hidden()


def test_an_owner_takes_away_what_others_say_and_nobody_changes_it(said):
    alice, bob = said("by the owner", to="bob")
    bob.say("by a guest")
    alice.message("by a guest").wait_for()
    for person, text, offered in ((bob, "by the owner", 0), (alice, "by a guest", 1)):
        person.message(text).locator(".body").click(button="right")
        menu = person.page.locator("#message-menu")
        expect(menu.get_by_role("button", name="Reply")).to_be_visible()
        expect(menu.get_by_role("button", name="Delete")).to_have_count(offered)
        expect(menu.get_by_role("button", name="Edit")).to_have_count(0)
        person.page.keyboard.press("Escape")
    alice.take("Delete", "by a guest")
    expect(bob.page.locator("#message-2.deleted")).to_be_visible()


@pytest.mark.proof
def test_the_right_button_leaves_a_selection_and_a_link_to_the_browser(said):
    (alice,) = said("see https://example.com/1")
    menu = alice.page.locator("#message-menu")
    alice.page.locator("#message-1 .body a").click(button="right")
    expect(menu).to_be_hidden()
    alice.page.locator("#message-1 .body").click(click_count=3)
    alice.page.locator("#message-1 .body").click(button="right", position={"x": 4, "y": 4})
    expect(menu).to_be_hidden()


@pytest.mark.proof
def test_with_a_finger_the_bar_comes_by_a_tap(visit, room):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.go(alice.submit("/rooms/new/", title=f"Bar of {alice.nickname}", topic="", kind="public"))
    alice.page.locator("#text").fill("helo")
    alice.page.locator(".send").click()
    alice.message("helo").locator(".body").tap()
    alice.page.get_by_role("button", name="Edit", exact=True).tap()
    expect(_box(alice.page)).to_have_value("helo")
    alice.page.locator("#text").fill("hello")
    alice.page.get_by_role("button", name="Save").tap()
    expect(_edited(alice, "hello")).to_be_visible()


def test_the_bar_goes_with_the_keyboard(visit, room):
    alice = visit("alice")
    room(alice)
    for text in ("one", "two"):
        alice.say(text)
        alice.message(text).wait_for()
    bars = alice.page.locator(".message-bar")
    expect(bars).to_have_count(0)
    alice.page.locator("#message-2 .row").focus()
    alice.page.keyboard.press("ArrowUp")
    expect(alice.page.locator("#message-1 .message-bar")).to_be_visible()
    edit = alice.page.get_by_role("button", name="Edit", exact=True)
    for _ in range(5):
        alice.page.keyboard.press("Tab")
        if edit.evaluate("button => button === document.activeElement"):
            break
    expect(edit).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(_box(alice.page)).to_have_value("one")
    expect(bars).to_have_count(0)
    expect(alice.page.locator("#message-1")).to_have_class(re.compile("edited"))


def test_all_versions_of_a_message_are_shown_to_who_reads_the_room(visit, room):
    alice, bob = visit("alice"), visit("bob")
    room(alice, bob)
    alice.say("helo")
    for text in ("hello", "hello!"):
        bob.message("helo" if text == "hello" else "hello").wait_for()
        alice.page.get_by_label("Message", exact=True).press("ArrowUp")
        alice.say(text)
        _edited(bob, text).wait_for()
    _edited(bob, "hello!").click()
    dialog = bob.page.get_by_role("dialog", name="Versions of a message")
    expect(dialog.locator(".version-text")).to_have_text(["hello!", "hello", "helo"])
    expect(dialog.locator(".version-time").first).to_contain_text("now")
    bob.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(_edited(bob, "hello!")).to_be_focused()
    bob.page.goto(f"{bob.page.url}1/versions/")
    expect(bob.page.locator(".version-text")).to_have_text(["hello!", "hello", "helo"])
    bob.page.get_by_role("link", name="Back to the message").click()
    expect(bob.page.locator("#message-1.focus")).to_be_visible()


def test_what_is_removed_is_not_to_be_read_above_a_reply_that_is_being_written(said):
    alice, bob = said("a secret", to="bob")
    bob.take("Reply", "a secret")
    alice.take("Edit", "a secret")
    alice.say("another secret")
    expect(bob.page.locator(".replying-to")).to_have_text(f"Reply to {alice.nickname}: another secret")
    alice.take("Delete", "another secret")
    expect(bob.page.locator(".replying-to")).to_have_text(f"Reply to {alice.nickname}: This message was removed.")
    bob.say("an answer")
    expect(bob.message("an answer").locator(".quote a")).to_have_text("This message was removed.")
