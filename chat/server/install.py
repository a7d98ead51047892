"""What Daphne lacks: bounds on what it keeps for a client, in and out, and an end that loses nothing.

`install()` is called by the ASGI module, which Daphne imports before it makes its first protocol. Under another server
it only sees to open files.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import os
import signal
import socket
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.server.files import OpenFiles, raise_limit
from chat.server.limits import Limits, put_in_force

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 5.0
ANSWER_SECONDS = 10.0
"""How long requests in flight may take at the end."""

BACKLOG = 4096
"""Connections that may wait to be accepted, where the system allows so many. Daphne has room for 50."""

UNREAD_SECONDS = 60
"""How long a client may take nothing of what it was sent, before the system ends its connection."""

LOCK_SECONDS = 10.0
"""How old the lock of a Unix socket is at least, on which nobody listens, when it counts as left over."""


@dataclass(frozen=True)
class Ending:
    """The application's part in the end of a process that is told to end (SIGTERM)."""

    say_goodbye: Callable[[float], Awaitable[None]]
    """Sends its clients away, in about so many seconds. Newcomers are refused by then."""

    finish: Callable[[], Awaitable[None]]
    """Stores what is left. Requests that were in flight have their answers by then."""

    let_go: Callable[[], None] = lambda: None
    """Called last, as the reactor ends, after SIGINT too."""


def install(
    limits: Limits = Limits(),  # noqa: B008  It does not change.
    *,
    session_cookie: str = "sessionid",
    access_log: bool = True,
    ending: Ending | None = None,
) -> None:
    """Under Daphne, puts our classes in the place of its own.

    `session_cookie` is the name of the cookie that signed-in people have: when open files are few, the last are theirs.
    """
    put_in_force(limits)
    limit = raise_limit()
    if "daphne.server" not in sys.modules:
        return
    import daphne.http_protocol
    import daphne.server
    import daphne.ws_protocol

    from chat.server import door
    from chat.server import http as own_http
    from chat.server.websocket import WebSocket

    door.entrance.files = OpenFiles(limit)
    door.entrance.session_cookie = session_cookie.encode()
    server: Any = daphne.server.Server
    server.handle_reply = own_http.waiting_reply(server.handle_reply)
    server.create_application = own_http.complete_scope(server.create_application)
    server.kill_all_applications = _end_applications
    server.run = _as_configured(server.run, access_log=access_log)
    http: Any = daphne.http_protocol
    http.WebRequest = own_http.Request
    http.HTTPFactory.protocol = own_http.Channel
    http.HTTPFactory.buildProtocol = lambda factory, address: door.Door(factory, address)
    http.HTTPFactory.acceptableProtocols = lambda factory: [b"http/1.1"]
    # For a request for a WebSocket that came by way of Daphne's HTTP all the same.
    sockets: Any = daphne.ws_protocol.WebSocketFactory
    sockets.buildProtocol = lambda factory, address: WebSocket(factory.server_class)
    reactor = _reactor()
    reactor.adoptStreamPort = _noting_shared(reactor.adoptStreamPort)
    reactor.listenUNIX = _taking_over(reactor.listenUNIX)
    reactor.addSystemEventTrigger("before", "shutdown", _let_go_of_shared)
    if ending:
        reactor.addSystemEventTrigger("before", "shutdown", ending.let_go)
    reactor.callWhenRunning(_drain_on_sigterm, ending)
    reactor.callWhenRunning(_listen_for_many)


def _as_configured(base: Any, *, access_log: bool) -> Any:
    """Daphne's `run`. What stands on its command line holds, but for what is only its own default."""

    def run(server: Any) -> None:
        defaults = inspect.signature(type(server)).parameters
        if server.websocket_timeout == defaults["websocket_timeout"].default:
            server.websocket_timeout = -1  # After a day all who came together would be sent away together.
        if not access_log and getattr(server.action_logger, "stream", None) is sys.stdout:
            server.action_logger = None
        base(server)

    return run


