"""Everything by keyboard alone, and the focus is never lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scrolling import numbers_of

# How what has the focus shows it: by a ring of its own, or of what it stands in.
_IS_SEEN = """() => {
  const isRinged = (element, pseudo) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element, pseudo)
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow.includes("0px 0px 0px 1px")
  }
  const focused = document.activeElement
  const around = focused.closest(".box, .choice")
  return focused === document.body || isRinged(focused) || isRinged(focused, "::after") ||
    Boolean(around && isRinged(around))
}"""


def tab_to(page: Page, name: str, keys: str = "Tab") -> None:
    """Presses Tab until what is called so has the focus, which is seen wherever it is meanwhile."""
    for _ in range(60):
        page.keyboard.press(keys)
        assert page.evaluate(_IS_SEEN), page.evaluate("document.activeElement.outerHTML")
        label = page.evaluate("""() => {
          const { labels, ariaLabel, textContent } = document.activeElement
          return (labels?.[0]?.textContent ?? ariaLabel ?? textContent).trim().replace(/\\s+/g, " ")
        }""")
        if label.startswith(name):
            return
    raise AssertionError(f"Tab never came to {name}")


def follow(page: Page, name: str, heading: str, keys: str = "Tab") -> None:
    """Goes by Tab to what is called so, and by Enter to the page that it leads to."""
    tab_to(page, name, keys)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(re.compile(rf"\s*(Private)?\s*{re.escape(heading)}\s*"))


@pytest.mark.proof
def test_a_person_joins_talks_and_goes_by_keyboard_alone(visit):
    bob = visit("bob")
    bob.go("/rooms/lobby/")
    guest = visit()
    page, keys = guest.page, guest.page.keyboard
    page.goto("/")
    nickname = f"{bob.nickname} by keys"
    keys.type(nickname)
    keys.press("Enter")
    guest.wait_until_live()
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    keys.type("hello")
    keys.press("Enter")
    expect(bob.message("hello")).to_be_visible()
    page.reload()
    guest.wait_until_live()
    tab_to(page, "Skip to message box", "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    follow(page, "New room", "New room", "Shift+Tab")
    expect(page.get_by_label("Name")).to_be_focused()
    title = f"Room of {nickname}"
    keys.type(title)
    tab_to(page, "Topic")
    tab_to(page, "Public")
    keys.press("ArrowDown")
    follow(page, "Create room", title)
    guest.wait_until_live()
    tab_to(page, "Add someone")
    keys.type(bob.nickname)
    keys.press("Enter")
    expect(page.get_by_role("status").filter(has_text=bob.nickname)).to_be_visible()
    guest.wait_until_live()
    tab_to(page, "Room menu", "Shift+Tab")
    keys.press("Enter")
    follow(page, "Edit room", "Edit room")
    follow(page, "Cancel", title)
    guest.wait_until_live()
    follow(page, "Browse rooms", "Rooms", "Shift+Tab")
    follow(page, title, title)
    guest.wait_until_live()
    follow(page, "New message", "New message", "Shift+Tab")
    keys.type(bob.nickname)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="People matching")).to_be_visible()
    follow(page, bob.nickname, bob.nickname)
    guest.wait_until_live()
    keys.type("only for you")
    keys.press("Enter")
    expect(page.locator(".message:not(.pending)")).to_have_count(1)
    follow(page, "Settings", "Settings", "Shift+Tab")
    tab_to(page, "Dark")
    keys.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    follow(page, "Lobby", "Lobby")
    guest.wait_until_live()
    follow(page, "Sign out", "Sign out?", "Shift+Tab")
    follow(page, "Sign out for good", "Pick a nickname, start talking")
    expect(page.get_by_label("Nickname")).to_be_focused()


def test_the_sheet_of_keys_opens_and_signs_can_be_switched_off(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    page = alice.page
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.get_by_role("button", name="Room menu").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(sheet).to_be_visible()
    expect(sheet.get_by_text("Previous message")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.locator("#text").focus()
    page.keyboard.type("really?")
    expect(page.locator("#text")).to_have_value("really?")
    page.keyboard.press("Control+/")
    expect(sheet).to_be_visible()
    page.mouse.click(5, 5)
    expect(sheet).to_be_hidden()
    expect(page.locator("#text")).to_be_focused()
    page.locator("#scroller").focus()
    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    sheet.get_by_role("checkbox").uncheck()
    sheet.get_by_role("button", name="Close").press("Enter")
    expect(page.locator("#scroller")).to_be_focused()
    page.keyboard.press("?")
    page.keyboard.press("x")
    expect(sheet).to_be_hidden()
    expect(page.locator("#text")).to_have_value("really?")
    page.reload()
    alice.wait_until_live()
    page.locator("#scroller").focus()
    page.keyboard.press("?")
    expect(sheet).to_be_hidden()


@pytest.mark.proof
def test_the_focus_stays_among_messages_while_they_come_and_go(filled):
    alice, _ = filled(430)
    page = alice.page
    box = page.locator("#scroller")
    page.locator("#message-420 .row").focus()
    first = numbers_of(page)[0]
    page.keyboard.press("Home")
    expect(page.locator(f"#message-{first} .row")).to_be_focused()
    expect(page.locator(f"#message-{first - 50}")).to_be_attached()
    expect(page.locator(f"#message-{first} .row")).to_be_focused()
    # Page keys take the focus along.
    before = box.evaluate("box => box.scrollTop")
    page.keyboard.press("PageDown")
    page.wait_for_function("before => document.getElementById('scroller').scrollTop > before", arg=before)
    number = page.evaluate("Number(document.activeElement.closest('.message').dataset.number)")
    assert number > first
    expect(page.locator(f"#message-{number}")).to_be_in_viewport()
    # The message with the focus is given up at the far end.
    page.locator("#message-429 .row").focus()
    for number in range(first - 100, 50, -50):
        box.evaluate("box => { box.scrollTop = 40 }")
        expect(page.locator(f"#message-{number}")).to_be_attached()
    expect(page.locator("#message-429")).to_have_count(0)
    assert page.evaluate("document.activeElement === document.querySelector('#timeline > :last-child .row')")
    # Another room, in place.
    page.locator(".sidebar-list a", has_text="Lobby").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1 .name")).to_have_text("Lobby")
    expect(page.locator("#text")).to_be_focused()


def test_the_focus_is_not_lost_when_what_has_it_is_taken_away(visit):
    alice, bob = visit("alice"), visit("bob")
    address = alice.new_room(f"Loft of {alice.nickname}", "private")
    alice.submit(f"{address}members/", nickname=bob.nickname)
    bob.go(address)
    name = alice.page.locator(".people-list a", has_text=bob.nickname)
    expect(alice.page.locator("#here a", has_text=bob.nickname)).to_be_visible()
    name.focus()
    bob.page.goto("about:blank")
    expect(alice.page.locator("#away a", has_text=bob.nickname)).to_be_focused()
    bob.go(address)
    expect(alice.page.locator("#here a", has_text=bob.nickname)).to_be_focused()
    bob.page.locator("#text").focus()
    alice.submit(f"{address}members/remove/", nickname=bob.nickname)
    expect(bob.page.locator("#text")).to_be_disabled()
    assert bob.page.evaluate("document.activeElement !== document.body")
    expect(name).to_have_count(0)
    assert alice.page.evaluate("document.activeElement.closest('.people') !== null")


def test_only_others_new_messages_are_read_out(visit, room, line):
    alice, bob = visit("alice"), visit("bob")
    its_line = line(alice)
    address = room(alice, bob)
    bob.say("before")
    expect(alice.message("before")).to_be_visible()
    alice.go("/rooms/lobby/")
    said = alice.page.locator("#announcer p")
    alice.page.evaluate("address => navigation.navigate(address).finished", address)
    expect(alice.message("before")).to_be_visible()
    expect(said).to_have_count(0)
    alice.say("mine")
    expect(alice.page.locator(".message:not(.pending)")).to_have_count(2)
    for _ in range(2):
        bob.say("news")
    expect(said).to_have_text([f"{bob.nickname}: news"] * 2)
    alice.page.evaluate("navigation.navigate('/rooms/lobby/').finished")
    expect(said).to_have_count(0)
    # Messages that were missed are no news, in a room that was opened meanwhile neither.
    its_line.cut()
    alice.page.evaluate("address => navigation.navigate(address).finished", address)
    bob.say("missed")
    bob.message("missed").and_(bob.page.locator(":not(.pending)")).wait_for()
    before = its_line.synced
    its_line.mend()
    expect(alice.message("missed")).to_be_visible()
    its_line.wait_until(lambda: its_line.synced > before)
    bob.say("news again")
    expect(said).to_have_text([f"{bob.nickname}: news again"])
    regions = alice.page.locator("[role=status], [role=alert], [role=log], [aria-live]")
    assert regions.evaluate_all("all => all.filter((one) => one.closest('#timeline, #typing')).length") == 0
