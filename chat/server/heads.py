"""Refuses requests whose head is expensive to parse, before anything parses it.

Two parsers that everything below relies on take quadratic time: Python's for cookies with escapes (until 3.11.9), and
Django's for the parameters of a content type. A head of 16 KiB keeps them busy for 0.4 s.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

ESCAPES = 100
"""Backslashes allowed in all cookies of a request. The site's own have none; Django writes one per comma or quote."""

CONTENT_TYPE_BYTES = 512

Application = Callable[[Any, Any, Any], Awaitable[Any]]


def guarded(application: Application) -> Application:
    """Wraps the application so that requests with such a head are refused with 400 (a WebSocket: 403)."""

    async def guard(scope: Any, receive: Any, send: Any) -> Any:
        detail = _fault(scope.get("headers", ()))
        if detail is None:
            return await application(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close"})
        body = f"{detail}\n".encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        return await send({"type": "http.response.body", "body": body})

    return guard


def _fault(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    escapes = 0
    for name, value in headers:
        if name == b"cookie":
            escapes += value.count(b"\\")
        elif name == b"content-type" and len(value) > CONTENT_TYPE_BYTES:
            return f"A content type may have {CONTENT_TYPE_BYTES} bytes at most."
    return f"Cookies may have {ESCAPES} backslashes at most. Delete this site's cookies." if escapes > ESCAPES else None
