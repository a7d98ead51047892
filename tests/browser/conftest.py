"""One browser and one site for all tests; people and rooms of their own for each."""

import contextlib
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.forwarder import Forwarder, forwarding
from tests.browser.line import Line
from tests.browser.proxy import Proxy
from tests.browser.scrolling import FILL
from tests.browser.talk import Talk, wait_for_way
from tests.browser.visitors import Visitor, browsing, chromium

_numbers = count(1_001)
"""Of four digits: a name that the site suggests instead of a taken one has a digit more, so nobody else has it."""
_NO_BROWSER = "The browser tests need Chromium: install it, or name it in CHROMIUM."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(_NO_BROWSER)
    with browsing() as running:
        yield running


@pytest.fixture(scope="session")
def free() -> list[Visitor]:
    """Browsers in front of which nobody sits at the moment."""
    return []


@pytest.fixture
def visit(browser, site, free) -> Iterator[Callable[..., Visitor]]:
    """Somebody who comes to the site: `visit("alice")` has joined under a nickname that begins with alice.

    Whoever came must not have met an error on the console, nor a broken Content-Security-Policy.
    """
    visitors: list[Visitor] = []

    def come(name: str | None = None, url: str = site.url, **options) -> Visitor:
        is_plain = url == site.url and not options
        visitor = free.pop() if is_plain and free else Visitor(browser, url, **options)
        visitor.is_plain = is_plain
        visitors.append(visitor)
        if name:
            visitor.join(f"{name} {next(_numbers)}")
        return visitor

    yield come
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        if visitor.is_plain:
            visitor.leave()
            free.append(visitor)
        else:
            visitor.close()
    assert faults == []


@pytest.fixture
def room(visit) -> Callable[..., str]:
    """A room of its own for a test, in which these people are, live: `room(alice, bob)`. Its address."""

    def gather(owner: Visitor, *others: Visitor, topic: str = "") -> str:
        address = owner.submit("/rooms/new/", title=f"Room {next(_numbers)}", topic=topic, kind="public")
        for visitor in others:
            visitor.submit(f"{address}join/")
        for visitor in (owner, *others):
            visitor.set_out(address)
        for visitor in (owner, *others):
            visitor.wait_until_live()
        return address

    return gather


@pytest.fixture
def line() -> Callable[[Visitor], Line]:
    """Puts a line between a person and the site that can be cut and listened to: before they open a page."""
    return Line


@pytest.fixture
def filled(visit, room, site):
    """A person in a room of their own with so many messages, and its address: `filled(130)`."""

    def fill(count: int = 520):
        alice = visit("alice")
        address = room(alice)
        alice.page.goto("about:blank")
        slug = address.rstrip("/").rsplit("/", 1)[1]
        site.manage("shell", "-c", FILL.format(nickname=alice.nickname, slug=slug, count=count))
        alice.go(address)
        return alice, address

    return fill


@pytest.fixture
def behind(visit, site):
    """Somebody behind a proxy of their own, `bob.proxy`: `behind("bob", refuses_upgrades=True)`."""
    with contextlib.ExitStack() as stack:

        def come(name: str, **spoils):
            proxy = stack.enter_context(Proxy(site, **spoils).running())
            visitor = visit(name, url=proxy.url)
            visitor.proxy = proxy
            return visitor

        yield come


@pytest.fixture
def gather(room):
    """A room with these people in it, the first of whom owns it; each on the way that is the best for them."""

    def meet(*people, ways) -> Talk:
        address = room(people[0])
        for person in people[1:]:
            person.submit(f"{address}join/")
            person.set_out(address)
        for person, way in zip(people, ways, strict=True):
            wait_for_way(person.page, way)
        talk = Talk(*people)
        talk.watch()
        return talk

    return meet


@pytest.fixture
def forwarder(site) -> Iterator[Forwarder]:
    with forwarding(site.port) as running:
        yield running
