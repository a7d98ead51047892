"""What Daphne lacks: bounds on what it keeps for a client, in and out, and an end that loses nothing.

`install()` is called by the ASGI module, which Daphne imports before it makes its first protocol. Under another server
it does nothing.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from importlib import import_module
from typing import Any

from chat import conf
from chat.live import protocol

logger = logging.getLogger(__name__)

OUTGOING_BYTES = 256 * 1024
WAITING_FRAMES = 64
RESUME_FRAMES = 16
PING_SECONDS = 10
PONG_SECONDS = 15
POLL_SECONDS = 0.02
FLOOD_SECONDS = 10.0
BODY_BYTES = 1024 * 1024
DRAIN_SECONDS = 5.0
GOODBYE_SECONDS = 10.0

_TOO_LARGE = (
    b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 36\r\n\r\n"
    b"This is larger than the site takes.\n"
)


def install() -> None:
    if "daphne.server" not in sys.modules:
        return
    http_protocol: Any = import_module("daphne.http_protocol")
    ws_protocol: Any = import_module("daphne.ws_protocol")
    server: Any = import_module("daphne.server").Server
    server.handle_reply = waiting_reply(server.handle_reply)
    ws_protocol.WebSocketFactory.protocol = bounded_websocket(ws_protocol.WebSocketProtocol)
    http_protocol.WebRequest = bounded_request(http_protocol.WebRequest)
    _reactor().callWhenRunning(_drain_on_sigterm)


def waiting_reply(base: Any) -> Any:
    """Daphne's `send`, returning when most of what waits for the client has left, as an ASGI server's should.

    Daphne's own returns at once, and Twisted keeps what it cannot write, without end. A connection whose `send` does
    not return gathers its frames in its outbox, which has an end.
    """

    async def handle_reply(server: Any, client: Any, message: Any) -> None:
        await base(server, client, message)
        if isinstance(client, import_module("daphne.ws_protocol").WebSocketProtocol):
            # Twisted has no event for this that would not hold up closing too.
            while client.state == client.STATE_OPEN and _buffered(client.transport) > OUTGOING_BYTES:  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)

    return handle_reply


def bounded_websocket(base: Any) -> Any:
    """Daphne's WebSocket protocol with an end to what it takes in before the application has time for it."""

    class BoundedWebSocket(base):
        _paused = False
        _resumed_at = 0.0
        _flooding_since = 0.0
        muted: bool
        autoPingTimeout: float  # noqa: N815

        def connectionMade(self) -> None:  # noqa: N802
            super().connectionMade()
            # How long the other end has to answer a close frame, which may wait behind much else: autobahn gives 1 s.
            self.closeHandshakeTimeout = GOODBYE_SECONDS
            # A client whose network has gone is found out within PING_SECONDS + PONG_SECONDS; Daphne takes 50 s.
            server = self.factory.server_class
            server.ping_interval = min(server.ping_interval, PING_SECONDS)
            self.autoPingTimeout = min(self.autoPingTimeout, PONG_SECONDS)

        def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
            """What the application has not taken yet waits in a queue without end: over a bound nothing is read."""
            super().onMessage(payload, isBinary)
            if not self._paused and self.application_queue.qsize() > WAITING_FRAMES:
                now = time.monotonic()
                if now - self._resumed_at > 1:
                    self._flooding_since = now
                self._paused = True
                self.transport.pauseProducing()
                self._resume_when_taken()

        def _resume_when_taken(self) -> None:
            now = time.monotonic()
            if self.state == self.STATE_OPEN and self.application_queue.qsize() > RESUME_FRAMES:
                if not conf.FRAME_RATE or now - self._flooding_since < FLOOD_SECONDS:
                    _reactor().callLater(POLL_SECONDS, self._resume_when_taken)
                    return
                self._end_flood()
            self._paused, self._resumed_at = False, now
            self.transport.resumeProducing()

        def _end_flood(self) -> None:
            """Muted, it takes in nothing more; and it tells its application nothing, which must know of this."""
            self.muted = True
            self.serverClose(code=protocol.TOO_MUCH)
            self.application_queue.put_nowait({"type": "websocket.disconnect", "code": protocol.TOO_MUCH})

    return BoundedWebSocket


def bounded_request(base: Any) -> Any:
    """Daphne's request, refusing a body that is too large before it is read. Daphne itself would keep all of it."""

    class BoundedRequest(base):
        _received = 0
        _refused = False

        def gotLength(self, length: int | None) -> None:  # noqa: N802
            super().gotLength(length)
            if length is not None and length > BODY_BYTES:
                self._refuse()

        def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
            self._received += len(data)
            if self._received > BODY_BYTES:
                self._refuse()
            if not self._refused:
                super().handleContentChunk(data)

        def process(self) -> Any:
            return None if self._refused else super().process()

        def _refuse(self) -> None:
            if self._refused:
                return
            self._refused = True
            transport = self.channel.transport
            transport.write(_TOO_LARGE)
            # Only our side is closed at first: closing both with bytes unread would take the answer back on its way.
            transport.pauseProducing()
            transport.loseWriteConnection()
            _reactor().callLater(GOODBYE_SECONDS, transport.abortConnection)

    return BoundedRequest


def _buffered(transport: Any) -> int:
    """The bytes that Twisted keeps because the client's socket is full."""
    waiting: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    return waiting


def _reactor() -> Any:
    """Twisted's reactor. Importing it installs one, so that has to wait until Daphne has chosen."""
    from twisted.internet import reactor

    return reactor


# The end.


def _drain_on_sigterm() -> None:
    """In place of the reactor's own handler, which would cut all connections where they are."""
    loop = asyncio.get_event_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, _begin_to_drain, number)
        except (ValueError, RuntimeError):
            return  # Not the main thread: somebody else decides on the end, as under `runserver`.


_draining: asyncio.Task[None] | None = None


def _begin_to_drain(number: int) -> None:
    global _draining
    if _draining or number == signal.SIGINT:
        _reactor().stop()
        return
    _draining = asyncio.get_event_loop().create_task(_drain())


async def _drain() -> None:
    """Takes no new connections, sends everybody away, finishes what is being stored, and stops."""
    from twisted.internet import tcp

    from chat.live.hub import hub
    from chat.live.journal import journal
    from chat.live.presence import presence

    logger.info("Draining %d connections.", len(hub.connections))
    try:
        for reader in _reactor().getReaders():
            if isinstance(reader, tcp.Port):
                reader.stopReading()
        await hub.drain(DRAIN_SECONDS)
        async with asyncio.timeout(DRAIN_SECONDS):
            await journal.finish()
            await presence.end()
    except Exception:
        logger.exception("Draining has failed; stopping all the same.")
    finally:
        _reactor().stop()
