"""Signing out leaves nothing of a person behind in the browser: no words in storage, on other pages, or behind Back."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import ARGUMENTS, Visitor, chromium

KEPT = """async () => {
  const entries = await new Promise((resolve) => {
    indexedDB.open("chatsite", 1).onsuccess = ({ target }) => {
      const request = target.result.transaction("outbox").objectStore("outbox").getAll()
      request.onsuccess = () => resolve(request.result)
    }
  })
  return JSON.stringify([entries, localStorage, sessionStorage])
}"""


def sign_out(page, url: str) -> None:
    page.goto("/sign-out/")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{url}/")


@pytest.fixture
def keeping(browser, site):
    """Somebody whose browser keeps pages for Back, as all do; Playwright's does not."""
    running = browser.browser_type.launch(
        executable_path=chromium(), args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    visitor = Visitor(running, site.url).join("keeping")
    yield visitor
    running.close()
    assert visitor.faults == []


def test_back_shows_nothing_of_the_room_after_signing_out(keeping, site):
    keeping.new_room("Back room", kind="private")
    keeping.say("my very words")
    expect(keeping.page.locator(".message:not(.pending)")).to_have_count(1)
    keeping.page.goto("/rooms/")
    sign_out(keeping.page, site.url)
    for _ in range(2):
        keeping.page.go_back()
    expect(keeping.page.get_by_label("Nickname", exact=True).or_(keeping.page.locator("#status"))).to_be_visible()
    html = keeping.page.content()
    assert "my very words" not in html
    assert "Back room" not in html


def test_drafts_and_unsent_words_go_with_their_person_and_other_pages_are_blank(visit, room, line, site):
    alice = visit("alice")
    its_line = line(alice)
    address = room(alice)
    its_line.cut()
    alice.say("my unsent words")
    alice.page.get_by_label("Message", exact=True).fill("my long draft")
    # Another tab's words take the place of these: they are kept aside.
    other = alice.context.new_page()
    alice.set_out(address, other)
    expect(other.get_by_label("Message", exact=True)).to_have_value("my long draft")
    other.get_by_label("Message", exact=True).fill("my other draft")
    its_line.wait_until(lambda: "my long draft" in alice.page.evaluate("JSON.stringify(sessionStorage)"))
    assert "my unsent words" in alice.page.evaluate(KEPT)
    leaving = alice.context.new_page()
    leaving.goto("/rooms/")
    leaving.evaluate("localStorage.setItem('chatsite draft #0: room 1', 'of somebody else')")
    sign_out(leaving, site.url)
    for page in (alice.page, other):
        expect(page.locator("#status")).to_contain_text("You're signed out.")
        html = page.locator("body").inner_html()
        assert "my " not in html
        assert alice.nickname not in html
        assert page.title() == "chatsite"
    kept = [page.evaluate(KEPT) for page in (alice.page, other, leaving)]
    assert not [text for text in kept if "my " in text]
    assert all("of somebody else" in text for text in kept)


@pytest.mark.parametrize("path", ["/rooms/", "/people/", "/rooms/new/"])
def test_other_pages_of_the_person_give_way_to_the_start(visit, site, path):
    alice = visit("alice")
    alice.page.goto(path)
    expect(alice.page.get_by_role("heading", level=1)).to_be_visible()
    sign_out(alice.context.new_page(), site.url)
    expect(alice.page).to_have_url(f"{site.url}/")


def test_a_page_that_the_browser_kept_is_blank_when_it_is_shown_again(visit, site):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    number = alice.page.evaluate("JSON.parse(document.getElementById('boot').textContent).you.id")
    shown = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    alice.page.evaluate(shown)
    expect(alice.page.locator("#timeline")).to_be_attached()
    alice.page.evaluate(f"localStorage.setItem('chatsite signed out #{number}', '1'); {shown}")
    expect(alice.page.locator("#timeline")).to_have_count(0)
    expect(alice.page.locator("#status")).to_contain_text("You're signed out.")
    # Their session is one all the same, says the server: the next page is as ever.
    alice.go("/rooms/lobby/")
    alice.page.evaluate(shown)
    expect(alice.page.locator("#timeline")).to_be_attached()


def test_a_refused_signing_out_takes_nothing_away(visit, room):
    alice = visit("alice")
    address = room(alice)
    alice.page.get_by_label("Message", exact=True).fill("my draft")
    alice.page.goto("/sign-out/")
    alice.page.locator("[name=csrfmiddlewaretoken]").evaluate("field => field.value = 'x'.repeat(64)")
    alice.page.get_by_role("button", name="Sign out").click()
    expect(alice.page.get_by_role("heading", level=1)).not_to_have_text("Sign out?")
    alice.go(address)
    expect(alice.page.get_by_label("Message", exact=True)).to_have_value("my draft")
    alice.faults.clear()
