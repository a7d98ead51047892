"""The page on a phone and on a desk, whatever people write."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitors import NARROW, WIDE

_TABLET = {"width": 820, "height": 1180}
_WIDTH = "document.documentElement.scrollWidth"
# Targets of taps that a finger would miss.
_SMALL = """[...document.querySelectorAll("button, .sidebar a, .person a, textarea")]
  .filter((element) => element.checkVisibility() && !element.matches(".brand, .skip"))
  .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
  .filter(([, { width, height }]) => Math.min(width, height) < 43.5).map(([html]) => html)"""
# Where the text in an element begins, which may be elsewhere than the element.
_TEXT_BEGINS = """(element) => {
  const range = document.createRange()
  range.selectNodeContents(element)
  return range.getBoundingClientRect().x
}"""


@pytest.mark.parametrize("viewport", [NARROW, pytest.param(WIDE, marks=pytest.mark.proof)], ids=["narrow", "wide"])
def test_no_message_widens_the_page(visit, viewport):
    alice = visit("alice", viewport=viewport)
    alice.go(f"/people/{alice.nickname}/")
    for text in ("a" * 3000, "长" * 10_000, ("word " * 2000).strip(), "\n".join(["line"] * 200)):
        alice.say(text)
        body = alice.page.locator(".message:not(.pending) .body").last
        expect(body).to_have_text(text)
        assert alice.page.evaluate(_WIDTH) == viewport["width"]
        assert alice.page.locator("#scroller").evaluate("box => box.scrollWidth - box.clientWidth") == 0
        box = body.bounding_box()
        assert box["x"] + box["width"] <= viewport["width"]


def test_on_a_phone_the_rooms_are_a_drawer_and_the_composer_stays_below(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.go("/rooms/lobby/")
    rooms = alice.page.locator("#rooms")
    expect(rooms).to_be_hidden()
    composer = alice.page.locator("#composer").bounding_box()
    assert NARROW["height"] - (composer["y"] + composer["height"]) < 24
    alice.page.get_by_role("button", name="Rooms and direct messages").tap()
    expect(rooms).to_be_visible()
    alice.page.keyboard.press("Escape")
    expect(rooms).to_be_hidden()
    alice.page.get_by_role("button", name="People in this room").tap()
    expect(alice.page.locator("#here .name", has_text=alice.nickname)).to_be_visible()


@pytest.mark.proof
@pytest.mark.parametrize("name", ["Rooms and direct messages", "People in this room"])
def test_the_keyboard_stays_in_an_open_drawer_and_goes_back_after_it(visit, name):
    alice = visit("alice", viewport=NARROW)
    alice.go("/rooms/lobby/")
    opener = alice.page.get_by_role("button", name=name)
    opener.press("Enter")
    drawer = alice.page.get_by_role("dialog")
    expect(drawer.get_by_role("button", name="Close")).to_be_focused()
    for _ in range(20):
        alice.page.keyboard.press("Tab")
        assert alice.page.evaluate("!document.activeElement.closest('.room-header, .talk, .skip')")
    alice.page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(opener).to_be_focused()
    opener.press("Enter")
    alice.page.mouse.click(NARROW["width"] - 5 if name.startswith("Rooms") else 5, 400)
    expect(drawer).to_have_count(0)
    expect(opener).to_be_focused()
    # A wide window has columns again, whatever was open.
    opener.press("Enter")
    alice.page.set_viewport_size(WIDE)
    expect(drawer).to_have_count(0)
    for column in (alice.page.locator("#rooms"), alice.page.locator("#here")):
        expect(column).to_be_visible()


def test_without_scripts_what_is_a_drawer_elsewhere_stands_below_the_messages(visit):
    reader = visit(viewport=NARROW, java_script_enabled=False).join("reader 7301")
    reader.page.goto("/rooms/lobby/")
    for part in ("#timeline", "#here", "#rooms"):
        expect(reader.page.locator(part)).to_be_attached()
    talk, people, rooms = (reader.page.locator(part).bounding_box() for part in (".talk", ".people", ".sidebar"))
    assert talk["y"] < people["y"] < rooms["y"]
    assert reader.page.locator("[data-drawer]:visible").count() == 0
    reader.page.get_by_role("link", name="Browse rooms").click()
    expect(reader.page.locator("h1")).to_have_text("Rooms")


def test_on_a_phone_everything_to_tap_is_large_enough(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.go("/rooms/lobby/")
    alice.page.get_by_role("button", name="Rooms and direct messages").tap()
    expect(alice.page.locator("#rooms")).to_be_visible()
    assert alice.page.evaluate(_SMALL) == []


def test_on_a_tablet_everything_to_tap_is_large_enough_and_a_member_can_be_removed(visit):
    alice, bob = visit("alice", viewport=_TABLET, has_touch=True, is_mobile=True), visit("bob")
    address = alice.submit("/rooms/new/", title=f"Kiln of {alice.nickname}", topic="", kind="private")
    alice.submit(f"{address}members/", nickname=bob.nickname)
    alice.go(address)
    assert alice.page.evaluate(_SMALL) == []
    expect(alice.page.get_by_label("Message", exact=True)).to_have_css("font-size", "16px")
    alice.page.get_by_role("button", name="People in this room").tap()
    remove = alice.page.get_by_role("button", name=f"Remove {bob.nickname}")
    expect(remove).to_have_css("opacity", "1")
    assert alice.page.evaluate(_SMALL) == []


def test_on_a_touch_screen_a_tap_shows_when_a_message_was_sent(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.new_room("Taps")
    for text in ("one", "two"):
        alice.say(text)
        alice.page.get_by_role("button", name="Send").tap()
    expect(alice.page.locator("#message-2.grouped")).to_be_visible()
    when = alice.page.locator("#message-2 .when")
    expect(when).to_have_css("opacity", "0")
    alice.page.locator("#message-2 .body").tap()
    expect(when).to_have_css("opacity", "1")
    when.tap()
    expect(alice.page).to_have_url(re.compile("/rooms/taps/2/$"))


def test_a_right_to_left_name_stands_next_to_its_picture(visit):
    avi = visit("אבי לוי")
    avi.new_room(f"חדר ציבורי {avi.nickname[-3:]}")
    for row in (avi.page.locator("#here .person a"), avi.page.locator(".sidebar-foot .me")):
        picture = row.locator(".avatar").bounding_box()
        assert 0 < row.locator(".name").evaluate(_TEXT_BEGINS) - (picture["x"] + picture["width"]) < 16
    # Above the first message; in an empty room it stands in the middle.
    avi.say("שלום")
    expect(avi.page.locator(".message:not(.pending)")).to_have_count(1)
    beginning = avi.page.locator("#beginning")
    assert beginning.locator("h2").evaluate(_TEXT_BEGINS) == beginning.locator("p").first.evaluate(_TEXT_BEGINS)


def test_an_empty_composer_is_one_line_high_however_long_the_title(visit):
    alice = visit("alice", viewport=NARROW, has_touch=True, is_mobile=True)
    alice.new_room(f"A room with a title that is much longer than {alice.nickname}")
    box = alice.page.get_by_label("Message", exact=True)
    assert box.bounding_box()["height"] < 50
    box.fill("one\ntwo\nthree")
    assert box.bounding_box()["height"] > 80
    # Magnified four times, a long text leaves a place to read.
    alice.page.set_viewport_size({"width": 320, "height": 256})
    box.fill("line\n" * 30)
    assert alice.page.evaluate("scroller.clientHeight > text.clientHeight")


def test_on_paper_there_is_all_that_was_said_and_nothing_to_click(visit, room):
    alice = visit("alice", viewport=WIDE)
    room(alice)
    alice.say("\n".join(["line"] * 100))
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    alice.page.emulate_media(media="print")
    assert alice.page.evaluate("document.documentElement.scrollHeight") > 2000
    for part in ("#sidebar", "#people", "#composer"):
        expect(alice.page.locator(part)).to_be_hidden()
    assert alice.page.get_by_role("button").count() == 0
    alice.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert alice.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_a_name_that_is_written_to_the_left_stands_before_the_words_that_are_quoted(visit, room):
    alice, shalom = visit("alice"), visit("שלום")
    room(alice, shalom)
    shalom.say("12 words or so")
    alice.message("12 words or so").hover()
    alice.page.get_by_role("button", name="Reply to").click()
    alice.say("an answer")
    quote = alice.message("an answer").locator(".quote a")
    expect(quote).to_have_attribute("data-sender", shalom.nickname)
    indent = quote.evaluate("""(quote) => {
      const words = document.createRange()
      words.selectNodeContents(quote)
      return words.getBoundingClientRect().left - quote.getBoundingClientRect().left
    }""")
    assert indent > 20


@pytest.mark.proof
@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_longest_names_and_titles_fit(visit, viewport):
    alice, _ = visit("W" * 27, viewport=viewport), visit("W" * 27)
    alice.new_room(("Ü" * 56) + alice.nickname[-4:], topic="t" * 250)
    alice.say("hello")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(1)
    for path in (alice.page.url, "/rooms/", "/people/?q=www", f"{alice.page.url}edit/", "/sign-out/"):
        alice.page.goto(path)
        assert alice.page.evaluate(_WIDTH) == viewport["width"]


def test_the_page_can_be_used_with_the_keyboard_alone(visit, room):
    alice = visit("alice")
    room(alice)
    alice.page.reload()
    alice.wait_until_live()
    expect(alice.page.get_by_label("Message", exact=True)).to_be_focused()
    alice.page.get_by_role("link", name="Skip to message box").focus()
    alice.page.keyboard.press("Enter")
    alice.page.keyboard.type("typed blind")
    expect(alice.page.get_by_role("toolbar")).to_be_visible()
    for name in ("Bold", "Formatting", "Emoji", "Send"):
        alice.page.keyboard.press("Tab")
        expect(alice.page.get_by_role("button", name=name, exact=True)).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(alice.message("typed blind")).to_be_visible()


def test_the_keyboard_passes_through_one_message_and_arrows_lead_to_the_others(visit, room):
    alice = visit("alice")
    room(alice)
    for number in range(5):
        alice.say(f"number {number} https://example.com/{number}")
    expect(alice.page.locator("#message-5")).to_be_visible()
    page = alice.page
    page.locator("#scroller").focus()
    stops, names = [], []
    while not page.get_by_label("Message", exact=True).evaluate("box => box === document.activeElement"):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.closest('.message')?.id"))
        names.append(page.evaluate("document.activeElement.className"))
    assert set(stops[:-1]) == {"message-5"}
    # Its name is not seen: the one above it is of the same person.
    assert "sender" not in names
    # The bar of the message that the keyboard is at.
    assert names.count("icon-button") == 4
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#message-5 .body a")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#message-3 .row")).to_be_focused()
    expect(page.get_by_role("article", name=alice.nickname).nth(2)).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("#message-1 .row")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#message-1 .sender")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#message-5 .row")).to_be_focused()
    page.keyboard.press("ArrowUp")
    for key in ("Enter", "ContextMenu", "Shift+F10"):
        page.keyboard.press(key)
        expect(page.locator("#message-menu").get_by_role("button", name="Reply")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#message-4 .row")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#replying")).to_contain_text("number 3")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.locator("#message-2 .row").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_the_keyboard_leaves_the_messages_and_finds_the_last_one_again_at_once(visit, room):
    """Not with the page's next change: a key may come before that."""
    alice = visit("alice")
    room(alice)
    for number in range(3):
        alice.say(f"number {number}")
    expect(alice.page.locator("#message-3")).to_be_visible()
    reachable = alice.page.evaluate("""() => {
      document.querySelector("#message-1 .when").focus()
      document.getElementById("text").focus()
      const stops = document.querySelectorAll("#timeline .when")
      return [...stops].filter((stop) => stop.tabIndex === 0).map((stop) => stop.closest(".message").id)
    }""")
    assert reachable == ["message-3"]


