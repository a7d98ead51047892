"""A room in which everything is used that messages can have, and its pictures."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.visitors import Visitor

PLAN = """**Firing on Thursday**

- 8:00 load the lower shelf
- 9:30 fire to cone `022`
- 18:00 close the damper

> Is the lower shelf still cracked?

No, it's new."""
QUESTION = "@Ines could you bring the small cones? @Tomás has none left."
TABLE = "| Glaze | Cone |\n| --- | --- |\n| Tenmoku | 6 |\n| Celadon | 10 |"
CODE = "```python\ndef ramp(start, end, hours):\n    return (end - start) / hours\n```"
ANSWERS = ["I have two boxes at home.", "Both are cone 6, is that what we need?", "Yes, thank you!"]

Shoot = Callable[[Visitor, str], None]


def use_everything(people: dict[str, Visitor]) -> str:
    """Holds the talk. Returns the address of its room."""
    ines, tomas, sofia = (people[name] for name in ("Ines", "Tomás", "Sofia Lindqvist"))
    address = ines.new_room("Workshop", topic="Firing, glazing, and who does what")
    for visitor in (tomas, sofia):
        visitor.join_room(address)
    for visitor, text in ((tomas, PLAN), (sofia, QUESTION), (sofia, "🎉🎉"), (ines, TABLE), (tomas, CODE)):
        visitor.say(text)
        for each in (ines, tomas, sofia):
            each.page.locator("#timeline > .message:not(.pending)").nth(_last(visitor)).wait_for()
    for answer, visitor in zip(ANSWERS, (tomas, sofia, ines), strict=True):
        _choose(visitor, 2, "show-thread")
        box = visitor.page.locator(".thread textarea")
        box.fill(answer)
        box.press("Enter")
        visitor.page.locator(".thread .message:not(.pending)", has_text=answer).wait_for()
        visitor.page.keyboard.press("Escape")
    for visitor, number, emoji in ((ines, 1, 0), (sofia, 1, 0), (sofia, 1, 1), (ines, 2, 2), (tomas, 3, 3)):
        _open_menu(visitor, number)
        visitor.page.locator("#message-menu .quick:enabled").nth(emoji).click()
    for number, action in ((1, "pin"), (2, "pin"), (2, "save"), (1, "save"), (5, "save")):
        _choose(ines, number, action)
    ines.page.locator("#message-5 .mark-of-saved").wait_for()
    ines.go("/rooms/lobby/")
    _choose(ines, 5, "forward")
    ines.page.locator(".forward-place", has_text="Workshop").click()
    ines.page.locator("dialog[open] textarea").fill("That settles Thursday.")
    ines.page.locator("dialog[open] .primary").click()
    ines.page.locator("#composer-hint", has_text="Forwarded").wait_for()
    return address


def take_workshop(ines: Visitor, address: str, shoot: Shoot) -> None:
    page = ines.page
    ines.go(address)
    page.locator(".mark-of-saved").first.wait_for()
    page.locator("#scroller").evaluate("box => { box.scrollTop = 0 }")
    shoot(ines, "workshop")
    page.locator("#scroller").evaluate("box => { box.scrollTop = box.scrollHeight }")
    shoot(ines, "workshop-end")
    # Of one's own message, which has all entries.
    _open_menu(ines, 4)
    page.locator("#message-menu .quick:enabled").last.wait_for()
    shoot(ines, "message-menu-full")
    page.locator("#message-menu [name=react]").last.click()
    page.locator(".picker .emoji-button").first.wait_for()
    page.wait_for_timeout(300)
    shoot(ines, "picker")
    page.keyboard.press("Escape")
    page.locator("#pins").click()
    page.locator("dialog[open] .kept").first.wait_for()
    shoot(ines, "pins")
    page.keyboard.press("Escape")
    _choose(ines, 5, "forward")
    page.locator("dialog[open] .forward-place").first.click()
    shoot(ines, "forward")
    page.locator("dialog[open] [type=search]").fill("nothing like it")
    shoot(ines, "forward-none")
    page.locator("dialog[open] .dialog-ways .button").first.click()
    _choose(ines, 2, "show-thread")
    page.locator(".thread .message").nth(3).wait_for()
    page.wait_for_timeout(300)
    shoot(ines, "thread")
    page.locator(".thread textarea").press("Escape")
    _choose(ines, 2, "select")
    page.locator("#message-4 .row").click()
    shoot(ines, "selecting")
    page.locator(".selection-bar .button").last.click()
    take_writing(page, lambda name: shoot(ines, name))
    page.goto("/saved/")
    shoot(ines, "saved")


def take_writing(page: Page, shoot: Callable[[str], None]) -> None:
    text = page.locator("#text")
    text.focus()
    text.press_sequentially("So")
    page.locator("#composer .toolbar").wait_for(state="attached")
    if page.locator("#composer .toolbar").is_hidden():
        page.locator("#composer [name=formatting]").click()
    page.wait_for_timeout(300)
    shoot("toolbar")
    text.press_sequentially(", @")
    page.locator(".suggestion").nth(1).wait_for()
    page.wait_for_timeout(300)
    shoot("completion")
    text.fill("")
    page.locator("#composer [name=formatting]").click()


def _open_menu(visitor: Visitor, number: int) -> None:
    visitor.page.locator(f"#message-{number} .row").first.press("Enter")


def _choose(visitor: Visitor, number: int, action: str) -> None:
    _open_menu(visitor, number)
    visitor.page.locator(f"#message-menu [name={action}]").click()


def _last(visitor: Visitor) -> int:
    return visitor.page.locator("#timeline > .message").count() - 1
