"""Adds to Daphne bounds on what it buffers for a client, in both directions, and a shutdown that loses nothing.

`install()` is called by the ASGI module, which Daphne imports before it creates its first protocol. Under another
server it only raises the limit of open files.
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
from chat.server.loop import use_uvloop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 5.0
ANSWER_SECONDS = 10.0
"""How long requests in flight may take at shutdown."""

BACKLOG = 4096
"""Connections that may wait to be accepted, where the system allows so many. Daphne's backlog is 50."""

UNREAD_SECONDS = 60
"""How long a client may receive nothing of what it was sent before the system ends its connection."""

LOCK_SECONDS = 10.0
"""The age from which the lock of a Unix socket that nothing listens on counts as stale."""


@dataclass(frozen=True)
class Ending:
    """The application's part in the shutdown of a process (SIGTERM)."""

    say_goodbye: Callable[[float], Awaitable[None]]
    """Disconnects the clients within about this many seconds. New connections are refused by then."""

    finish: Callable[[], Awaitable[None]]
    """Stores what is left. Requests in flight have their responses by then."""

    let_go: Callable[[], None] = lambda: None
    """Called last, as the reactor stops, also after SIGINT."""


def install(
    limits: Limits = Limits(),  # noqa: B008  Immutable.
    *,
    session_cookie: str = "sessionid",
    access_log: bool = True,
    ending: Ending | None = None,
) -> None:
    """Under Daphne, replaces its classes with ours.

    `session_cookie` names the cookie of signed-in users, for whom the last open files are reserved when they run short.
    """
    put_in_force(limits)
    limit = raise_limit()
    if "daphne.server" not in sys.modules:
        return
    import daphne.http_protocol
    import daphne.server
    import daphne.ws_protocol

    from chat.server import accepting
    from chat.server import http as own_http
    from chat.server.websocket import WebSocket

    accepting.capacity.files = OpenFiles(limit)
    accepting.capacity.session_cookie = session_cookie.encode()
    server: Any = daphne.server.Server
    server.handle_reply = own_http.waiting_reply(server.handle_reply)
    server.create_application = own_http.complete_scope(server.create_application)
    server.kill_all_applications = _end_applications
    server.run = _as_configured(server.run, access_log=access_log)
    http: Any = daphne.http_protocol
    http.WebRequest = own_http.Request
    http.HTTPFactory.protocol = own_http.Channel
    http.HTTPFactory.buildProtocol = lambda factory, address: accepting.NewConnection(factory, address)
    http.HTTPFactory.acceptableProtocols = lambda factory: [b"http/1.1"]
    # For WebSocket handshakes that still come through Daphne's HTTP.
    sockets: Any = daphne.ws_protocol.WebSocketFactory
    sockets.buildProtocol = lambda factory, address: WebSocket(factory.server_class)
    reactor = _reactor()
    use_uvloop(reactor)
    reactor.adoptStreamPort = _noting_shared(reactor.adoptStreamPort)
    reactor.listenUNIX = _taking_over(reactor.listenUNIX)
    reactor.addSystemEventTrigger("before", "shutdown", _let_go_of_shared)
    if ending:
        reactor.addSystemEventTrigger("before", "shutdown", ending.let_go)
    reactor.callWhenRunning(_drain_on_sigterm, ending)
    reactor.callWhenRunning(_listen_for_many)


def _as_configured(base: Any, *, access_log: bool) -> Any:
    """Wraps Daphne's `run`. Its command line options hold, except where they are only its own defaults."""

    def run(server: Any) -> None:
        defaults = inspect.signature(type(server)).parameters
        if server.websocket_timeout == defaults["websocket_timeout"].default:
            server.websocket_timeout = -1  # After a day, clients that came together would be cut off together.
        if server.server_name == defaults["server_name"].default:
            server.server_name = ""  # It would be in the head of every response, and is of use to none who reads it.
        if not access_log and getattr(server.action_logger, "stream", None) is sys.stdout:
            server.action_logger = None
        base(server)

    return run


