"""An ASGI application of a few lines, under Daphne as the site has it: it tells what WebSockets have told it."""

import asyncio
import json
import os
import tempfile
from collections import defaultdict

from chat.server import accepting, http, install, transport, websocket
from chat.server.limits import Limits

KIB = 1024

install.install(Limits(128 * KIB, opening_bytes=64 * KIB, body_bytes=KIB * KIB, flood_code=4429, late_code=4408))
accepting.HEAD_SECONDS = 0.3
http.BODY_SECONDS = 0.3
websocket.PING_SECONDS = 60 * 60  # Clients by hand answer no pings, and are slow on a busy machine.
if "IMPATIENT" in os.environ:
    websocket.PING_SECONDS = 0.1
    websocket.PONG_SECONDS = 1
    websocket.GOODBYE_SECONDS = 0.5
if "STRICT" in os.environ:
    websocket.FLOOD_SECONDS = 0.5
    websocket.MESSAGE_SECONDS = 0.5
    websocket.FLOOD_GOODBYE_SECONDS = 0.5
    transport.WORK_TO_GO_ON = 10

_heard = defaultdict(list)  # By path, as all that follows.
_slow = []
_has_heard_all = defaultdict(asyncio.Event)


if "NO_FILES" in os.environ:

    def _no_folder(*_, **__):
        raise FileNotFoundError("There is no temporary folder here.")

    tempfile.TemporaryFile = _no_folder


async def application(scope, receive, send):
    await (_answer if scope["type"] == "http" else _talk)(scope["path"], scope, receive, send)


async def _answer(path, scope, receive, send):
    """The messages that a WebSocket has got at that address, once it has heard “last” or that the client has gone.

    At `/status-…` nothing, under that status. `/slow` takes its time, and `/is-slow` says whether it was asked for. At
    `/no-delay`: of each connection, whether it sends at once (TCP_NODELAY).
    """
    if path.startswith("/status-"):
        await send({"type": "http.response.start", "status": int(path[8:]), "headers": []})
        await send({"type": "http.response.body"})
        return
    if path == "/slow":
        _slow.append(path)
        await asyncio.sleep(1.5)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 1000})
        return
    if path in _heard:
        await _has_heard_all[path].wait()
    told = _heard.get(path)
    if path == "/no-delay":
        told = [one.getTcpNoDelay() for one in _connections()]
    elif path == "/is-slow":
        told = _slow
    elif path == "/websocket-timeout":
        told = _connections()[0].protocol.factory.server.websocket_timeout
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


def _connections():
    from twisted.internet import reactor, tcp

    return [reader for reader in reactor.getReaders() if isinstance(reader, tcp.Server)]


async def _talk(path, scope, receive, send):
    """Says back what it hears, unless it is a path for something else. It listens on after the end."""
    _heard[path].append(await receive())
    if path == "/fails":
        raise RuntimeError("This fails before it accepts.")
    if path == "/refuses":
        await send({"type": "websocket.close"})
    elif path != "/waits":
        headers = [(b"X-One", b"1"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
        await send(
            {"type": "websocket.accept", "subprotocol": (scope["subprotocols"] or [None])[-1], "headers": headers}
        )
    while True:
        message = await receive()
        _heard[path].append(message)
        if message["type"] == "websocket.disconnect" or message.get("text") == "last":
            _has_heard_all[path].set()
        if message["type"] == "websocket.receive":
            if path == "/fails-later":
                raise RuntimeError("This fails after it has accepted.")
            if path == "/closes":
                await send({"type": "websocket.close", "code": 4000})
                continue
            await send(message | {"type": "websocket.send"})
