"""HTTP under Daphne: bounded, with a short way out for event streams, and with a door of its own for WebSockets."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.interfaces import IProtocol
from zope.interface.declarations import implementer

from chat.live import rfc6455
from chat.live.exchange import BODY_BYTES
from chat.live.extensions import WRITE
from chat.live.transport import GOODBYE_SECONDS, OUTGOING_BYTES, POLL_SECONDS, buffered, is_plain, write_at_once
from chat.live.websocket import WebSocket

HEAD_SECONDS = 60
"""How long a connection may stay without a word, as with Daphne."""

_TOO_LARGE = (
    b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 36\r\n\r\n"
    b"This is larger than the site takes.\n"
)


@implementer(IProtocol)
class Door:
    """A connection that has said nothing yet. Who asks for a WebSocket gets one; all else is Daphne's.

    Daphne would make an HTTP channel and a request of it first, and write that out again for the WebSocket. Where the
    request comes in pieces, encrypted, or after another one, it still does.
    """

    __slots__ = ("_address", "_factory", "_silence", "_transport")

    def __init__(self, factory: HTTPFactory, address: Any) -> None:
        self._factory = factory
        self._address = address

    def makeConnection(self, transport: Any) -> None:  # noqa: N802
        self._transport = transport
        if is_plain(transport):
            self._silence = asyncio.get_running_loop().call_later(HEAD_SECONDS, transport.abortConnection)
        else:
            transport.wrappedProtocol = _channel(self._factory, self._address)
            transport.wrappedProtocol.makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._silence.cancel()
        server, transport = self._factory.server, self._transport
        if rfc6455.is_opening(data):
            transport.setTcpNoDelay(True)  # As Twisted's HTTP does.
            transport.protocol = WebSocket(server)
        else:
            transport.protocol = _channel(self._factory, self._address)
        transport.protocol.makeConnection(transport)
        transport.protocol.dataReceived(data)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802
        self._silence.cancel()


_channel = HTTPFactory.buildProtocol


class Request(WebRequest):
    """Daphne's request, refusing a body that is too large before it is read, where Daphne would keep all of it."""

    _received = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        # In memory. Twisted's temporary file for large ones fails without a word where there is no place for it.
        self.content = BytesIO()
        if length is not None and length > BODY_BYTES:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._received += len(data)
        if self._received > BODY_BYTES:
            self._refuse()
        if not self._refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        # By it any client could move the site to another path; what does so here is Daphne's own `--root-path`.
        self.requestHeaders.removeHeader(b"daphne-root-path")
        return None if self._refused else super().process()

    def write_part(self, data: bytes) -> bool:
        """Sends a part of a response that has begun at once, if nothing waits before it; else it says False."""
        if not self.chunked or self.finished or self.channel is None:
            return False
        return write_at_once(self.channel.transport, b"%x\r\n%b\r\n" % (len(data), data))

    def _refuse(self) -> None:
        if self._refused:
            return
        self._refused = True
        transport: Any = self.channel.transport
        transport.write(_TOO_LARGE)
        # Only our side is closed at first: closing both with bytes unread would take the answer back on its way.
        transport.pauseProducing()
        transport.loseWriteConnection()
        asyncio.get_running_loop().call_later(GOODBYE_SECONDS, transport.abortConnection)


def waiting_reply(base: Any) -> Any:
    """Daphne's `send`, returning when most of what waits for the client has left, as an ASGI server's should.

    Daphne's own returns at once, and Twisted keeps what it cannot write, without end.
    """

    async def handle_reply(server: Any, request: Any, message: Any) -> None:
        await base(server, request, message)
        while (transport := _waits_for(request, message)) and buffered(transport) > OUTGOING_BYTES:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)

    return handle_reply


def _waits_for(request: Any, message: Any) -> Any:
    """The transport that must have room before more is sent; None where nothing more comes."""
    if not message.get("more_body") or request.finished or request.channel is None:
        return None
    return request.channel.transport


def complete_scope(base: Any) -> Any:
    """Tells the application of the short way past `send`. Under TLS there is none: all must be encrypted."""

    def create_application(server: Any, request: Any, scope: Any) -> Any:
        if is_plain(request.channel.transport):
            scope.setdefault("extensions", {})[WRITE] = request.write_part
        return base(server, request, scope)

    return create_application
