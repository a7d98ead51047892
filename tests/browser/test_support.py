"""Browsers that are too old are told so; others see nothing of it."""

import re

import pytest
from playwright.sync_api import expect

LATER = "() => document.getElementById('outdated').getAnimations().forEach((animation) => animation.finish())"
"""The notice that shows by itself after some seconds shows now."""


def test_a_browser_that_can_do_everything_never_sees_the_notice(visit):
    alice = visit("alice")
    for address in ("/rooms/lobby/", "/rooms/", "/connection/"):
        alice.page.goto(address)
        expect(alice.page.locator("#outdated")).to_have_count(0)


@pytest.mark.parametrize("gone", ["AbortSignal.any", "HTMLElement.prototype.popover"])
def test_a_browser_that_lacks_what_is_needed_is_told_so(visit, gone):
    guest = visit()
    guest.context.add_init_script(f"delete {gone}")
    guest.page.goto("/")
    expect(guest.page.locator("#outdated")).to_be_visible()
    expect(guest.page.locator("#outdated")).to_contain_text("needs a newer browser")


def test_a_browser_that_does_not_know_the_colours_is_told_so(visit):
    guest = visit()
    guest.context.add_init_script("CSS.supports = (name) => name !== 'color'")
    guest.page.goto("/")
    expect(guest.page.locator("#outdated")).to_be_visible()


def test_where_no_module_can_be_read_the_notice_shows_after_a_while(visit):
    alice = visit("alice")
    alice.context.route(re.compile(r"\.js$"), lambda route: route.fulfill(body="#", content_type="text/javascript"))
    alice.page.goto("/rooms/lobby/")
    notice = alice.page.locator("#outdated")
    expect(notice).to_be_hidden()
    alice.page.evaluate(LATER)
    expect(notice).to_be_visible()
    expect(alice.page.get_by_role("heading", name="Lobby").first).to_be_visible()
    alice.faults.clear()  # The browser says that it cannot read them.


def test_who_has_turned_scripts_off_is_told_that_alone(visit):
    reader = visit(java_script_enabled=False)
    reader.page.goto("/")
    expect(reader.page.locator("#outdated")).to_have_css("display", "none")
