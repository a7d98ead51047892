"""A crowd whose messages a page gets as if the server had sent them, and the memory that the page takes."""

import json
from itertools import count

from playwright.sync_api import Page, WebSocketRoute

AT_ONCE = 100


class Crowd:
    """Somebody whose messages the page gets as if the server had sent them."""

    def __init__(self, page: Page) -> None:
        self._page = page
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

    def fill(self, messages: int) -> None:
        """So many, as fast as the page draws them."""
        for _ in range(messages // AT_ONCE):
            self.say(AT_ONCE)
            self._page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))")


def heap(page: Page) -> float:
    """The memory in use after the garbage is collected, in MB."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    used = metrics["JSHeapUsedSize"]
    session.detach()
    return used / 1e6
