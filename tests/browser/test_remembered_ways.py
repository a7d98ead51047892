"""A page remembers the transport that worked."""

import pytest

from tests.browser.talk import wait_for_way
from tests.browser.ways import REMEMBER, SPOILS

_NO_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied') } })"


@pytest.mark.proof
def test_what_worked_is_taken_at_once_on_the_next_page(behind):
    bob = behind("bob", swallows_frames=True)
    bob.go("/rooms/lobby/")
    assert bob.proxy.upgrades == 1
    bob.page.reload()
    wait_for_way(bob.page, "stream")
    assert bob.proxy.upgrades == 1


@pytest.mark.proof
def test_what_worked_is_forgotten_after_a_day(behind):
    bob = behind("bob")
    bob.page.goto("/rooms/")
    bob.page.evaluate(REMEMBER % ("poll", 23))
    bob.set_out("/rooms/lobby/")
    wait_for_way(bob.page, "poll")
    # From a page that does not talk, and so has nothing to remember by itself.
    bob.page.goto("/rooms/")
    bob.page.evaluate(REMEMBER % ("poll", 25))
    bob.set_out("/rooms/lobby/")
    wait_for_way(bob.page, "socket")


def test_without_a_storage_every_page_finds_its_way_anew(behind):
    bob = behind("bob", **SPOILS["stream"])
    bob.context.add_init_script(_NO_STORAGE)
    for tries in (1, 2):
        bob.set_out("/rooms/lobby/")
        wait_for_way(bob.page, "stream")
        assert bob.proxy.upgrades == tries
