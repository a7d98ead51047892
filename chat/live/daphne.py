"""What Daphne lacks: bounds on what it keeps for a client, in and out, and an end that loses nothing.

`install()` is called by the ASGI module, which Daphne imports before it makes its first protocol. Under another server
it does nothing.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import Any

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 5.0
BACKLOG = 4096
"""Connections that may wait to be accepted, where the system allows so many. Daphne has room for 50."""


def install() -> None:
    if "daphne.server" not in sys.modules:
        return
    import daphne.http_protocol
    import daphne.server
    import daphne.ws_protocol

    from chat.live import daphne_http, database
    from chat.live.websocket import WebSocket

    server: Any = daphne.server.Server
    server.handle_reply = daphne_http.waiting_reply(server.handle_reply)
    server.create_application = daphne_http.complete_scope(server.create_application)
    http: Any = daphne.http_protocol
    http.WebRequest = daphne_http.Request
    http.HTTPFactory.buildProtocol = lambda factory, address: daphne_http.Door(factory, address)
    # For a request for a WebSocket that came by way of Daphne's HTTP all the same.
    sockets: Any = daphne.ws_protocol.WebSocketFactory
    sockets.buildProtocol = lambda factory, address: WebSocket(factory.server_class)
    _reactor().callWhenRunning(_drain_on_sigterm)
    _reactor().callWhenRunning(_listen_for_many)
    _reactor().addSystemEventTrigger("before", "shutdown", database.end_without_threads)


def _listen_for_many() -> None:
    """After a restart all come at once. Those for whom there is no place in the queue try again after 1, 3, 7, 15 s."""
    from twisted.internet import tcp

    for reader in _reactor().getReaders():
        if isinstance(reader, tcp.Port):
            reader.socket.listen(BACKLOG)


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
