"""Pictures of the site.

python -m tests.browser.screenshot docs/screenshot.png    the picture of the README
python -m tests.browser.screenshot --all DIRECTORY        all pages and all components, wide and narrow, light and dark,
                                                          in each language
"""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.visitors import NARROW, WIDE, Visitor, browsing
from tests.browser.workshop import take_workshop, use_everything
from tests.servers import NO_LIMITS, Site, daphne

TALK = [
    ("Ines", "Morning! The kiln is free from Thursday, if anybody wants to fire glazes."),
    ("王小明", "太好了，我有六个碗要烧。"),
    ("王小明", "Six bowls, two of them large. Is the lower shelf still cracked?"),
    ("Ines", "Replaced it last week. Photos and the new cone chart are on https://pottery.example.org/kiln"),
    ("Tomás", "I can open up at eight on Thursday.\nSomebody else would have to close, I leave at four."),
    ("Ines", "I'll close. 👍"),
    ("Sofia Lindqvist", "Put me down for the small test tiles, please. Nine of them, cone 6."),
]
# Minutes before now at which the talk was held: a picture in which all speak at once would look made up.
MINUTES = [52, 49, 49, 47, 31, 30, 12]

_BACKDATE = """
from datetime import timedelta
from chat.models import Message
for number, minutes in enumerate({minutes}, 1):
    for message in Message.objects.filter(room__slug="lobby", number=number):
        message.sent_at -= timedelta(minutes=minutes)
        message.save()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--all", action="store_true", help="every page, into the directory TARGET")
    parser.add_argument("--only", default="", help="only the pictures whose look is this one, such as narrow-dark-en")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, daphne(Path(data), **NO_LIMITS) as site, browsing() as browser:
        people = _hold_talk(browser, site)
        studio = _set_the_scene(people)
        if arguments.all:
            Gallery(browser, site, people, studio, arguments.target, arguments.only).take()
        else:
            arguments.target.parent.mkdir(parents=True, exist_ok=True)
            people["王小明"].page.get_by_label("Message", exact=True).press_sequentially("Ines")
            _portrait(people["Tomás"].page, arguments.target)


def _hold_talk(browser: Browser, site: Site) -> dict[str, Visitor]:
    people = {name: Visitor(browser, site.url).join(name) for name in dict.fromkeys(name for name, _ in TALK)}
    for visitor in people.values():
        visitor.go("/rooms/lobby/")
    for name, text in TALK:
        if text == TALK[-1][1]:
            people[name].page.locator("#message-1").hover()
            people[name].page.get_by_role("button", name="Reply to Ines").first.click()
        people[name].say(text)
        people[name].page.locator(".message:not(.pending) .body").last.wait_for()
        for visitor in people.values():
            visitor.message(text).wait_for()
    site.manage("shell", "-c", _BACKDATE.format(minutes=MINUTES))
    return people


def _set_the_scene(people: dict[str, Visitor]) -> str:
    """Rooms and private messages around the talk. Returns the address of the private room."""
    ines = people["Ines"]
    ines.new_room("Glaze recipes", topic="What went into the bucket, and what came out of the kiln")
    ines.say("Tenmoku test 4: a little less iron, much better.")
    ines.new_room("Open studio", topic="Weekends")
    studio = ines.new_room("Keys and alarm", "private", topic="For those who open and close")
    for name in ("Tomás", "Sofia Lindqvist"):
        ines.page.get_by_label("Add someone").fill(name)
        ines.page.get_by_role("button", name="Add", exact=True).click()
        ines.page.get_by_text("is in “Keys and alarm” now").wait_for()
    ines.go(studio)
    ines.say("New code from Monday, I will tell each of you in person.")
    people["Sofia Lindqvist"].go("/people/Tomás/")
    people["Sofia Lindqvist"].say("Could you keep a key for me?")
    people["Tomás"].join_room("/rooms/glaze-recipes/")
    for visitor in people.values():
        visitor.go("/rooms/lobby/")
        visitor.page.locator("#here li").nth(len(people) - 1).wait_for()
    return studio


def _portrait(page: Page, target: Path) -> None:
    page.get_by_label("Message", exact=True).fill("Nine tiles for Sofia, noted. I'll bring")
    page.get_by_text("王小明 is typing…").wait_for()
    page.screenshot(path=target, animations="disabled")


LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}


class Gallery:
    """Every page and state, four times in each language."""

    def __init__(
        self, browser: Browser, site: Site, people: dict[str, Visitor], studio: str, target: Path, only: str = ""
    ) -> None:
        self.browser = browser
        self.site = site
        self.people = people
        self.studio = studio
        self.target = target
        self.only = only
        target.mkdir(parents=True, exist_ok=True)

    def take(self) -> None:
        self._strange_room()
        self.workshop = use_everything(self.people)
        self.people["Ines"].new_room("Empty")
        crowded = Visitor(self.browser, self.site.url).join("Ann").context.storage_state()
        self.site.manage("shell", "-c", _CROWD)
        alone = Visitor(self.browser, self.site.url).join("Lone")
        alone.submit("/rooms/lobby/leave/")
        for language, locale in LOCALES.items():
            for scheme in ("light", "dark"):
                for size, viewport in (("wide", WIDE), ("narrow", NARROW)):
                    self.mark = f"{size}-{scheme}-{language}"
                    if self.only not in ("", self.mark):
                        continue
                    look = {"viewport": viewport, "color_scheme": scheme, "has_touch": size == "narrow"}
                    look["locale"] = locale
                    self.take_outside(look)
                    self.take_inside(look | {"storage_state": self.people["Ines"].context.storage_state()})
                    self.take_many_and_no_rooms(look, crowded, alone.context.storage_state())
        if not self.only:
            self.take_style_guide()
        print(f"{len(list(self.target.glob('*.png')))} pictures in {self.target}")

    def take_style_guide(self) -> None:
        """A picture for each component. What needs a pointer or the keyboard is put into its state by force."""
        self.site.manage("shell", "-c", _STAFF)
        for size, viewport in (("wide", WIDE), ("narrow", NARROW)):
            state = self.people["Ines"].context.storage_state()
            ines = Visitor(self.browser, self.site.url, viewport=viewport, storage_state=state)
            for language in LOCALES:
                ines.page.goto(f"/styleguide/?language={language}")
                _force_states(ines.page)
                for section in ines.page.locator(".specimens").all():
                    path = self.target / f"styleguide-{section.get_attribute('id')}-{size}-{language}.png"
                    section.screenshot(path=path, animations="disabled")
            ines.close()

    def take_outside(self, look: dict) -> None:
        guest = Visitor(self.browser, self.site.url, **look)
        guest.page.goto("/")
        self.shoot(guest, "join")
        guest.page.locator("#nickname").fill("Ines")
        guest.page.locator(".join .primary").click()
        guest.page.get_by_role("alert").wait_for()
        self.shoot(guest, "join-taken")
        guest.page.goto("/rooms/")
        guest.close()
        reader = Visitor(self.browser, self.site.url, java_script_enabled=False, **look)
        reader.context.add_cookies(self.people["Ines"].context.cookies())
        reader.page.goto("/rooms/lobby/")
        self.shoot(reader, "no-javascript")
        reader.close()

    def take_inside(self, look: dict) -> None:
        ines = Visitor(self.browser, self.site.url, **look)
        for name, path in {
            "rooms": "/rooms/",
            "rooms-none": "/rooms/?q=nothing-like-it",
            "people": "/people/",
            "people-none": "/people/?q=nobody-at-all",
            "room-new": "/rooms/new/",
            "room-edit": "/rooms/glaze-recipes/edit/",
            "settings": "/settings/",
            "connection": "/connection/",
            "sign-out": "/sign-out/",
            "nobody": "/people/nobody-at-all/",
            "missing": "/rooms/missing/",
        }.items():
            ines.page.goto(path)
            self.shoot(ines, name)
        for name, path in {
            "lobby": "/rooms/lobby/",
            "message": "/rooms/lobby/3/",
            "private": self.studio,
            "empty-room": "/rooms/empty/",
            "empty-direct": "/people/王小明/",
            "notes": "/people/Ines/",
            "strange": "/rooms/strange/",
        }.items():
            ines.go(path)
            ines.page.wait_for_timeout(300)
            self.shoot(ines, name)
        self.take_errors(ines)
        self.take_states(ines)
        take_workshop(ines, self.workshop, self.shoot)
        ines.close()
        other = Visitor(self.browser, self.site.url, **look | {"storage_state": None})
        other.join(f"Zoë {self.mark}")
        other.go("/rooms/open-studio/")
        self.shoot(other, "preview")
        other.close()

    def take_errors(self, ines: Visitor) -> None:
        page = ines.page
        page.goto("/rooms/new/")
        page.locator("#title").fill("Lobby")
        page.locator(".stack .primary").click()
        page.get_by_role("alert").wait_for()
        self.shoot(ines, "room-new-error")
        ines.go(self.studio)
        if page.locator(".people-button").is_visible():
            page.locator(".people-button").click()
        page.locator("#add-nickname").fill("nobody at all")
        page.locator("#add-nickname").press("Enter")
        page.get_by_role("alert").wait_for()
        page.wait_for_timeout(300)
        self.shoot(ines, "add-error")

    def take_many_and_no_rooms(self, look: dict, crowded: dict, alone: dict) -> None:
        ann = Visitor(self.browser, self.site.url, **look, storage_state=crowded)
        ann.go("/rooms/lobby/")
        self.shoot(ann, "many-rooms")
        if ann.page.locator(".menu-button").is_visible():
            ann.page.locator(".menu-button").click()
            ann.page.wait_for_timeout(300)
            self.shoot(ann, "many-rooms-drawer")
        ann.close()
        lone = Visitor(self.browser, self.site.url, **look, storage_state=alone)
        lone.page.goto("/saved/")
        self.shoot(lone, "saved-none")
        lone.page.goto("/people/?q=王")
        self.shoot(lone, "no-rooms")
        lone.close()

    def take_states(self, ines: Visitor) -> None:
        page = ines.page
        ines.go("/rooms/lobby/")
        page.locator("[popovertarget=room-menu]").click()
        self.shoot(ines, "menu")
        page.keyboard.press("Escape")
        for name, opener in {"rooms": ".menu-button", "people": ".people-button"}.items():
            button = page.locator(opener)
            if button.is_visible():
                button.click()
                page.wait_for_timeout(300)
                self.shoot(ines, f"drawer-{name}")
                page.keyboard.press("Escape")
        page.wait_for_timeout(300)
        # With a finger the button comes by a tap on the message.
        page.locator("#message-3 .body").click()
        page.locator("#message-3 [name=reply]").click()
        self.shoot(ines, "replying")
        self.take_changes(ines)
        page.locator("#text").fill("word " * 2001)
        self.shoot(ines, "too-long")
        page.locator("#text").fill("")
        page.evaluate(_FAIL)
        ines.context.set_offline(True)
        page.wait_for_timeout(700)
        self.shoot(ines, "failed")
        ines.context.set_offline(False)

    def take_changes(self, ines: Visitor) -> None:
        """One's own last message: its menu, an edit that is given up, a deletion that is undone, its versions."""
        page = ines.page
        page.locator("#text").press("Escape")
        page.locator("#text").press("ArrowUp")
        page.locator("#text").press("End")
        page.keyboard.type("!")
        self.shoot(ines, "editing")
        page.locator("#text").press("Escape")
        self.shoot(ines, "discarding")
        page.locator("#discard button").first.click()
        page.locator("#composer .send").click()
        page.locator(".own .edited-mark").last.click()
        page.locator("#details[open]").wait_for()
        self.shoot(ines, "versions")
        page.keyboard.press("Escape")
        page.locator(".own:not(.deleted) .body").last.click(button="right", position={"x": 4, "y": 4})
        self.shoot(ines, "message-menu")
        page.locator("#message-menu [name=delete]").click()
        page.locator(".deleted:not(.changing)").last.wait_for()
        self.shoot(ines, "deleted")
        page.locator("[name=undo]").last.click()
        page.locator(".changing").wait_for(state="detached")
        page.wait_for_function("!document.querySelector('.deleted')")

    def _strange_room(self) -> None:
        """Texts as people write them when nobody thinks of the layout."""
        ines = self.people["Ines"]
        ines.new_room("Strange", topic="An uncommonly long topic that says a great deal about very little " * 3)
        stranger = Visitor(self.browser, self.site.url).join("Wolfeschlegelsteinhausenbergerdo")
        stranger.join_room("/rooms/strange/")
        for text in ("donaudampfschiff" * 40, "שלום עולם, mixed with English", "一二三四五六七八九十" * 20, "👍"):
            stranger.say(text)
            stranger.message(text).wait_for()
        stranger.say("A long message. " * 60)
        stranger.go("/people/Ines/")
        stranger.say("Hello from a person with a long name")
        stranger.page.locator(".message:not(.pending)").last.wait_for()
        stranger.close()

    def shoot(self, visitor: Visitor, name: str) -> None:
        visitor.page.screenshot(path=self.target / f"{name}-{self.mark}.png", animations="disabled")