def test_hidden_labels_and_names_that_are_cut_are_told_to_who_points_at_them(visit):
    alice = visit("alice")
    alice.new_room("A room with a name that is much too long for this list", kind="private")
    tip = alice.page.locator("#tip")
    alice.page.locator("#rooms [aria-current] .name").hover()
    expect(tip).to_have_text("A room with a name that is much too long for this list")
    alice.page.mouse.move(700, 400)
    alice.page.locator("#rooms .name", has_text="Lobby").hover()
    expect(tip).to_be_hidden()
    settings = alice.page.get_by_role("link", name="Settings")
    settings.hover()
    expect(tip).to_have_text("Settings")
    expect(tip).to_be_in_viewport(ratio=1)
    alice.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    alice.page.mouse.move(700, 400)
    alice.page.get_by_role("link", name="New message").focus()
    alice.page.keyboard.press("Shift+Tab")
    expect(tip).to_be_hidden()
    alice.page.keyboard.press("Tab")
    expect(tip).to_have_text("New message")
    assert alice.page.locator("[title]").count() == 0


def test_a_private_room_is_told_from_a_public_one_by_who_listens(visit):
    alice = visit("alice")
    alice.new_room("Cellar", kind="private")
    expect(alice.page.get_by_role("heading", level=1, name="Private Cellar")).to_be_visible()
    expect(alice.page.get_by_role("link", name="Private Cellar")).to_be_visible()
    expect(alice.page.get_by_role("link", name="Lobby", exact=True)).to_be_visible()


