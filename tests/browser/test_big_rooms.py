"""A room in which very much is said while its page is open."""

import pytest

from tests.browser.crowd import Crowd, heap

# In MB. So many messages take twice as much.
GROWTH = 1


@pytest.mark.proof
@pytest.mark.parametrize("place", ["the end", "the middle"])
def test_a_page_keeps_only_so_many_messages_wherever_its_reader_is(visit, place):
    alice = visit("alice")
    crowd = Crowd(alice.page)
    alice.go("/rooms/lobby/")
    crowd.fill(10_500)
    if place == "the middle":
        alice.page.locator("#scroller").evaluate("box => { box.scrollTop = box.scrollHeight / 2 }")
    before = heap(alice.page)
    crowd.fill(10_000)
    assert heap(alice.page) < before + GROWTH
    assert alice.page.locator("#timeline > .message").count() <= 300
