"""axe finds nothing on any kind of page: wide and narrow, light and dark."""

import pytest

from tests.browser.axe import Looks
from tests.browser.visitors import NARROW, WIDE

_STAFF = """
from django.contrib.auth import get_user_model
get_user_model().objects.filter(profile__nickname={nickname!r}).update(is_staff=True)
"""
_CALM = {"viewport": WIDE, "reduced_motion": "reduce"}


@pytest.fixture
def looks():
    looks = Looks()
    yield looks
    assert not looks.faults, "\n".join(looks.faults)


def test_axe_finds_nothing_on_the_pages_beside_rooms(visit, looks):
    guest = visit(**_CALM)
    guest.page.goto("/")
    looks.at(guest.page, "joining")
    guest.page.get_by_role("button", name="Join", exact=True).click()
    guest.page.get_by_role("alert").wait_for()
    looks.at(guest.page, "joining, refused")
    guest.faults.clear()
    alice, bob = visit("alice", **_CALM), visit("bob", **_CALM)
    public = alice.submit("/rooms/new/", title=f"Kiln of {alice.nickname}", topic="Clay", kind="public")
    private = alice.submit("/rooms/new/", title=f"Loft of {alice.nickname}", topic="", kind="private")
    for path in (f"{private}members/", f"{private}leave/", f"{private}members/"):
        who = bob if path.endswith("leave/") else alice
        who.submit(path, nickname=bob.nickname)
    bob.page.goto("/rooms/")
    looks.at(bob.page, "rooms and an invitation")
    for path in (
        "/people/?q=bob", "/rooms/new/", f"{public}edit/", f"{public}leave/", "/settings/", "/connection/",
        "/sign-out/", "/rooms/missing/", "/ws/alice",
    ):  # fmt: skip
        alice.page.goto(path)
        looks.at(alice.page, path)
    alice.faults.clear()


@pytest.mark.proof
def test_axe_finds_nothing_in_the_style_guide(visit, looks, site):
    alice = visit("alice", **_CALM)
    site.manage("shell", "-c", _STAFF.format(nickname=alice.nickname))
    alice.page.goto("/styleguide/")
    looks.at(alice.page, "the style guide")


def test_axe_finds_nothing_in_rooms_whatever_is_open_there(visit, looks):
    alice, bob, carol = (visit(name, **_CALM) for name in ("alice", "bob", "carol"))
    page = alice.page
    address = alice.submit("/rooms/new/", title=f"Attic of {alice.nickname}", topic="Old things", kind="private")
    alice.submit(f"{address}members/", nickname=bob.nickname)
    alice.go(address)
    looks.at(page, "an empty room")
    bob.go(address)
    bob.say(f"@{alice.nickname} https://example.com/1 @all #Lobby @Nobody")
    page.locator("#message-1 .mention.to-me").wait_for()
    page.locator("#message-1").hover()
    page.get_by_role("button", name="Reply").click()
    alice.say(f"two @{carol.nickname}")
    page.locator("#message-2 .absent").wait_for()
    looks.at(page, "a room")
    page.get_by_role("button", name="Room menu").click()
    looks.at(page, "its menu", sizes="wide")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+/")
    page.get_by_role("dialog").wait_for()
    looks.at(page, "the keys")
    page.keyboard.press("Escape")
    page.locator("#message-1 .row").press("Enter")
    page.locator("#message-menu .quick:enabled").last.wait_for()
    looks.at(page, "the menu of a message")
    page.locator("#message-menu").get_by_role("button", name="More emoji").click()
    page.locator(".picker .emoji-button").first.wait_for()
    looks.at(page, "emoji")
    page.keyboard.press("Escape")
    for name in ("Rooms and direct messages", "People in this room"):
        page.set_viewport_size(NARROW)
        page.get_by_role("button", name=name).click()
        page.get_by_role("dialog").wait_for()
        looks.at(page, name, sizes="narrow")
    alice.go(f"/people/{bob.nickname}/")
    looks.at(page, "direct messages", sizes="narrow")
    carol.go(alice.submit("/rooms/new/", title=f"Open house of {bob.nickname}", topic="", kind="public"))
    looks.at(carol.page, "a preview", sizes="narrow")


def test_axe_finds_nothing_where_messages_are_kept_and_forwarded(visit, looks):
    alice = visit("alice", **_CALM)
    page = alice.page
    page.goto("/saved/")
    looks.at(page, "nothing saved")
    alice.new_room(f"Shelf of {alice.nickname}", kind="private")
    alice.say("some ||hidden|| `words`")
    for action in ("Pin", "Save for later"):
        page.locator("#message-1 .body").click(button="right")
        page.locator("#message-menu").get_by_role("button", name=action, exact=True).click()
    page.locator("#message-1 .mark-of-saved").wait_for()
    looks.at(page, "marks")
    page.locator("#pins").click()
    page.get_by_role("dialog", name="Pinned messages").wait_for()
    looks.at(page, "pins")
    page.keyboard.press("Escape")
    page.locator("#message-1 .body").click(button="right")
    page.locator("#message-menu").get_by_role("button", name="Forward", exact=True).click()
    page.get_by_role("dialog", name="Forward message").wait_for()
    looks.at(page, "forwarding")
    page.keyboard.press("Escape")
    for path in ("/saved/", f"{page.url}pins/"):
        page.goto(path)
        looks.at(page, path)


_FAULTY = """<title>Faulty</title>
<main><h1>Faulty</h1><button></button><ul role="status"><li>Saved</li></ul><p>Pale</p></main>
<style>
  @media (width < 48rem) { p { color: #ddd } }
</style>"""


def test_axe_notices_faults_also_those_of_one_width(visit):
    alice, looks = visit(**_CALM), Looks()
    alice.page.set_content(_FAULTY)
    looks.at(alice.page, "a page")
    for fault in ("wide, light: button-name", "narrow, dark: listitem", "narrow, dark: color-contrast"):
        assert any(each.startswith(f"a page, {fault}") for each in looks.faults)
    assert not any(each.startswith("a page, wide, light: color-contrast") for each in looks.faults)
