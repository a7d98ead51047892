"""`make bench-page`: what it costs to open a room of 50 messages, as Chromium counts it, and on the server."""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser

from tests.bench import big_room, report
from tests.bench.machine import OTHERS, SERVERS, cpu_seconds, pinned
from tests.browser import loading
from tests.browser.loading import Loading
from tests.browser.scrolling import FILL
from tests.browser.visitors import Visitor, browsing
from tests.servers import NO_LIMITS, Site

ADDRESS = "/rooms/lobby/"
MESSAGES = 50
ROUNDS = 5
PAGES = 200
"""Room pages for one figure of CPU, of which the system counts steps of 10 ms."""


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        site = Site(Path(data), ACCESS_LOG="off", **NO_LIMITS)
        site.migrate()
        with pinned(SERVERS):
            site.start()
        try:
            with pinned(OTHERS), browsing() as browser:
                reader = Visitor(browser, site.url).join("reader")
                site.manage("shell", "-c", FILL.format(nickname="reader", slug="lobby", count=MESSAGES))
                rows = _loads(browser, site, reader) + _switches(reader) + _cpu(site, reader)
                print(report.table(rows + [_row(*found) for found in big_room.measure(reader)]))
        finally:
            site.stop()


def _loads(browser: Browser, site: Site, reader: Visitor) -> list[dict[str, str]]:
    def load(line: dict | None = None, times: int = 1) -> Loading:
        """The last of several loads in a browser in which nothing is stored."""
        visitor = Visitor(browser, site.url, storage_state=reader.context.storage_state())
        for _ in range(times):
            found = loading.load(visitor.page, ADDRESS, line)
            visitor.page.goto("about:blank")
        visitor.close()
        return found

    load()  # The first of all waits until files are compressed.
    first, second = load(), load(times=2)
    slow = [load(loading.LINE_IS_SLOW) for _ in range(ROUNDS)]
    slow_again = [load(loading.LINE_IS_SLOW, times=2) for _ in range(ROUNDS)]
    return [
        _row("first load", f"{first.bytes / 1000:.1f} KB in {len(first.requests)} requests", "≤ 60 KB"),
        _row("its round trips before it can be read", str(first.round_trips), "≤ 3"),
        _row("second load", f"{second.bytes / 1000:.1f} KB in {len(second.requests)} requests", "≤ 12 KB"),
        _row("first load on 400 ms and 1.6 Mbit/s: readable", _median(slow, lambda one: one.readable), "≤ 2.5 s"),
        _row("usable", _median(slow, lambda one: one.usable), "≤ 4.0 s"),
        _row("second load there: readable", _median(slow_again, lambda one: one.readable), ""),
        _row("usable", _median(slow_again, lambda one: one.usable), ""),
    ]


def _cpu(site: Site, reader: Visitor) -> list[dict[str, str]]:
    cookies = {cookie["name"]: cookie["value"] for cookie in reader.context.cookies()}
    rows = []
    for accepted, what, aim in (
        ({"Accept-Encoding": "gzip"}, "for the page, compressed", "≤ 8 ms"),
        ({"Accept-Encoding": "identity"}, "for the page, as it is", "≤ 8 ms"),
        ({"Accept-Encoding": "gzip", "Accept": "application/json"}, "for a switch to the room", "≤ 6 ms"),
    ):
        with httpx.Client(base_url=site.url, cookies=cookies, headers=accepted) as client:
            process = psutil.Process(site.process.pid)
            found = []
            for _ in range(ROUNDS):
                before = cpu_seconds([process])
                for _ in range(PAGES):
                    client.get(ADDRESS).raise_for_status()
                found.append((cpu_seconds([process]) - before) / PAGES * 1000)
            rows.append(_row(f"server's CPU {what}", f"{min(found):.1f} ms", aim))
    return rows


# From a click on another room's link to the frame after the one in which its messages are drawn.
_SWITCH = """async () => {
  const link = [...document.querySelectorAll("#rooms a")].find((link) => link.pathname !== location.pathname)
  const begun = performance.now()
  link.click()
  while (location.pathname !== link.pathname || !document.querySelector("#scroller.live"))
    await new Promise((resolve) => setTimeout(resolve))
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  return performance.now() - begun
}"""


def _switches(reader: Visitor) -> list[dict[str, str]]:
    reader.new_room("Another room")
    reader.go(ADDRESS)
    found = [reader.page.evaluate(_SWITCH) for _ in range(4 * ROUNDS)]
    return [_row("a switch, from the click to the next paint", f"{statistics.median(found):.0f} ms", "≤ 100 ms")]


def _median(loads: list[Loading], of: Callable[[Loading], float]) -> str:
    return f"{statistics.median(map(of, loads)) / 1000:.2f} s"


def _row(what: str, measured: str, aim: str) -> dict[str, str]:
    return {"a room of 50 messages": what, "measured": measured, "aim": aim}


if __name__ == "__main__":
    main()
