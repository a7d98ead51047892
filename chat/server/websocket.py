"""WebSockets for Daphne. Daphne's own buffers without limit what a client sends or does not read; this one is bounded.

Daphne's goes through Twisted's HTTP request and autobahn's protocol. Every connection keeps their objects and pays for
their handling: 26 KiB when idle, against 13 KiB here, and a quarter more CPU to connect. This one serves ASGI only.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from twisted.internet.interfaces import IProtocol
from zope.interface.declarations import implementer

from chat.server import frames, handshake, limits, scope
from chat.server.extensions import TRAFFIC, WRITE
from chat.server.frames import BrokenError, Close, Ping, Reader
from chat.server.handshake import BadHandshakeError
from chat.server.inbox import Inbox, Message
from chat.server.transport import (
    GOODBYE_SECONDS,
    OUTGOING_BYTES,
    POLL_SECONDS,
    Work,
    buffered,
    end_our_side,
    hand_over,
    is_clear,
    is_plain,
    outstanding,
)

WAITING_FRAMES = 64
WAITING_SIZE = 256 * 1024
"""In characters or bytes. A character may occupy four bytes of memory."""
RESUME_FRAMES = 16
RESUME_SIZE = 64 * 1024
PING_SECONDS = 10
PONG_SECONDS = 15
OPENING_SECONDS = 30
"""How long a handshake may wait for the application. After a restart all clients come at once; Daphne allows 5 s."""
FLOOD_SECONDS = 10.0
FLOOD_GOODBYE_SECONDS = 5.0
"""How long a client that has flooded has to receive its close frame. What it keeps sending is not read meanwhile."""
MESSAGE_SECONDS = 20.0
"""How long a message may take from its first byte to its last."""

CONNECTING, OPEN, CLOSING, CLOSED = range(4)


@implementer(IProtocol)
class WebSocket:
    """One connection, from its handshake to its end. Daphne's server tracks it and checks it every 2 s."""

    __slots__ = (
        "_arrived",
        "_before_ping",
        "_begun_at",
        "_farewell",
        "_flooding_since",
        "_heard_at",
        "_inbox",
        "_is_clear",
        "_is_paused",
        "_is_plain",
        "_key",
        "_most",
        "_opened_at",
        "_pinged_at",
        "_raw_query_string",  # Set by Daphne's HTTP.
        "_reader",
        "_resumed_at",
        "_scope",
        "_send_now",
        "_server",
        "_state",
        "_taken",
        "_told",
        "_transport",
        "_work",
        "_written",
    )

    def __init__(self, server: Any) -> None:
        self._server = server
        most = limits.in_force.message_bytes
        self._most = min(server.websocket_max_message_size or most, most)
        self._state = CONNECTING
        self._inbox: Inbox | None = None
        self._reader: Reader | None = None
        self._is_paused = False
        self._flooding_since = self._resumed_at = 0.0
        self._pinged_at = 0.0
        self._farewell: asyncio.TimerHandle | None = None
        self._told: int | None = frames.NO_CLOSE
        """The close code that the client has sent; None once the application has been notified of the end."""
        self._taken = self._written = 0
        self._before_ping = self._arrived = 0
        """How many bytes were written before the last ping, and how many of them had reached the client so far."""
        self._opened_at = self._heard_at = self._begun_at = time.monotonic()
        self._work = Work(self._opened_at)

    # Twisted's protocol callbacks.

    def makeConnection(self, transport: Any) -> None:  # noqa: N802
        self._transport = transport
        self._is_plain = is_plain(transport)
        self._is_clear = False
        if self._is_plain:
            self._send_now = transport.socket.send
        # A producer left by Daphne's HTTP would keep a closing connection open.
        transport.unregisterProducer()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._heard_at = time.monotonic()
        if self._state == OPEN:
            self._taken += len(data)
            if self._reader is None and not self._is_paused and len(data) <= self._most:
                text = frames.whole_text(data)
                if text is not None:
                    self._deliver({"type": "websocket.receive", "text": text})
                    return
        if self._state != CLOSED:
            self._feed(data)
        elif not self._work.spend(self._heard_at, len(data)):
            self._stop_reading()

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802
        was, self._state = self._state, CLOSED
        if self._farewell:
            self._farewell.cancel()
        self._reader = None
        if self._inbox is None:
            return
        self._server.protocol_disconnected(self)
        if self._told is not None:
            self._inbox.put({"type": "websocket.disconnect", "code": self._told})
        if was != CONNECTING:
            self._log("disconnected")
        self._scope["extensions"].clear()  # They hold this connection, which would wait for the garbage collector.

    # Incoming.

    def _feed(self, data: bytes) -> None:
        if self._state == CONNECTING and self._inbox is None:
            self._ask(data)
            return
        if self._reader is None:
            self._reader = Reader(self._most)
            self._begun_at = self._heard_at
        self._reader.feed(data)
        if self._state == CONNECTING and self._reader.waiting > limits.in_force.opening_bytes:
            self._abort()  # Not accepted yet.
        self._count(len(data))
        self._read_on()

    def _count(self, size: int = 0) -> None:
        """Charges the rate limiter for data before parsing, or a control frame or fragment after it.

        Over budget, nothing more is read.
        """
        if self._work.spend(self._heard_at, size):
            return
        if self._state == OPEN:
            self._pause()
        elif self._state == CONNECTING:
            self._abort()  # Not accepted yet.
        else:
            self._stop_reading()

    def _read_on(self) -> None:
        reader = self._reader
        try:
            while reader and self._state in (OPEN, CLOSING) and not self._is_paused:
                incoming = reader.next()
                if incoming is None:
                    break
                self._on_incoming(incoming)
        except BrokenError as broken:
            self._fail(broken.code)
        if reader and (reader.is_idle or self._state == CLOSED):
            self._reader = None

    def _on_incoming(self, incoming: frames.Incoming | frames.Fragment) -> None:
        if isinstance(incoming, str):
            self._begun_at = self._heard_at
            self._deliver({"type": "websocket.receive", "text": incoming})
            return
        if isinstance(incoming, bytes):
            self._begun_at = self._heard_at
            self._deliver({"type": "websocket.receive", "bytes": incoming})
            return
        # A pong, like any data, shows that the client is alive; a fragment waits for the rest of its message.
        self._count()
        if isinstance(incoming, Ping):
            # Only the last of many pings needs a pong (RFC 6455, 5.5.3); a client that reads none gets no more.
            if buffered(self._transport) < OUTGOING_BYTES:
                self._write(frames.frame(frames.PONG, incoming.content))
        elif isinstance(incoming, Close):
            self._told = incoming.code
            if self._state == OPEN:
                code = frames.NORMAL if incoming.code == frames.NO_CODE else incoming.code
                self._write(frames.close_frame(code))
            self._leave()

    def _deliver(self, message: Message) -> None:
        """Queues a message for the application. Over the bounds, reading pauses."""
        inbox = self._inbox
        if self._state != OPEN or inbox is None:
            return
        inbox.put(message)
        if inbox.holds_more_than(WAITING_FRAMES, WAITING_SIZE):
            self._pause()

    def _pause(self) -> None:
        if self._is_paused:
            return
        now = time.monotonic()
        if now - self._resumed_at > 1:
            self._flooding_since = now
        self._is_paused = True
        self._transport.pauseProducing()
        self._resume()

    def _stop_reading(self) -> None:
        """Reads nothing more from a client that goes on sending after the end.

        It has until its farewell to take its close frame, which an abort would discard.
        """
        self._is_paused = True
        self._transport.pauseProducing()

    def _resume(self) -> None:
        """Resumes reading when there is room, or checks again later."""
        now = time.monotonic()
        inbox = self._inbox
        if self._state == OPEN and inbox:
            is_full = inbox.holds_more_than(RESUME_FRAMES, RESUME_SIZE)
            wait = POLL_SECONDS if is_full else self._work.wait(now)
            if wait > 0:
                if now - self._flooding_since < FLOOD_SECONDS or (is_full and not limits.in_force.ends_slow_readers):
                    asyncio.get_running_loop().call_later(max(wait, POLL_SECONDS), self._resume)
                else:
                    self._end_flood(inbox)
                return
        self._is_paused, self._resumed_at = False, now
        # The client may have sent more that has not been read yet: pongs, or the end of a message.
        self._heard_at = self._begun_at = now
        self._read_on()
        if not self._is_paused:
            self._transport.resumeProducing()

    def _end_flood(self, inbox: Inbox) -> None:
        """Stops reading for good and notifies the application, which may be far behind."""
        self._leave_later(FLOOD_GOODBYE_SECONDS)
        self._fail(limits.in_force.flood_code)
        inbox.put({"type": "websocket.disconnect", "code": limits.in_force.flood_code})
        self._told = None

    # The handshake.

    def _ask(self, data: bytes) -> None:
        """Starts the application, which accepts or rejects the client."""
        try:
            asked = handshake.opening(data)
            self._scope = scope.of_websocket(asked, self._server, self._transport, self._extensions())
        except BadHandshakeError as bad:
            self._refuse(bad.status, bad.detail)
            return
        except UnicodeDecodeError:
            self._refuse(400, "The address that a proxy forwards must be text.")
            return
        self._key = asked.key
        server = self._server
        self._inbox = Inbox()
        server.protocol_connected(self)
        application = server.application(self._scope, self._inbox.get, self.send)
        server.connections[self]["application_instance"] = asyncio.get_running_loop().create_task(application)
        self._inbox.put({"type": "websocket.connect"})
        self._log("connecting")
        if asked.size < len(data):
            self._feed(data[asked.size :])

    def _extensions(self) -> dict[str, Any]:
        extensions: dict[str, Any] = {TRAFFIC: self.traffic}
        if self._is_plain:
            extensions[WRITE] = self.write_text  # No fast path under TLS: all data must be encrypted.
        return extensions

    def _accept(self, subprotocol: str | None, headers: Any) -> None:
        more = [(bytes(name), bytes(value)) for name, value in headers]
        if subprotocol:
            more.append((b"Sec-WebSocket-Protocol", subprotocol.encode("ascii")))
        if self._server.server_name:
            more.append((b"Server", self._server.server_name.encode()))
        self._write(handshake.accepted(self._key, more))
        self._written = 0
        self._state = OPEN
        self._log("connected")
        if self._reader:
            self._taken += self._reader.waiting
            self._read_on()

    def _refuse(self, status: int, detail: str) -> None:
        self._write(handshake.refused(status, detail))
        self._leave()

    # Called by the application.

    async def send(self, message: Message) -> None:
        """Implements ASGI's `send`. Returns when most of the client's backlog has left.

        Daphne's own returns at once, and Twisted buffers what it cannot write without limit. A connection whose `send`
        does not return collects its frames in its outbox, which is bounded. Raises `OSError` for a client that is
        disconnecting, as ASGI specifies, and `ValueError` for what cannot be sent.
        """
        kind = message["type"]
        if kind == "websocket.send":
            await self._send(message)
        elif kind == "websocket.accept":
            if self._state == CONNECTING:
                self._accept(message.get("subprotocol"), message.get("headers") or ())
        elif kind == "websocket.close":
            if self._state == CONNECTING:
                self._refuse(403, "Access denied.")
                self._log("rejected")
            else:
                self._close(message.get("code") or frames.NORMAL)
        else:
            raise ValueError(f"A WebSocket takes no {kind}.")

    async def _send(self, message: Message) -> None:
        if self._state == CONNECTING:
            raise ValueError("Nothing can be sent before the connection is accepted.")
        if self._state != OPEN:
            raise OSError("The client has gone.")
        text: str | None = message.get("text")
        content: bytes | None = message.get("bytes")
        if text is not None and content is None:
            self._write(frames.text_message(text.encode()))
        elif content is not None and text is None:
            self._write(frames.frame(frames.BINARY, content))
        else:
            raise ValueError("A message has either text or bytes.")
        while self._state == OPEN and buffered(self._transport) > OUTGOING_BYTES:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)

    def write_text(self, text: bytes) -> bool:
        """Sends a text message at once if nothing is buffered before it; else returns False and sends nothing."""
        if self._state != OPEN:
            return False
        message = frames.text_message(text)
        if not self._write_at_once(message):
            return False
        self._written += len(message)
        return True

    def _write_at_once(self, data: bytes) -> bool:
        """Checks Twisted's transport only after data was left there: its state lies apart, for each socket."""
        if not (self._is_clear or is_clear(self._transport)):
            return False
        sent = hand_over(self._transport, self._send_now, data)
        self._is_clear = sent == len(data)
        return sent >= 0

    def traffic(self) -> tuple[int, int]:
        return self._taken, self._written

    def _write(self, data: bytes) -> None:
        self._written += len(data)
        if not (self._is_plain and self._write_at_once(data)):
            self._transport.write(data)

    # Called by Daphne's server.

    def handle_exception(self, exception: BaseException) -> None:
        """Closes the connection after the application has failed."""
        if self._state == CONNECTING:
            self._refuse(500, "Internal server error.")
        else:
            self._close(frames.SERVER_ERROR)

    def check_timeouts(self) -> None:
        """Enforces the timeouts. A lost client is detected within PING_SECONDS + PONG_SECONDS; Daphne needs 50 s."""
        server, now = self._server, time.monotonic()
        age = now - self._opened_at
        if self._state == CONNECTING:
            if age > max(server.websocket_connect_timeout, OPENING_SECONDS):
                self._refuse(403, "The application took too long.")
        elif self._state == OPEN:
            if 0 <= server.websocket_timeout < age:
                self._close(frames.NORMAL)
            elif self._is_paused:
                pass
            elif self._reader and now - self._begun_at > MESSAGE_SECONDS:
                self._fail(limits.in_force.late_code)
            elif self._pinged_at > self._heard_at:
                self._wait_for_pong(now)
            elif now - max(self._heard_at, self._pinged_at) > min(server.ping_interval, PING_SECONDS):
                self._before_ping = self._written
                self._arrived = self._written - outstanding(self._transport)
                self._pinged_at = now
                self._write(_PING)

    def _wait_for_pong(self, now: float) -> None:
        """Aborts when the pong is overdue.

        On a slow connection a ping is queued behind all earlier data; while that still arrives, the client is alive.
        What was written later shows nothing: a system or a proxy may accept it for a client that is gone.
        """
        arrived = min(self._before_ping, self._written - outstanding(self._transport))
        if arrived > self._arrived:
            self._arrived, self._pinged_at = arrived, now
        elif now - self._pinged_at > min(self._server.ping_timeout, PONG_SECONDS):
            self._abort()

    def _log(self, action: str) -> None:
        client = self._scope["client"]
        # As it was sent: a decoded path could start a new line in the log.
        path = self._scope["raw_path"].decode("ascii")
        details = {"path": path, "client": f"{client[0]}:{client[1]}" if client else None}
        self._server.log_action("websocket", action, details)

    def __repr__(self) -> str:
        shown = getattr(self, "_scope", {})
        return f"<WebSocket client={shown.get('client')} path={shown.get('path')!r}>"

    # Closing.

    def _close(self, code: int) -> None:
        """Sends a close frame. A client that does not reply within GOODBYE_SECONDS is aborted."""
        if self._state == OPEN:
            self._write(frames.close_frame(code))
            self._state = CLOSING
            self._leave_later()

    def _fail(self, code: int) -> None:
        """Sends a close frame to a client that violates the protocol, and reads nothing more from it."""
        if self._state == OPEN:
            self._write(frames.close_frame(code))
        self._state = CLOSED
        self._reader = None
        end_our_side(self._transport)
        self._leave_later()

    def _leave(self) -> None:
        """Closes the connection once all buffered data has left."""
        self._state = CLOSED
        self._transport.loseConnection()
        self._leave_later()

    def _leave_later(self, seconds: float | None = None) -> None:
        if self._farewell is None:
            wait = GOODBYE_SECONDS if seconds is None else seconds
            self._farewell = asyncio.get_running_loop().call_later(wait, self._abort)

    def _abort(self) -> None:
        self._transport.abortConnection()


_PING = frames.frame(frames.PING, b"")