def _force_states(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    for state, classes in {
        "hover": ["hover"],
        "focus": ["focus", "focus-visible"],
        "focus-within": ["focus-within"],
    }.items():
        query = {"nodeId": root, "selector": f"[data-state={state}]"}
        for node in session.send("DOM.querySelectorAll", query)["nodeIds"]:
            session.send("CSS.forcePseudoState", {"nodeId": node, "forcedPseudoClasses": classes})


_STAFF = """
from django.contrib.auth import get_user_model
get_user_model().objects.filter(profile__nickname="Ines").update(is_staff=True)
"""

# So many rooms, some with very long names and some with news.
_CROWD = """
from datetime import timedelta
from django.utils import timezone
from chat.actions.messages import Draft, post_messages
from chat.models import Membership, Profile, Room
ann, ines = (Profile.objects.get(nickname=name) for name in ("Ann", "Ines"))
long = ["陶艺工作室周末开放日与釉料配方交流以及窑炉预约安排和志愿者排班通知总群一二三四五六", "W" * 40]
titles = [*long, *(f"Shelf {number}" for number in range(58))]
made = [Room.objects.create(kind="private", title=title, slug=f"shelf-{n}") for n, title in enumerate(titles)]
Membership.objects.bulk_create([Membership(room=room, profile=who) for room in made for who in (ann, ines)])
Membership.objects.filter(room__in=made).update(created_at=timezone.now() - timedelta(days=9))
for number, room in enumerate(made[:7]):
    post_messages([Draft(ines.pk, f"crowd-{number}-{count}", "hello", room.pk) for count in range(number * 7 % 5)])
Membership.objects.filter(room__in=made, profile=ines).delete()
"""

# A message that the server refused, and one on its way: both pass too fast to be met by chance.
_FAIL = """() => {
  const rows = [...document.querySelectorAll("#timeline > .message")].slice(-2).map((row) => row.cloneNode(true))
  const fate = rows[0].querySelector(".fate")
  fate.append(document.getElementById("failed-template").content.cloneNode(true))
  fate.querySelector(".reason").textContent = "You're not a member of this room."
  fate.hidden = false
  rows[0].classList.add("pending", "failed", "own")
  rows[1].classList.add("pending", "own")
  document.getElementById("timeline").append(...rows)
  document.getElementById("scroller").scrollTop = 100000
}"""


if __name__ == "__main__":
    main()
