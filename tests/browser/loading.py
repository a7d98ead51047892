"""The cost of loading a page, as Chromium's own protocol counts it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, log2

from playwright.sync_api import Page

LINE_IS_SLOW = {"offline": False, "latency": 400, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
"""400 ms for each request, and 1.6 Mbit/s."""

LINE_TRICKLES = {"offline": False, "latency": 0, "downloadThroughput": 4_000, "uploadThroughput": 200_000}
"""A page of a room is two seconds on its way."""

_LATER = ("/saved/?", "/shell/tips.js")
"""In addresses of what is no part of loading: it is asked for seconds later, or when pointer or focus move."""

_FIRST_FLIGHT = 14_600
"""Bytes that a server sends on a new connection before it hears from the other side: ten segments (RFC 6928)."""

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
  blocking: performance.getEntriesByType("resource").filter((entry) => entry.renderBlockingStatus === "blocking")
    .map(({ name }) => name),
})"""


@dataclass
class Loading:
    """One load of a page: what came over the network, heads of responses included, and when (in ms)."""

    bytes: int = 0
    requests: list[str] = field(default_factory=list)
    readable: float = 0
    usable: float = 0
    blocking: list[str] = field(default_factory=list)
    """The requests that the first paint waits for, beside the page itself."""
    sizes: dict[str, int] = field(default_factory=dict)
    initiators: dict[str, str] = field(default_factory=dict)

    @property
    def round_trips(self) -> int:
        """How many there are before the page can be read, with the one that opens the connection.

        They are counted, not timed: each request waits for the one in whose answer its address is.
        """
        return 1 + max(map(self._round_trips_to, self.blocking), default=self._round_trips_to(self.requests[0]))

    def _round_trips_to(self, url: str) -> int:
        own = ceil(log2(self.sizes[url] / _FIRST_FLIGHT + 1))
        before = self.initiators.get(url)
        return own + (self._round_trips_to(before) if before in self.sizes else 0)


@contextlib.contextmanager
def _counted(page: Page, line: dict | None) -> Iterator[Loading]:
    loading, asked, cached = Loading(), {}, set()
    session = page.context.new_cdp_session(page)
    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))

    def sent(event: dict) -> None:
        url = asked[event["requestId"]] = event["request"]["url"]
        if before := event["initiator"].get("url"):
            loading.initiators.setdefault(url, before)

    def received(event: dict) -> None:
        if event["response"]["fromDiskCache"]:
            cached.add(event["requestId"])

    def finished(event: dict) -> None:
        url = asked.get(event["requestId"], "")
        if url and not any(later in url for later in _LATER) and event["requestId"] not in cached:
            loading.requests.append(url)
            loading.sizes[url] = int(event["encodedDataLength"])
            loading.bytes += loading.sizes[url]

    session.on("Network.requestWillBeSent", sent)
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
    loading.readable, loading.usable, loading.blocking = times["readable"], times["usable"], times["blocking"]
    return loading
