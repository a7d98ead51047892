"""A room of 10,000 messages in which 20 a second arrive: frames while somebody scrolls in it, rows, and memory."""

import statistics

from tests.browser.crowd import Crowd, heap
from tests.browser.visitors import Visitor

ROOM = "/rooms/lobby/"
SECONDS = 20
RATE = 20
HOUR = 3600 * RATE

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


def measure(reader: Visitor) -> list[tuple[str, str, str]]:
    """Rows of a table: a name, the measured value, and its aim."""
    crowd = Crowd(reader.page)
    reader.go(ROOM)
    crowd.fill(10_000)
    reader.page.evaluate("scroller.scrollTop = scroller.scrollHeight / 2")
    reader.page.evaluate(_SCROLL)
    for _ in range(SECONDS * RATE):
        crowd.say(1)
        reader.page.wait_for_timeout(1000 / RATE)
    times = sorted(reader.page.evaluate("stopScrolling(), frameTimes")[5:])
    rows = reader.page.locator("#timeline > .message").count()
    before = heap(reader.page)
    crowd.fill(HOUR)
    after = heap(reader.page)
    return [
        ("a frame while one scrolls, median", f"{statistics.median(times):.1f} ms", "≤ 16.7 ms"),
        ("the 99th of 100", f"{times[len(times) * 99 // 100]:.1f} ms", "≤ 33 ms"),
        ("rows", str(rows), "≤ 300"),
        ("memory before and after an hour's messages", f"{before:.1f}, {after:.1f} MB", "no growth"),
    ]
