"""A room of 10,000 messages in which 20 a second arrive: frames while somebody scrolls in it, rows, and memory."""

import json
import statistics
from itertools import count

from playwright.sync_api import Page, WebSocketRoute

from tests.browser.visitors import Visitor

ROOM = "/rooms/lobby/"
SECONDS = 20
RATE = 20
HOUR = 3600 * RATE
AT_ONCE = 100

# Scrolls a little with each frame, up and down in turns, and keeps the times between frames.
_SCROLL = """() => {
  const box = document.getElementById("scroller")
  window.frameTimes = []
  let [before, way, stop] = [performance.now(), -1, false]
  window.stopScrolling = () => (stop = true)
  const step = (now) => {
    window.frameTimes.push(now - before)
    before = now
    if (box.scrollTop < 200) way = 1
    if (box.scrollHeight - box.scrollTop - box.clientHeight < 200) way = -1
    box.scrollTop += 12 * way
    if (!stop) requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
}"""


class Crowd:
    """Somebody whose messages the page gets as if the server had sent them."""

    def __init__(self, page: Page) -> None:
        self.room: dict = {}
        self._client: WebSocketRoute | None = None
        self._numbers = count(1)
        page.route_web_socket("**/ws/chat/", self._join)

    def _join(self, client: WebSocketRoute) -> None:
        server = client.connect_to_server()
        self._client = client

        def hear(text: str) -> None:
            for frame in map(json.loads, text.split("\n")):
                if frame["type"] == "hello":
                    self.room = next(room for room in frame["rooms"] if room["slug"] == "lobby")
            client.send(text)

        server.on_message(hear)

    def say(self, times: int) -> None:
        """So many messages, in one piece."""
        lines = []
        for _ in range(times):
            place = next(self._numbers)
            sequence, number = self.room["sequence"] + place, self.room["message_count"] + place
            message = {
                "number": number,
                "sender": {"id": 10**6 + number % 7, "nickname": f"guest {number % 7}"},
                "body": f"message {number} " + "and so on " * (number % 9),
                "sent_at": "2026-11-27T12:00:00Z",
                "client_id": f"big-{number}",
            }
            frame = {"type": "message", "room": self.room["id"], "after": sequence - 1, "sequence": sequence}
            lines.append(json.dumps(frame | {"message": message}))
        self._client.send("\n".join(lines))


def measure(reader: Visitor) -> list[tuple[str, str, str]]:
    """What was measured, how much it is, and how much it may be."""
    crowd = Crowd(reader.page)
    reader.go(ROOM)
    _fill(reader.page, crowd, 10_000)
    reader.page.evaluate("scroller.scrollTop = scroller.scrollHeight / 2")
    reader.page.evaluate(_SCROLL)
    for _ in range(SECONDS * RATE):
        crowd.say(1)
        reader.page.wait_for_timeout(1000 / RATE)
    times = sorted(reader.page.evaluate("stopScrolling(), frameTimes")[5:])
    rows = reader.page.locator("#timeline > .message").count()
    before = _heap(reader.page)
    _fill(reader.page, crowd, HOUR)
    after = _heap(reader.page)
    return [
        ("a frame while one scrolls, median", f"{statistics.median(times):.1f} ms", "≤ 16.7 ms"),
        ("the 99th of 100", f"{times[len(times) * 99 // 100]:.1f} ms", "≤ 33 ms"),
        ("rows", str(rows), "≤ 300"),
        ("memory before and after an hour's messages", f"{before:.1f}, {after:.1f} MB", "no growth"),
    ]


def _fill(page: Page, crowd: Crowd, messages: int) -> None:
    for _ in range(messages // AT_ONCE):
        crowd.say(AT_ONCE)
        page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))")


def _heap(page: Page) -> float:
    """What is in use after the garbage is collected, in MB."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    used = metrics["JSHeapUsedSize"]
    session.detach()
    return used / 1e6
