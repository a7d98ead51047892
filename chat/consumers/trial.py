"""The connection page's WebSocket: the chat's own, which also sends what a page cannot know about its socket."""

import asyncio
import contextlib
from collections.abc import Callable

from chat.consumers.websocket import ChatConsumer
from chat.layers.consumer import Receive, Scope, Send
from chat.live.admission import Admitted
from chat.server.extensions import TRAFFIC
from chat.wire import protocol

TELL_SECONDS = 1.0

# Not all headers: a page must not see the session's cookie.
_SHOWN = (
    "host", "origin", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions",
)  # fmt: skip


class TrialConsumer(ChatConsumer):
    """Sends no byte counts under a server that does not count them (`TRAFFIC`)."""

    _traffic: Callable[[], tuple[int, int]] | None = None
    _telling: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._traffic = (scope.get("extensions") or {}).get(TRAFFIC)
        await super().__call__(scope, receive, send)

    async def ended(self) -> None:
        if self._telling:
            self._telling.cancel()
        await super().ended()

    async def _open(self, admitted: Admitted) -> None:
        await self._send_text(protocol.encode(handshake(self.scope)).decode())
        await super()._open(admitted)
        if self._traffic:
            self._telling = asyncio.create_task(self._tell(self._traffic))

    async def _tell(self, traffic: Callable[[], tuple[int, int]]) -> None:
        """Sends the traffic every `TELL_SECONDS`, excluding the bytes of these frames."""
        own = 0
        with contextlib.suppress(OSError):  # The client has gone; its disconnect is on the way.
            while True:
                received, sent = traffic()
                text = protocol.encode(protocol.Traffic(received, sent - own)).decode()
                await self._send_text(text)
                own += 2 + len(text)  # A text of less than 126 bytes has a two-byte header (RFC 6455, 5.2).
                await asyncio.sleep(TELL_SECONDS)


def handshake(scope: Scope) -> protocol.Handshake:
    values = {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}
    shown = [(name, values[name]) for name in _SHOWN if name in values]
    return protocol.Handshake(values.get("sec-websocket-key", ""), shown)
