"""The main paths in Firefox, where everything else is tried in Chromium only."""

import os
import time
from collections.abc import Iterator
from itertools import count

import pytest

from tests.browser import firefox
from tests.browser.firefox import Firefox, Tab
from tests.browser.scrolling import FILL, TOP
from tests.browser.test_style_support import ASK, asked_of_a_browser

_NO_FIREFOX = "The smoke run in Firefox needs it: install firefox-esr, or name it in FIREFOX."
_numbers = count(5_001)

# Features that Firefox does not know, and that the page does without.
UNKNOWN = {
    "-webkit-font-smoothing",
    "-webkit-text-size-adjust",
    "text-size-adjust",
    "text-wrap: pretty",
    "text-align: -webkit-match-parent",
}

LIVE = "document.querySelector('#status')?.dataset.key === 'ready'"
SAID = "[...document.querySelectorAll('.message:not(.pending) .body')].map((body) => body.textContent)"


@pytest.fixture(scope="module")
def fox(tmp_path_factory) -> Iterator[Firefox]:
    if firefox.firefox() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(_NO_FIREFOX)
    with firefox.browsing(tmp_path_factory.mktemp("firefox")) as running:
        yield running


@pytest.fixture
def join(fox, site):
    """Somebody who has joined by the page's own form: `join("alice")`. Nobody may have met an error on the console."""
    people: list[Tab] = []

    def come(name: str) -> Tab:
        tab = fox.person()
        people.append(tab)
        tab.nickname = f"{name} {next(_numbers)}"
        tab.go(f"{site.url}/")
        tab.type("#nickname", f"{tab.nickname}\n")
        tab.wait(f"location.pathname === '/rooms/lobby/' && {LIVE}")
        return tab

    yield come
    faults = fox.faults()
    for tab in people:
        tab.close()
    fox.events.clear()
    assert faults == []


def open_room(tab: Tab, address: str) -> None:
    tab.go(address)
    tab.wait(LIVE)


def says(text: str) -> str:
    return f"{SAID}.includes({text!r})"


def test_two_people_see_each_other_s_words_and_who_is_there(join):
    alice, bob = join("alice"), join("bob")
    alice.type("#text", "Hello from a fox.\n")
    bob.wait(says("Hello from a fox."))
    bob.type("#text", "你好, fox!\n")
    alice.wait(says("你好, fox!"))
    alice.wait(f"document.querySelector('#people').textContent.includes('{bob.nickname}')")
    assert alice.run("document.getElementById('outdated') === null")


@pytest.mark.proof
def test_private_words_reach_one_person_and_nobody_else(join, site):
    alice, bob, carol = join("alice"), join("bob"), join("carol")
    open_room(alice, f"{site.url}/people/{bob.nickname}/")
    alice.type("#text", "For your eyes only.\n")
    alice.wait(says("For your eyes only."))
    bob.wait(f"document.querySelector('#sidebar').textContent.includes('{alice.nickname}')")
    open_room(bob, f"{site.url}/people/{alice.nickname}/")
    bob.wait(says("For your eyes only."))
    carol.type("#text", "I see nothing.\n")
    carol.wait(says("I see nothing."))
    assert not carol.run("document.body.textContent.includes('eyes only')")
    assert not carol.run(f"document.querySelector('#sidebar').textContent.includes('{alice.nickname}')")


@pytest.mark.proof
def test_a_reload_keeps_the_place_and_what_was_typed(join, site):
    alice = join("alice")
    alice.go(f"{site.url}/rooms/new/")
    title = f"Fox {next(_numbers)}"
    alice.type("#title", f"{title}\n")
    alice.wait(LIVE)
    slug = alice.run("location.pathname").rstrip("/").rsplit("/", 1)[1]
    site.manage("shell", "-c", FILL.format(nickname=alice.nickname, slug=slug, count=60))
    open_room(alice, f"{site.url}/rooms/{slug}/")
    alice.wait("Boolean(document.querySelector('#message-60'))")
    alice.type("#text", "half a sen")
    alice.run("scroller.scrollTop = 300")
    alice.wait("!jump.hidden")
    place = alice.run(f"({TOP})()")
    assert place != "message-60"
    alice.reload()
    alice.wait(LIVE)
    alice.wait(f"({TOP})() === '{place}'")
    assert alice.run("document.querySelector('#text').value") == "half a sen"


def test_what_goes_wrong_on_a_page_is_heard_of(fox, site):
    tab = fox.person()
    tab.go(f"{site.url}/")
    tab.run("console.error('said by the page')")
    tab.run("document.body.setAttribute('style', 'color: red')")
    tab.run("queueMicrotask(() => nothing_of_this_name())")
    deadline = time.monotonic() + 30
    while len(fox.faults()) < 3 and time.monotonic() < deadline:
        tab.run("0")  # Events come with the answers.
    tab.close()
    said, violation, thrown = fox.faults()
    fox.events.clear()
    assert said == "said by the page"
    assert "Content-Security-Policy" in violation
    assert "nothing_of_this_name" in thrown


def test_firefox_drops_nothing_of_the_style_sheets_that_the_page_needs(fox, site):
    tab = fox.person()
    tab.go(f"{site.url}/")
    assert tab.run(f"({ASK})({asked_of_a_browser(UNKNOWN, others='::-webkit-')})") == []
    tab.close()
