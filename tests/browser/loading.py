"""The cost of loading a page, as Chromium's own protocol counts it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Page

LINE_IS_SLOW = {"offline": False, "latency": 400, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
"""400 ms for each request, and 1.6 Mbit/s."""

ROUND_TRIP = 1000
LINE_IS_LONG = {"offline": False, "latency": ROUND_TRIP, "downloadThroughput": -1, "uploadThroughput": -1}
"""A line on which what takes time is round trips alone."""

# When a message can first be written, which the page says by enabling the box.
_WATCH = """
new MutationObserver((_, observer) => {
  if (document.querySelector("#text:enabled")) {
    window.usableAt = performance.now()
    observer.disconnect()
  }
}).observe(document, { subtree: true, childList: true, attributeFilter: ["disabled"] })
"""
_TIMES = """() => ({
  readable: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  usable: window.usableAt,
})"""


@dataclass
class Loading:
    """One load of a page: what came over the network, heads of responses included, and when (in ms)."""

    bytes: int = 0
    requests: list[str] = field(default_factory=list)
    readable: float = 0
    usable: float = 0

    @property
    def round_trips(self) -> int:
        """How many there are before the page can be read, with the one that opens the connection. On a long line."""
        return int(self.readable // ROUND_TRIP) + 1


@contextlib.contextmanager
def _counted(page: Page, line: dict | None) -> Iterator[Loading]:
    loading, asked, cached = Loading(), {}, set()
    session = page.context.new_cdp_session(page)
    session.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))

    def received(event: dict) -> None:
        if event["response"]["fromDiskCache"]:
            cached.add(event["requestId"])

    def finished(event: dict) -> None:
        if event["requestId"] not in cached and (url := asked.get(event["requestId"])):
            loading.requests.append(url)
            loading.bytes += int(event["encodedDataLength"])

    session.on("Network.responseReceived", received)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    if line:
        session.send("Network.emulateNetworkConditions", line)
    yield loading
    session.detach()


def load(page: Page, address: str, line: dict | None = None) -> Loading:
    """Opens the address of a room, and waits until all of it is there and live."""
    page.add_init_script(_WATCH)
    with _counted(page, line) as loading:
        page.goto(address, wait_until="networkidle")
        page.wait_for_selector("#status[data-key=ready]", state="attached")
        times = page.evaluate(_TIMES)
    loading.readable, loading.usable = times["readable"], times["usable"]
    return loading
