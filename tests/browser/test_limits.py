"""A site with its limits on."""

import pytest
from playwright.sync_api import expect

from tests.servers import daphne

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def slow_site(tmp_path_factory):
    with daphne(tmp_path_factory.mktemp("slow"), POST_BURST="2", POST_RATE="0.2", JOIN_RATE="0") as site:
        yield site


def test_who_writes_too_fast_is_slowed_down_and_loses_nothing(visit, slow_site):
    alice = visit("alice", url=slow_site.url)
    alice.go("/rooms/lobby/")
    hint, sent = alice.page.locator("#composer-hint"), alice.page.locator(".message:not(.pending) .body")
    slowed = hint.filter(has_text="You're sending fast")
    texts: list[str] = []
    while not slowed.is_visible():  # How many that takes depends on the machine.
        texts.append(f"fast {len(texts)}")
        alice.say(texts[-1])
        expect(slowed.or_(sent.nth(len(texts) - 1)).first).to_be_visible()
    expect(sent).to_have_text(texts)
    expect(alice.page.locator(".failed")).to_have_count(0)
    expect(hint).to_have_text("")
