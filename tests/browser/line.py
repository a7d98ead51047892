"""The line between a person's pages and the site, in the hands of a test."""

import json
import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute

from tests.browser.visitors import Visitor
from tests.patience import PATIENCE

_RESTARTING = 4412
_OTHER_WAYS = re.compile("/live/(stream|poll|send)")


class Line:
    """Cut it and mend it, keep frames from arriving, answer in the server's place, and see what was sent."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.is_cut = False
        self.sent: list[dict] = []
        self.opened = 0
        self.synced = 0
        self.keeps: Callable[[dict], bool] = lambda frame: False
        self.answers: Callable[[dict], dict | None] = lambda frame: None
        self._routes: list[WebSocketRoute] = []
        visitor.context.route_web_socket("**/ws/chat/", self._open)

    def cut(self) -> None:
        """Also for streams and polls: a page goes over to those when WebSockets fail for long."""
        self.is_cut = True
        self.visitor.context.route(_OTHER_WAYS, lambda route: route.abort())
        for route in self._routes:
            route.close(code=_RESTARTING)
        self._routes.clear()

    def mend(self, page: Page | None = None) -> None:
        """The line works again, and the browser says so, as it does when a network is back."""
        self.is_cut = False
        self.visitor.context.unroute(_OTHER_WAYS)
        (page or self.visitor.page).evaluate("dispatchEvent(new Event('online'))")

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Waits for what is known here alone; no page shows it."""
        until = time.monotonic() + PATIENCE
        while not holds() and time.monotonic() < until:
            self.visitor.page.wait_for_timeout(20)
        assert holds()

    def tell(self, text: str) -> None:
        """Says something in the server's place to the page that was opened last."""
        self._routes[-1].send(text)

    def posts(self) -> list[str]:
        return [frame["body"] for frame in self.sent if frame["type"] == "post"]

    def _open(self, route: WebSocketRoute) -> None:
        self.opened += 1
        if self.is_cut:
            route.close(code=_RESTARTING)
            return
        server = route.connect_to_server()
        route.on_message(lambda text: self._from_page(route, server, text))
        server.on_message(lambda text: self._from_server(route, text))
        self._routes.append(route)

    def _from_page(self, route: WebSocketRoute, server: WebSocketRoute, text: str) -> None:
        frame = json.loads(text)
        self.sent.append(frame)
        answer = self.answers(frame)
        if answer:
            route.send(json.dumps(answer))
        else:
            server.send(text)

    def _from_server(self, route: WebSocketRoute, text: str) -> None:
        frames = [frame for frame in map(json.loads, text.split("\n")) if not self.keeps(frame)]
        if frames:
            route.send("\n".join(map(json.dumps, frames)))
        self.synced += sum(frame["type"] == "synced" for frame in frames)
