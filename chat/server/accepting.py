"""Admission of connections under Daphne: limits how many, and tells WebSockets from HTTP."""

from __future__ import annotations

import asyncio
import re
import time
from http import HTTPStatus
from typing import Any

from daphne.http_protocol import HTTPFactory
from twisted.internet.interfaces import IProtocol
from zope.interface.declarations import implementer

from chat.server import handshake
from chat.server.files import OpenFiles, Room
from chat.server.transport import POLL_SECONDS, close_at_once, is_plain
from chat.server.websocket import WebSocket

HEAD_SECONDS = 20.0
"""How long a request's head may take, from the start of the connection or from the head's first byte."""

MOST_WAITING = 1024
"""Connections that have not sent a request yet. Beyond this the oldest are closed, once they are `A_MOMENT` old."""

A_MOMENT = 5.0


def whole_response(status: HTTPStatus, sentence: str, *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Connection: close",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(sentence) + 1}",
        *headers,
    ]
    return "\r\n".join([*lines, "", f"{sentence}\n"]).encode()


FULL = whole_response(
    HTTPStatus.SERVICE_UNAVAILABLE, "The site has no room just now. Try again in a minute.", "Retry-After: 60"
)


class Capacity:
    """Tracks connections that have not sent a request yet, and decides whether there is room for more."""

    def __init__(self) -> None:
        self.files = OpenFiles(1024)
        self.session_cookie = b"sessionid"
        self.always = (b"/readyz", b"/healthz")
        """Path suffixes that are always let in, however little room there is."""
        self.is_closing = False
        self.in_flight: set[Any] = set()
        """Requests whose head has arrived and whose response is not finished."""
        self._waiting: dict[Any, float] = {}
        """When each connection began to wait, oldest first."""

    def arrive(self, connection: Any, transport: Any) -> Room:
        """Registers a new connection. If room is scarce, closes the one that has waited longest."""
        room = self.files.room_beyond(transport.fileno())
        if room:
            self._cut_oldest(self.files.kept // 2, 0)
        self.wait(connection)
        return room

    def wait(self, connection: Any) -> None:
        self._cut_oldest(MOST_WAITING, A_MOMENT)
        self._waiting[connection] = time.monotonic()

    def _cut_oldest(self, most: int, seconds: float) -> None:
        """Closes the oldest waiting connection if at least `most` wait and it has waited for `seconds`."""
        if len(self._waiting) >= most:
            oldest, since = next(iter(self._waiting.items()))
            if since <= time.monotonic() - seconds:
                del self._waiting[oldest]
                close_at_once(oldest.transport)

    def leave(self, connection: Any) -> None:
        self._waiting.pop(connection, None)

    def admits(self, room: Room, path: bytes, cookies: bytes) -> bool:
        """Returns whether a request may come in. Only the presence of a session cookie is checked, not its validity."""
        if not room or path.partition(b"?")[0].endswith(self.always):
            return True
        if room is Room.FEW and re.search(rb"(?:^|[;\s])" + re.escape(self.session_cookie) + b"=", cookies):
            return True
        self.files.count_refused()
        return False

    async def finished(self, seconds: float) -> None:
        """Waits until all requests in flight have their responses, or until the time is up."""
        end = time.monotonic() + seconds
        while self.in_flight and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)


capacity = Capacity()
"""The one instance of this process."""


_build_channel = HTTPFactory.buildProtocol
"""Daphne's own `buildProtocol`, which `NewConnection` replaces."""


@implementer(IProtocol)
class NewConnection:
    """A connection that has sent nothing yet. A WebSocket handshake becomes a `WebSocket`; all else goes to Daphne.

    Daphne would first build an HTTP channel and a request, then serialize the request again for the WebSocket. It still
    does so for a handshake that arrives in pieces, encrypted, or after another request.
    """

    __slots__ = ("_address", "_factory", "_room", "_silence", "transport")

    def __init__(self, factory: HTTPFactory, address: Any) -> None:
        self._factory = factory
        self._address = address

    def makeConnection(self, transport: Any) -> None:  # noqa: N802
        self.transport = transport
        self._room = capacity.arrive(self, transport)
        if is_plain(transport):
            self._silence = asyncio.get_running_loop().call_later(HEAD_SECONDS, transport.loseConnection)
        else:
            transport.wrappedProtocol = self._channel()
            transport.wrappedProtocol.makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._silence.cancel()
        transport = self.transport
        if handshake.is_opening(data):
            capacity.leave(self)
            if self._room and not self._admits(data):
                transport.write(FULL)
                transport.loseConnection()
                return
            transport.setTcpNoDelay(True)  # As Twisted's HTTP does.
            transport.protocol = WebSocket(self._factory.server)
        else:
            transport.protocol = self._channel()
        transport.protocol.makeConnection(transport)
        transport.protocol.dataReceived(data)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802
        self._silence.cancel()
        capacity.leave(self)

    def _channel(self) -> Any:
        capacity.leave(self)
        channel: Any = _build_channel(self._factory, self._address)
        channel.room = self._room
        channel.timeOut = None  # The channel has its own timeouts.
        return channel

    def _admits(self, data: bytes) -> bool:
        try:
            asked = handshake.opening(data)
        except handshake.BadHandshakeError:
            return False
        cookies = b"; ".join(value for name, value in asked.headers if name == b"cookie")
        return capacity.admits(self._room, asked.path, cookies)