def _listen_for_many() -> None:
    """After a restart all come at once. Those for whom there is no place in the queue try again after 1, 3, 7, 15 s."""
    for port in _ports():
        port.socket.listen(BACKLOG)
        if port.addressFamily != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            # What is accepted from it has this too.
            port.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)


def _ports() -> list[Any]:
    """The listening ports of this process."""
    from twisted.internet import tcp

    return [reader for reader in _reactor().getReaders() if isinstance(reader, tcp.Port)]


def _reactor() -> Any:
    """Twisted's reactor. Importing it installs one, so that has to wait until Daphne has chosen."""
    from twisted.internet import reactor

    return reactor


# Sockets that others listen on as well, and Unix sockets.

_shared: set[Any] = set()
"""Ports whose socket was handed to this process, by systemd or by `chatsite.processes`: others go on with it."""


def _noting_shared(adopt: Any) -> Any:
    def adopt_stream_port(descriptor: int, family: Any, factory: Any) -> Any:
        port = adopt(descriptor, family, factory)
        _shared.add(port)
        return port

    return adopt_stream_port


def _let_go_of_shared() -> None:
    """Twisted removes the file of a Unix socket when it ends, though it were another's."""
    for port in _ports():
        if port in _shared:
            port.stopReading()


def _taking_over(listen: Any) -> Any:
    def listen_unix(address: Any, *arguments: Any, **options: Any) -> Any:
        with contextlib.suppress(OSError):  # Listening says what is wrong.
            take_over(Path(os.fsdecode(address)))
        return listen(address, *arguments, **options)

    return listen_unix


def take_over(path: Path) -> None:
    """Removes a Unix socket on which nobody listens any more, and its lock.

    Twisted takes a lock for good while its process lives, and in a container process 1 always does: it is we ourselves.
    """
    lock = path.with_name(f"{path.name}.lock")
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(os.fspath(path)) == 0:
            return
    with contextlib.suppress(FileNotFoundError):
        is_ours = os.readlink(lock) == str(os.getpid())
        if not is_ours and time.time() - lock.lstat().st_mtime < LOCK_SECONDS:
            return  # Somebody may be about to listen.
        lock.unlink()
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


# The end.


def _drain_on_sigterm(ending: Ending | None) -> None:
    """In place of the reactor's own handler, which would cut all connections where they are."""
    loop = asyncio.get_event_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, _begin_to_drain, number, ending)
        except (ValueError, RuntimeError):
            return  # Not the main thread: somebody else decides on the end, as under `runserver`.


_draining: asyncio.Task[None] | None = None


def _begin_to_drain(number: int, ending: Ending | None) -> None:
    global _draining
    if _draining or number == signal.SIGINT:
        _reactor().stop()
        return
    _draining = asyncio.get_event_loop().create_task(_drain(ending))


async def _drain(ending: Ending | None) -> None:
    """Takes no new connections, has the application end, and stops."""
    from chat.server.door import entrance

    try:
        entrance.is_closing = True
        stop_listening()
        if ending:
            await ending.say_goodbye(DRAIN_SECONDS)
        await entrance.finished(ANSWER_SECONDS)
        if ending:
            async with asyncio.timeout(DRAIN_SECONDS):
                await ending.finish()
    except Exception:
        logger.exception("Draining has failed; stopping all the same.")
    finally:
        _reactor().stop()


def stop_listening() -> None:
    """Newcomers go to the other processes on a shared socket. On a socket of this process's own they are refused: who
    waited in its queue would be cut off at the end, and a proxy takes another address only if it is refused this one.
    """
    for port in _ports():
        if port in _shared:
            port.stopReading()
        else:
            port.numberAccepts = BACKLOG
            port.doRead()  # Connections that are in the queue already would be cut off.
            port.stopListening()


def _end_applications(server: Any) -> Any:
    """Cancels what still runs, and returns when it has ended. Daphne fails at a request that has not come whole."""
    from twisted.internet.defer import Deferred

    running = [
        details["application_instance"] for details in server.connections.values() if "application_instance" in details
    ]
    for application in running:
        application.cancel()
    return Deferred.fromFuture(asyncio.gather(*running, return_exceptions=True))
