"""One HTTP request and its response, as the live endpoints use them: nothing is kept, and nothing waits in a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from chat.refusals import Refusal
from chat.server.extensions import WRITE
from chat.wire import protocol
from chat.wire.compression import accepts_gzip, compressed

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BODY_BYTES = 1024 * 1024
COMPRESSED_BYTES = 4 * 1024
"""Size from which a response is worth compressing: it needs a thread for a moment."""

FRAMES = "application/x-ndjson"
EVENTS = "text/event-stream"

_STATUSES = {
    "bad_request": 400,
    "not_signed_in": 401,
    "forbidden": 403,
    "bad_method": 405,
    "too_big": 413,
    "too_long": 414,
    "too_fast": 429,
    "too_many_connections": 429,
    "restarting": 503,
    "unavailable": 503,
}


class Gone(Exception):  # noqa: N818  Not an error.
    """The client has disconnected, so nothing is left to respond to."""


class Exchange:
    """A received request, and the response to it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.query = dict(parse_qsl(scope["query_string"].decode("latin1"), keep_blank_values=True))
        self.has_begun = False
        self._receive = receive
        self._send = send
        self._short = scope.get("extensions", {}).get(WRITE)

    async def body(self, most: int = BODY_BYTES) -> bytes:
        """Returns the whole body. Raises `Refusal` if it is larger than `most`, and `Gone`."""
        parts, size, more = [], 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Gone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > most:
                raise Refusal("too_big.request", most=most // 1024)
            more = message.get("more_body", False)
        return b"".join(parts)

    async def disconnected(self) -> None:
        """Returns when the client has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def begin(self, content_type: str, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self.has_begun = True
        kept_by_nobody = [
            (b"content-type", content_type.encode()),
            # With a proxy that buffers or compresses parts, a stream would become a response that never ends.
            (b"cache-control", b"no-store, no-transform"),
            (b"x-accel-buffering", b"no"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": [*kept_by_nobody, *headers]})

    async def write(self, data: bytes) -> None:
        """Sends a part of the body. Returns when the client may be sent more."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    def write_at_once(self, data: bytes) -> bool:
        """Sends over the fast path, if there is one and nothing waits in it; otherwise sends nothing, returns False."""
        return bool(self._short and self._short(data))

    async def end(self, data: bytes = b"") -> None:
        """Ends the response with some last data, without waiting until the client has taken it."""
        await self._send({"type": "http.response.body", "body": data})

    async def respond(self, content_type: str, body: bytes, status: int = 200, **headers: str) -> None:
        """Sends a whole response at once, a long one compressed if the client accepts that."""
        if len(body) >= COMPRESSED_BYTES:
            headers["vary"] = "Accept-Encoding"
            if accepts_gzip(self.scope["headers"]):
                headers["content_encoding"] = "gzip"
                body = await asyncio.to_thread(compressed, body)
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await self.begin(content_type, status, [(b"content-length", str(len(body)).encode()), *named])
        await self.end(body)

    async def refuse(self, refusal: Refusal, **headers: str) -> None:
        """Sends a response of one `error` frame, with the status for its code."""
        if refusal.retry_after is not None:
            headers["retry_after"] = str(max(1, round(refusal.retry_after)))
        line = protocol.encode(protocol.refusal_frame(refusal, {})) + b"\n"
        await self.respond(FRAMES, line, _STATUSES[refusal.code], **headers)
