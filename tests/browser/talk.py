"""A talk of several people, of which everything must arrive, once and in one order, while nobody notices anything."""

from itertools import count

from playwright.sync_api import Page, expect

from tests.browser.visitors import Visitor

_SENT = ".message:not(.pending)"

# Writes down from now on what the strip says, and who vanishes from the list of people.
_WATCH = """() => {
  const strip = document.getElementById("status"), here = document.getElementById("here")
  const names = () => Array.from(here?.querySelectorAll(".name") ?? [], (name) => name.textContent)
  const before = names()
  window.noticed = []
  const look = () => {
    if (!strip.hidden) noticed.push(strip.textContent)
    for (const name of before) if (!names().includes(name)) noticed.push(`${name} has gone`)
  }
  const watch = new MutationObserver(look)
  for (const part of [strip, here]) if (part) watch.observe(part, { attributes: true, childList: true })
}"""


class Talk:
    """People in one room; what they say is numbered."""

    def __init__(self, *people: Visitor) -> None:
        self.people = people
        self.said: dict[str, list[str]] = {person.nickname: [] for person in people}
        self._numbers = count(1)

    def watch(self) -> None:
        for person in self.people:
            for other in self.people:
                expect(person.page.locator("#here .name").get_by_text(other.nickname, exact=True)).to_have_count(1)
            person.page.evaluate(_WATCH)

    def noticed(self, is_cut: bool = False) -> list[str]:
        """Changes that people may have seen since `watch`. A page that was loaded anew does not know of it any more.

        Of a line that is cut on purpose the strip tells when the next one takes more than a second, which depends on
        the machine: `is_cut` leaves that out.
        """
        seen = [sight for person in self.people for sight in person.page.evaluate("window.noticed ?? ['a reload']")]
        return [sight for sight in seen if not (is_cut and sight == "Reconnecting…")]

    def say(self, person: Visitor, times: int = 1) -> None:
        for _ in range(times):
            text = f"{next(self._numbers)} by {person.nickname}"
            person.say(text)
            self.said[person.nickname].append(text)

    def round(self) -> None:
        """Everybody says something, and waits for none of it."""
        for person in self.people:
            self.say(person)

    def expect_whole(self) -> None:
        """Everybody sees all of it once, in one order that is for each person's words that of writing."""
        expected = sum(len(texts) for texts in self.said.values())
        for person in self.people:
            expect(person.page.locator(_SENT)).to_have_count(expected)
        order = self.people[0].page.locator(f"{_SENT} .body").all_text_contents()
        for person in self.people:
            expect(person.page.locator(f"{_SENT} .body")).to_have_text(order)
            expect(person.page.locator(".message")).to_have_count(expected)
            assert [text for text in order if text.endswith(f"by {person.nickname}")] == self.said[person.nickname]


def wait_for_way(page: Page, way: str) -> None:
    page.wait_for_selector(f"body[data-transport={way}] #status[data-key=ready]", state="attached")
