"""A quote leads to what it answers, and from there a button leads back."""

import re

import pytest
from playwright.sync_api import expect

_REPLY = """
from chat.actions.messages import Draft, post_messages
from chat.models import Profile, Room
person = Profile.objects.get(nickname={nickname!r})
room = Room.objects.get(slug={slug!r})
post_messages([Draft(person.pk, "r1", "a reply", room.pk, reply_to={first}),
               Draft(person.pk, "r2", "another reply", room.pk, reply_to={last})])
"""


@pytest.fixture
def replied(filled, site):
    """A long room that ends with a reply to a message far above, and a reply to that."""
    alice, address = filled(48)
    alice.page.goto("about:blank")
    slug = address.rstrip("/").rsplit("/", 1)[1]
    site.manage("shell", "-c", _REPLY.format(nickname=alice.nickname, slug=slug, first=5, last=49))
    alice.go(f"{address}?latest")
    return alice


def back(person):
    return person.page.get_by_role("button", name="Back to the reply")


def test_a_button_leads_back_to_the_reply_and_is_gone(replied):
    page = replied.page
    replied.message("a reply").locator(".quote a").click()
    expect(page.locator("#message-5")).to_have_class(re.compile("focus"))
    back(replied).click()
    expect(page.locator("#message-49")).to_have_class(re.compile("focus"))
    expect(page.locator("#message-49 .row")).to_be_focused()
    expect(back(replied)).to_have_count(0)


def test_who_goes_to_the_end_is_offered_no_way_back(replied):
    replied.message("a reply").locator(".quote a").click()
    expect(back(replied)).to_be_visible()
    replied.page.locator("#jump").click()
    expect(back(replied)).to_have_count(0)


def test_backspace_leads_back_too(replied):
    page = replied.page
    replied.message("a reply").locator(".quote a").click()
    expect(back(replied)).to_be_visible()
    expect(page.locator("#message-5 .row")).to_be_focused()
    page.keyboard.press("Backspace")
    expect(page.locator("#message-49 .row")).to_be_focused()
    expect(back(replied)).to_have_count(0)


def test_another_room_has_no_way_back(replied):
    replied.message("a reply").locator(".quote a").click()
    expect(back(replied)).to_be_visible()
    replied.page.locator(".sidebar").get_by_role("link", name="Lobby").click()
    expect(replied.page.locator("#room-title")).to_have_text("Lobby")
    expect(back(replied)).to_have_count(0)
