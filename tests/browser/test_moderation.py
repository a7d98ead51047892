"""An owner's acts, on the pages of those who are there."""

import pytest
from playwright.sync_api import expect

from tests.owner import Owner

pytestmark = pytest.mark.proof

_ROWS = """() => [...document.querySelectorAll("#timeline > .message")].map((row) => ({
  ...row.dataset, isDeleted: row.classList.contains("deleted"), body: row.querySelector(".body").innerHTML.trim(),
  sender: row.querySelector(".sender").textContent, link: row.querySelector(".sender").href,
}))"""


@pytest.fixture
def owner(site):
    owner = Owner(site)
    yield owner
    owner.http.close()


def test_words_and_names_change_on_open_pages_as_on_fresh_ones(visit, room, site, owner):
    alice, bob = visit("alice"), visit("bob")
    address = room(alice)
    slug = address.rstrip("/").rsplit("/", 1)[1]
    bob.submit(f"/rooms/{slug}/join/")
    bob.go(address)
    bob.say(f"bad words of {bob.nickname}")
    bob.say(f"good words of {bob.nickname}")
    alice.go(address)
    expect(alice.page.get_by_text(f"good words of {bob.nickname}")).to_be_visible()
    owner.act("message", "take_down", owner.row("message", f"bad words of {bob.nickname}"))
    expect(alice.page.locator("#message-1 .body")).to_have_text("This message was removed.")
    expect(bob.page.locator("#message-1 .body")).to_have_text("This message was removed.")
    bob.page.goto("about:blank")
    row = owner.person(bob.nickname)
    site.manage("shell", "-c", f"from chat.models import Lease; Lease.objects.filter(profile_id={row}).delete()")
    owner.act("profile", "free_nickname", row)
    sender = alice.page.locator("#message-2 .sender")
    expect(sender).to_have_text(f"{bob.nickname} left")
    rows = alice.page.evaluate(_ROWS)
    alice.go(address)
    expect(sender).to_have_text(f"{bob.nickname} left")
    assert alice.page.locator("#message-1 .body").text_content() == "This message was removed."
    assert alice.page.evaluate(_ROWS) == rows