def test_landmarks_and_names_are_there_for_those_who_listen(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    landmarks = {"navigation": "Rooms and direct messages", "complementary": "People", "region": "Messages"}
    for role, name in landmarks.items():
        expect(alice.page.get_by_role(role, name=name, exact=True)).to_be_visible()
    expect(alice.page.get_by_role("main")).to_be_visible()
    nameless = alice.page.evaluate("""[...document.querySelectorAll("button, a[href], input, textarea")]
      .filter((element) => element.type !== "hidden" && element.checkVisibility() && element.ariaHidden !== "true")
      .filter((element) => !(element.ariaLabel || element.textContent.trim() || element.labels?.length))
      .map((element) => element.outerHTML.slice(0, 120))""")
    assert nameless == []


def test_a_tip_gives_way_to_typing_and_does_not_come_to_a_pointer_that_rests(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    tip = alice.page.locator("#tip")
    emoji = alice.page.locator("#composer [name=emoji]")
    emoji.hover()
    expect(tip).to_be_visible()
    alice.page.locator("#text").press_sequentially("a")
    expect(tip).to_be_hidden()
    # What comes under a pointer that rests is heard of like what it comes to.
    place = emoji.bounding_box()
    at = {"screenX": place["x"], "screenY": place["y"], "bubbles": True}
    for button in ("emoji", "formatting"):
        alice.page.locator(f"#composer [name={button}]").dispatch_event("mouseover", at)
    expect(tip).to_have_text("Emoji")
