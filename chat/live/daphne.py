"""What Daphne lacks: bounds on what it keeps for a client, in and out, and an end that loses nothing.

`install()` is called by the ASGI module, which Daphne imports before it makes its first protocol. Under another server
it does nothing.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from importlib import import_module
from typing import Any

from chat.live.exchange import BODY_BYTES
from chat.live.websocket import (
    GOODBYE_SECONDS,
    OUTGOING_BYTES,
    POLL_SECONDS,
    TRAFFIC,
    WRITE,
    bounded_websocket,
    buffered,
    is_encrypted,
    is_plain,
    write_at_once,
)

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 5.0
BACKLOG = 4096
"""Connections that may wait to be accepted, where the system allows so many. Daphne has room for 50."""

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
    server.create_application = complete_scope(server.create_application)
    ws_protocol.WebSocketFactory.protocol = bounded_websocket(ws_protocol.WebSocketProtocol)
    _spare_autobahns_log()
    http_protocol.WebRequest = bounded_request(http_protocol.WebRequest)
    _reactor().callWhenRunning(_drain_on_sigterm)
    _reactor().callWhenRunning(_listen_for_many)


def _spare_autobahns_log() -> None:
    """autobahn dresses each connection's options, and where it is, in colours, for a log that nobody reads.

    Without that a handshake costs a fifth less.
    """
    for name in ("autobahn.websocket.protocol", "autobahn.twisted.websocket"):
        module: Any = import_module(name)
        module.pformat = module.hltype = module.hlval = _undressed


def _undressed(value: Any, *ignored: Any, **options: Any) -> Any:
    return value


def _listen_for_many() -> None:
    """After a restart all come at once. Those for whom there is no place in the queue try again after 1, 3, 7, 15 s."""
    from twisted.internet import tcp

    for reader in _reactor().getReaders():
        if isinstance(reader, tcp.Port):
            reader.socket.listen(BACKLOG)


def waiting_reply(base: Any) -> Any:
    """Daphne's `send`, returning when most of what waits for the client has left, as an ASGI server's should.

    Daphne's own returns at once, and Twisted keeps what it cannot write, without end. A connection whose `send` does
    not return gathers its frames in its outbox, which has an end. To a client that is on its way out nothing can be
    sent any more: an `OSError` says so, as ASGI has it, and no exception of autobahn's own.
    """

    async def handle_reply(server: Any, client: Any, message: Any) -> None:
        if message["type"] == "websocket.send" and client.state in (client.STATE_CLOSING, client.STATE_CLOSED):
            raise OSError("The client has gone.")
        await base(server, client, message)
        # Twisted has no event for this that would not hold up closing too.
        while (transport := _waits_for(client, message)) and buffered(transport) > OUTGOING_BYTES:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)

    return handle_reply


def _waits_for(client: Any, message: Any) -> Any:
    """The transport that must have room before more is sent; None where nothing more comes."""
    if isinstance(client, import_module("daphne.ws_protocol").WebSocketProtocol):
        return client.transport if client.state == client.STATE_OPEN else None
    if not message.get("more_body") or client.finished or client.channel is None:
        return None
    return client.channel.transport


def complete_scope(base: Any) -> Any:
    """Tells the application what Daphne does not: a WebSocket's scheme, and a short way past `send` (`WRITE`).

    Under TLS there is no short way: all must go through what encrypts it. `TRAFFIC` has a WebSocket's bytes counted.
    """

    def create_application(server: Any, client: Any, scope: Any) -> Any:
        is_socket = scope["type"] == "websocket"
        transport = client.transport if is_socket else client.channel.transport
        extensions = scope.setdefault("extensions", {})
        if is_socket:
            scope.setdefault("scheme", "wss" if is_encrypted(transport) else "ws")
            extensions[TRAFFIC] = client.count_traffic
        if is_plain(transport):
            extensions[WRITE] = client.write_text if is_socket else client.write_part
        return base(server, client, scope)

    return create_application


def bounded_request(base: Any) -> Any:
    """Daphne's request, refusing a body that is too large before it is read, where Daphne would keep all of it.

    For event streams it has a short way out besides.
    """

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
            transport = self.channel.transport
            transport.write(_TOO_LARGE)
            # Only our side is closed at first: closing both with bytes unread would take the answer back on its way.
            transport.pauseProducing()
            transport.loseWriteConnection()
            _reactor().callLater(GOODBYE_SECONDS, transport.abortConnection)

    return BoundedRequest


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
