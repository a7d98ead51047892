"""A site with its limits on."""

import pytest
from playwright.sync_api import expect

from tests.servers import daphne


@pytest.fixture(scope="module")
def slow_site(tmp_path_factory):
    with daphne(tmp_path_factory.mktemp("slow"), POST_BURST="2", POST_RATE="0.5", JOIN_RATE="0") as site:
        yield site


def test_who_writes_too_fast_is_slowed_down_and_loses_nothing(visit, slow_site):
    alice = visit("alice", url=slow_site.url)
    alice.go("/rooms/lobby/")
    texts = [f"fast {number}" for number in range(4)]
    for text in texts:
        alice.say(text)
    expect(alice.page.locator("#composer-hint")).to_contain_text("You're sending fast")
    expect(alice.page.locator(".message:not(.pending) .body")).to_have_text(texts)
    expect(alice.page.locator(".failed")).to_have_count(0)
    expect(alice.page.locator("#composer-hint")).to_have_text("")
