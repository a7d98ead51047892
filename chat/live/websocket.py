"""Daphne's WebSockets, bounded and with short ways: what `daphne.py` puts in the place of Daphne's own protocol.

The short ways do what autobahn and Twisted do on their long ones, for the common case alone: a whole text frame, a
socket with room. Anything else goes the long way, which is right for everything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chat import conf
from chat.live import protocol

OUTGOING_BYTES = 256 * 1024
WAITING_FRAMES = 64
RESUME_FRAMES = 16
PING_SECONDS = 10
PONG_SECONDS = 15
OPENING_SECONDS = 30
"""How long a handshake may wait for the application. After a restart all come at once, and Daphne gives them 5 s."""
POLL_SECONDS = 0.02
FLOOD_SECONDS = 10.0
GOODBYE_SECONDS = 10.0
UPGRADE_REQUIRED = 426

WRITE = "chat.write"
"""The ASGI extension by which a connection finds the short way out: of a WebSocket, or of a response in parts."""

TRAFFIC = "chat.traffic"
"""The ASGI extension by which a connection has its bytes counted."""

_TEXT = 0x81


def bounded_websocket(base: Any) -> Any:
    """Daphne's WebSocket protocol with an end to what it takes in before the application has time for it."""

    class BoundedWebSocket(base):
        _paused = False
        _resumed_at = 0.0
        _flooding_since = 0.0
        muted: bool
        autoPingTimeout: float  # noqa: N815
        openHandshakeTimeout: float  # noqa: N815

        def connectionMade(self) -> None:  # noqa: N802
            _share_options(self)
            server = self.factory.server_class
            server.websocket_connect_timeout = max(server.websocket_connect_timeout, OPENING_SECONDS)
            self.openHandshakeTimeout = max(self.openHandshakeTimeout, OPENING_SECONDS)
            super().connectionMade()
            # How long the other end has to answer a close frame, which may wait behind much else: autobahn gives 1 s.
            self.closeHandshakeTimeout = GOODBYE_SECONDS
            # A client whose network has gone is found out within PING_SECONDS + PONG_SECONDS; Daphne takes 50 s.
            server.ping_interval = min(server.ping_interval, PING_SECONDS)
            self.autoPingTimeout = min(self.autoPingTimeout, PONG_SECONDS)

        def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:  # noqa: N802, N803
            """A version that is not spoken here is answered by those that are (RFC 6455, section 4.2.2), with a 426."""
            code = UPGRADE_REQUIRED if responseHeaders else code
            super().failHandshake(reason, code, responseHeaders)

        # In.

        def dataReceived(self, data: bytes) -> None:  # noqa: N802
            """A whole text frame straight to `onMessage`: 1 µs in place of autobahn's 15."""
            text = unmasked_text(data) if self._is_between_frames() else None
            if text is None:
                super().dataReceived(data)
            else:
                self.onMessage(text, False)

        def _is_between_frames(self) -> bool:
            """Also not while a ping waits for its answer: any traffic is one, and autobahn must see it."""
            is_open = self.state == self.STATE_OPEN and self.autoPingTimeoutCall is None
            return is_open and not self.data and self.current_frame is None and not self.inside_message

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

        def count_traffic(self) -> Callable[[], tuple[int, int]]:
            """What gives the bytes received and sent so far. From now on nothing comes in by the short way.

            autobahn counts what goes by its own ways, so who wants to know must not take the short one out either.
            """
            self._is_between_frames = lambda: False  # type: ignore[method-assign]
            stats = self.trafficStats
            return lambda: (stats.incomingOctetsWireLevel, stats.outgoingOctetsWireLevel)

        # Out.

        def write_text(self, text: bytes) -> bool:
            """Sends a text message at once, if nothing waits before it; else it says False, and nothing has left."""
            if self.state != self.STATE_OPEN:
                return False
            return write_at_once(self.transport, _last_message if text is _last_text else text_message(text))

    return BoundedWebSocket


def _share_options(connection: Any) -> None:
    """Puts the options of the factory into the class, where autobahn would copy all 25 into each connection."""
    kind = type(connection)
    if kind.__dict__.get("_factory") is not connection.factory:
        kind._factory = connection.factory
        for name in kind.CONFIG_ATTRS:
            option = getattr(connection.factory, name)
            setattr(kind, name, staticmethod(option) if callable(option) else option)


def write_at_once(transport: Any, data: bytes) -> bool:
    """Hands the data to the system, if nothing waits before it; else it says False, and nothing has left.

    Twisted would register the socket for writing and write in its next turn: three more system calls.
    """
    if not transport.connected or transport.disconnecting or transport._tempDataLen or transport.dataBuffer:
        return False
    try:
        sent = transport.socket.send(data)
    except BlockingIOError:
        sent = 0
    except OSError:
        return False  # Twisted finds out by itself, and says so to everybody who must know.
    if sent < len(data):
        transport.write(data[sent:])
    return True


def buffered(transport: Any) -> int:
    """The bytes that Twisted keeps because the client's socket is full."""
    transport = getattr(transport, "transport", transport)  # Under TLS, what it encrypts for.
    waiting: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    return waiting


def is_encrypted(transport: Any) -> bool:
    from twisted.internet.interfaces import ISSLTransport

    return bool(ISSLTransport.providedBy(transport))


def is_plain(transport: Any) -> bool:
    """Whether what is written to the transport's socket is what the client gets. A wrapper would show it as its own."""
    from twisted.internet.tcp import Connection

    return isinstance(transport, Connection) and not is_encrypted(transport)


# Text frames (RFC 6455, section 5.2).

_last_text = b""
_last_message = b"\x81\x00"


def text_message(text: bytes) -> bytes:
    """The message as it goes over the line. A room is sent the same text: it is made once for all of them."""
    global _last_text, _last_message
    if text is not _last_text:
        size = len(text)
        if size < 126:
            head = bytes((_TEXT, size))
        elif size < 65536:
            head = b"\x81\x7e" + size.to_bytes(2, "big")
        else:
            head = b"\x81\x7f" + size.to_bytes(8, "big")
        _last_text, _last_message = text, head + text
    return _last_message


def unmasked_text(data: bytes) -> bytes | None:
    """The text of a client's message, if `data` is exactly that: one masked text frame, below 64 KiB, valid UTF-8."""
    size = len(data)
    if size < 6 or data[0] != _TEXT:
        return None
    length = data[1] - 0x80
    start = 6
    if length == 126:
        length, start = int.from_bytes(data[2:4], "big"), 8
        if length < 126:
            return None
    if length != size - start:
        return None  # Without a mask, longer, or not all of it.
    mask = data[start - 4 : start] * (length // 4 + 1)
    number = int.from_bytes(data[start:], "big") ^ int.from_bytes(mask[:length], "big")
    text = number.to_bytes(length, "big")
    try:
        text.decode()
    except UnicodeDecodeError:
        return None  # autobahn closes with the right code.
    return text


def _reactor() -> Any:
    """Twisted's reactor. Importing it installs one, so that has to wait until Daphne has chosen."""
    from twisted.internet import reactor

    return reactor
