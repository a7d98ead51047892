"""HTTP under Daphne: bounded, with a fast path for event streams."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from daphne.http_protocol import WebRequest
from twisted.web.http import HTTPChannel

from chat.server import accepting, limits
from chat.server.accepting import FULL, capacity, whole_response
from chat.server.extensions import WRITE
from chat.server.files import Room
from chat.server.transport import (
    GOODBYE_SECONDS,
    OUTGOING_BYTES,
    POLL_SECONDS,
    Work,
    buffered,
    end_our_side,
    is_plain,
    write_at_once,
)

if TYPE_CHECKING:
    from collections.abc import Callable

IDLE_SECONDS = 60.0
"""How long an idle connection is kept open between requests."""

BODY_SECONDS = 20.0
BODY_RATE = 8 * 1024
"""A body may take `BODY_SECONDS`, plus one second for each `BODY_RATE` bytes received."""

SHORTEST_GRANT = 0.1

_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}


_TOO_LARGE = whole_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is larger than the site takes.")
_TOO_LATE = whole_response(HTTPStatus.REQUEST_TIMEOUT, "The request did not come to an end in time.")


class Channel(HTTPChannel):
    """Twisted's HTTP/1.1 with a deadline for each request; Twisted waits as long as a byte arrives now and then.

    It does not speak HTTP/2, not even over Daphne's own TLS; that is left to a proxy.
    """

    transport: Any
    room = Room.MANY
    body_size = 0
    _path: Any
    _has_begun = False
    _deadline: asyncio.TimerHandle | None = None
    _resuming: asyncio.TimerHandle | None = None

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self._work = Work(time.monotonic())
        capacity.wait(self)
        self._end_in(accepting.HEAD_SECONDS)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802
        self._end_in(None)
        if self._resuming:
            self._resuming.cancel()
        capacity.leave(self)
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if not self._has_begun and not self._handlingRequest:
            self._has_begun = True
            self._end_in(accepting.HEAD_SECONDS)
        if not self._work.spend(time.monotonic(), len(data)):
            self._pause()
        super().dataReceived(data)

    def _pause(self) -> None:
        """Throttles a request that arrives in very many small parts."""
        if not self._resuming:
            self.transport.pauseProducing()
            wait = self._work.wait(time.monotonic())
            self._resuming = asyncio.get_running_loop().call_later(wait, self._resume)

    def _resume(self) -> None:
        self._resuming = None
        if not (self._handlingRequest or self._waitingForTransport):  # Otherwise Twisted resumes when that is over.
            self.transport.resumeProducing()

    def allHeadersReceived(self) -> None:  # noqa: N802
        capacity.leave(self)
        self.body_size = 0
        request = self.requests[-1]
        cookies = b"; ".join(request.requestHeaders.getRawHeaders(b"cookie") or [])
        if self.room and not capacity.admits(self.room, self._path, cookies):
            request.refuse(FULL, at_once=True)
        if self.length != 0:
            self._end_in(BODY_SECONDS, self._judge_body)
        super().allHeadersReceived()

    def _judge_body(self) -> None:
        """Extends the deadline of a body that has arrived fast enough so far; otherwise ends the connection."""
        more = self.body_size / BODY_RATE - self._granted
        if more > SHORTEST_GRANT:
            self._granted += more
            self._deadline = asyncio.get_running_loop().call_later(more, self._judge_body)
        else:
            self._end()

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        if not self._handlingRequest:
            self.body_size += len(data)
            # Counted on the wire, including chunk headers and extensions.
            if self.body_size > 2 * limits.in_force.body_bytes:
                self.requests[-1].refuse(_TOO_LARGE)
                return
        super().rawDataReceived(data)

    def allContentReceived(self) -> None:  # noqa: N802
        self._end_in(None)
        self._work = Work(time.monotonic())  # Complete requests are counted by the application.
        super().allContentReceived()

    def checkPersistence(self, request: Any, version: bytes) -> bool:  # noqa: N802
        """Allows only one request per connection while the process is shutting down or room is scarce."""
        if self.room or capacity.is_closing:
            request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
            return False
        return bool(super().checkPersistence(request, version))

    def requestDone(self, request: Any) -> None:  # noqa: N802
        self._has_begun = False
        if self.persistent:
            self._end_in(IDLE_SECONDS)
            capacity.wait(self)
        super().requestDone(request)

    def _end_in(self, seconds: float | None, end: Callable[[], None] | None = None) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._granted = 0.0
        self._deadline = None if seconds is None else asyncio.get_running_loop().call_later(seconds, end or self._end)

    def _end(self) -> None:
        """Closes the connection at its deadline, without a response if no request has begun."""
        self._deadline = None
        if self._has_begun:
            self.transport.write(_TOO_LATE)
        self.loseConnection()


class Request(WebRequest):
    """Daphne's request, which refuses an oversized body before it is read; Daphne would keep all of it."""

    _received = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        # Twisted would write larger bodies to a file, for which a machine may have no space.
        self.content = BytesIO()
        if not self._refused:
            capacity.in_flight.add(self)
        if length is not None and length > limits.in_force.body_bytes:
            self.refuse(_TOO_LARGE)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self._received += len(data)
        if self._received > limits.in_force.body_bytes:
            self.refuse(_TOO_LARGE)
        if not self._refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        # With it any client could move the site to another path; here only Daphne's own `--root-path` does so.
        self.requestHeaders.removeHeader(b"daphne-root-path")
        result = None if self._refused else super().process()
        if self.transport is None:  # Upgraded to a WebSocket.
            capacity.in_flight.discard(self)
        return result

    def finish(self) -> None:
        capacity.in_flight.discard(self)
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        capacity.in_flight.discard(self)
        super().connectionLost(reason)

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:  # noqa: N802
        """Adds the phrases that Twisted does not have, such as that of 426."""
        super().setResponseCode(code, message or _PHRASES.get(code))

    def write_part(self, data: bytes) -> bool:
        """Sends a part of a response that has begun at once; returns False if data is waiting before it."""
        if not self.chunked or self.finished or self.channel is None:
            return False
        return write_at_once(self.channel.transport, b"%x\r\n%b\r\n" % (len(data), data))

    def refuse(self, answer: bytes, *, at_once: bool = False) -> None:
        """Sends the response without reading the body. Closing at once may discard the response in transit."""
        if self._refused:
            return
        self._refused = True
        capacity.in_flight.discard(self)
        transport: Any = self.channel.transport
        transport.pauseProducing()
        transport.write(answer)
        if at_once:
            transport.loseConnection()
        else:
            end_our_side(transport)
            asyncio.get_running_loop().call_later(GOODBYE_SECONDS, transport.abortConnection)


def waiting_reply(base: Any) -> Any:
    """Wraps Daphne's `send` to return when most of the client's backlog has left, as an ASGI server's should.

    Daphne's own returns at once, and Twisted buffers what it cannot write without limit.
    """

    async def handle_reply(server: Any, request: Any, message: Any) -> None:
        await base(server, request, message)
        while (transport := _waits_for(request, message)) and buffered(transport) > OUTGOING_BYTES:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)

    return handle_reply


def _waits_for(request: Any, message: Any) -> Any:
    """Returns the transport that must have room before more is sent, or None if nothing more follows."""
    if not message.get("more_body") or request.finished or request.channel is None:
        return None
    return request.channel.transport


def complete_scope(base: Any) -> Any:
    """Adds the fast path past `send` to the scope. There is none under TLS, where all data must be encrypted."""

    def create_application(server: Any, request: Any, scope: Any) -> Any:
        if is_plain(request.channel.transport):
            scope.setdefault("extensions", {})[WRITE] = request.write_part
        return base(server, request, scope)

    return create_application
