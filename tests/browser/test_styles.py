"""The promises of the style sheets, as Chromium draws them."""

from base64 import b64encode
from math import ceil, floor

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitors import NARROW, WIDE

_FULL_HD = {"width": 1920, "height": 1080}
# Marks pile up only with some fonts. What they are to the layout, ink outside of the line, is a shadow with every font.
_PILE = """() => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync("@layer last { #message-2 .body { text-shadow: 0 -2rem black, 0 2rem black } }")
  document.adoptedStyleSheets = [sheet]
}"""


def test_marks_piled_on_a_letter_cover_no_other_message(visit, room):
    alice = visit("alice")
    room(alice)
    for text in ("the message above", "t" + "\u0301" * 44, "the message below"):
        alice.say(text)
    expect(alice.page.locator("#message-3:not(.pending)")).to_be_visible()
    alice.page.mouse.move(5, 5)
    before = [_still(alice.page, number) for number in (1, 3)]
    alice.page.evaluate(_PILE)
    after = [_still(alice.page, number) for number in (1, 3)]
    # A browser that is short of time draws a page in other pieces, and an edge may be a shade lighter.
    assert max(_difference(alice.page, *pair) for pair in zip(before, after, strict=True)) <= 2


_DIFFERENCE = """async (pictures) => {
  const [one, other] = await Promise.all(pictures.map(async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes]))
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")
    context.drawImage(bitmap, 0, 0)
    return context.getImageData(0, 0, bitmap.width, bitmap.height).data
  }))
  if (one.length !== other.length) return 255
  return one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0)
}"""


def _difference(page: Page, *pictures: bytes) -> int:
    """How much the most different value of a colour differs, of 255."""
    return page.evaluate(_DIFFERENCE, [b64encode(picture).decode() for picture in pictures])


def _still(page: Page, number: int) -> bytes:
    """The picture of a message once it does not change any more."""
    pictures = [b"", _inside(page, number)]
    while pictures[-1] != pictures[-2]:
        pictures.append(_inside(page, number))
        assert len(pictures) < 50
    return pictures[-1]


def _inside(page: Page, number: int) -> bytes:
    """A picture of a message without its edge, which may be half a pixel of the next message's."""
    box = page.locator(f"#message-{number} .row").bounding_box()
    x, y, right, end = box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]
    clip = {"x": ceil(x) + 1, "y": ceil(y) + 1, "width": floor(right - x) - 3, "height": floor(end - y) - 3}
    return page.screenshot(clip=clip, animations="disabled")


@pytest.mark.parametrize("drawer", ["Rooms and direct messages", "People in this room"])
def test_nothing_lies_under_a_phones_status_bar(visit, drawer):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    session = alice.context.new_cdp_session(alice.page)
    insets = {"top": 47, "bottom": 34, "left": 0, "right": 0}
    session.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    alice.go("/rooms/lobby/")
    opener = alice.page.get_by_role("button", name=drawer)
    assert opener.bounding_box()["y"] >= 47
    opener.tap()
    close = alice.page.get_by_role("dialog").get_by_role("button", name="Close")
    expect(close).to_be_visible()
    assert close.bounding_box()["y"] >= 47
    alice.page.goto("/rooms/")
    assert alice.page.get_by_role("heading", level=1).bounding_box()["y"] >= 47


@pytest.mark.proof
def test_two_long_names_leave_room_for_what_they_do(visit, room):
    alice = visit("alice", viewport=NARROW)
    others = [visit("W" * 26), visit("王" * 26)]
    room(alice, *others)
    for other in others:
        other.page.get_by_label("Message", exact=True).press_sequentially("Hm")
    line = alice.page.locator("#typing")
    expect(line).to_contain_text("are typing…")
    end = line.locator("span").last.bounding_box()
    box = line.bounding_box()
    assert end["x"] + end["width"] <= box["x"] + box["width"]
    for name in line.locator("bdi").all():
        assert name.bounding_box()["width"] > 60


@pytest.mark.parametrize("viewport", [NARROW, WIDE, _FULL_HD], ids=["narrow", "wide", "full hd"])
def test_messages_and_the_box_share_one_column(visit, room, viewport):
    alice = visit("alice", viewport=viewport)
    room(alice)
    alice.say("word " * 400)
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    text = alice.page.locator("#message-1 .body").bounding_box()
    picture = alice.page.locator("#message-1 .avatar").bounding_box()
    box = alice.page.locator(".box").bounding_box()
    assert abs(picture["x"] - box["x"]) <= 4
    assert abs(text["x"] + text["width"] - box["x"] - box["width"]) <= 16
    assert box["width"] <= 800


@pytest.mark.proof
def test_lines_of_one_person_stand_as_close_on_a_phone_as_on_a_desk(visit, room):
    leading = []
    for options in ({"viewport": NARROW, "has_touch": True, "is_mobile": True}, {"viewport": WIDE}):
        alice = visit("alice", **options)
        room(alice)
        for text in ("one", "two"):
            alice.say(text)
            if "has_touch" in options:
                alice.page.get_by_role("button", name="Send").tap()
        expect(alice.page.locator("#message-2.grouped")).to_be_visible()
        row = alice.page.locator("#message-2 .row")
        size = float(row.locator(".body").evaluate("body => parseFloat(getComputedStyle(body).fontSize)"))
        leading.append(row.bounding_box()["height"] / size)
    assert leading[0] == pytest.approx(leading[1], abs=0.1)


def test_a_theme_is_chosen_in_the_settings_and_stays(visit):
    alice = visit("alice", color_scheme="light")
    alice.page.goto("/settings/")
    html = alice.page.locator("html")
    light = alice.page.evaluate("getComputedStyle(document.body).backgroundColor")
    alice.page.get_by_role("button", name="Dark", exact=True).click()
    expect(html).to_have_attribute("data-theme", "dark")
    assert alice.page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    expect(alice.page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    alice.page.get_by_role("button", name="Compact", exact=True).click()
    expect(html).to_have_attribute("data-density", "compact")
    alice.go("/rooms/lobby/")
    expect(html).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("kind", ["public", "private"])
def test_an_empty_room_offers_a_next_step_until_something_is_said(visit, kind):
    alice = visit("alice")
    alice.new_room(f"Empty of {alice.nickname}", kind)
    step = alice.page.get_by_role("link", name="Write the first message")
    step.click()
    expect(alice.page.get_by_label("Message", exact=True)).to_be_focused()
    if kind == "private":
        alice.page.get_by_role("link", name="Add someone").click()
        expect(alice.page.get_by_label("Add someone")).to_be_focused()
    alice.say("The first.")
    expect(step).to_be_hidden()