def _listen_for_many() -> None:
    """Enlarges the backlog: after a restart all clients come at once, and any left out retry after 1, 3, 7, 15 s."""
    for port in _ports():
        port.socket.listen(BACKLOG)
        if port.addressFamily != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            # Accepted sockets inherit this.
            port.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)


def _ports() -> list[Any]:
    """Returns the listening ports of this process."""
    from twisted.internet import tcp

    return [reader for reader in _reactor().getReaders() if isinstance(reader, tcp.Port)]


def _reactor() -> Any:
    """Returns Twisted's reactor. Importing it installs one, so the import must wait until Daphne has chosen."""
    from twisted.internet import reactor

    return reactor


# Shared sockets and Unix sockets.

_shared: set[Any] = set()
"""Ports whose socket was passed in by systemd or `chatsite.processes`: others keep using it."""


def _noting_shared(adopt: Any) -> Any:
    def adopt_stream_port(descriptor: int, family: Any, factory: Any) -> Any:
        port = adopt(descriptor, family, factory)
        _shared.add(port)
        return port

    return adopt_stream_port


def _let_go_of_shared() -> None:
    """Stops reading from shared ports: Twisted removes a Unix socket's file at its end, even a shared one."""
    for port in _ports():
        if port in _shared:
            port.stopReading()


def _taking_over(listen: Any) -> Any:
    def listen_unix(address: Any, *arguments: Any, **options: Any) -> Any:
        with contextlib.suppress(OSError):  # Listening reports the error.
            claim_path(Path(os.fsdecode(address)))
        return listen(address, *arguments, **options)

    return listen_unix


def claim_path(path: Path) -> None:
    """Removes a Unix socket that nothing listens on any more, and its lock.

    Twisted considers a lock valid while its process lives. In a container process 1 always does: it is this process.
    """
    lock = path.with_name(f"{path.name}.lock")
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(os.fspath(path)) == 0:
            return
    with contextlib.suppress(FileNotFoundError):
        is_ours = os.readlink(lock) == str(os.getpid())
        if not is_ours and time.time() - lock.lstat().st_mtime < LOCK_SECONDS:
            return  # Another process may be about to listen.
        lock.unlink()
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


# Shutdown.


def _drain_on_sigterm(ending: Ending | None) -> None:
    """Replaces the reactor's own signal handler, which would cut all connections off."""
    loop = asyncio.get_event_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, _begin_to_drain, number, ending)
        except (ValueError, RuntimeError):
            return  # Not the main thread: shutdown is decided elsewhere, as under `runserver`.


_draining: asyncio.Task[None] | None = None


def _begin_to_drain(number: int, ending: Ending | None) -> None:
    global _draining
    if _draining or number == signal.SIGINT:
        _reactor().stop()
        return
    _draining = asyncio.get_event_loop().create_task(_drain(ending))


async def _drain(ending: Ending | None) -> None:
    """Stops accepting connections, lets the application finish, and stops the reactor."""
    from chat.server.accepting import capacity

    try:
        capacity.is_closing = True
        stop_listening()
        if ending:
            await ending.say_goodbye(DRAIN_SECONDS)
        await capacity.finished(ANSWER_SECONDS)
        if ending:
            async with asyncio.timeout(DRAIN_SECONDS):
                await ending.finish()
    except Exception:
        logger.exception("Draining has failed; stopping all the same.")
    finally:
        _reactor().stop()


def stop_listening() -> None:
    """Stops accepting connections.

    On a shared socket, new connections go to the other processes. On this process's own they are refused: those in its
    backlog would be cut off at the end, and a proxy tries another address only if this one refuses.
    """
    for port in _ports():
        if port in _shared:
            port.stopReading()
        else:
            port.numberAccepts = BACKLOG
            port.doRead()  # Connections already in the backlog would be cut off.
            port.stopListening()


def _end_applications(server: Any) -> Any:
    """Cancels running applications and waits for them. Daphne's own fails on a request that is incomplete."""
    from twisted.internet.defer import Deferred

    running = [
        details["application_instance"] for details in server.connections.values() if "application_instance" in details
    ]
    for application in running:
        application.cancel()
    return Deferred.fromFuture(asyncio.gather(*running, return_exceptions=True))
