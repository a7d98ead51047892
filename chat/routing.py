"""The live endpoints, which are served outside Django, and the wrapper that puts them in front of a project's pages."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.urls import URLPattern, path

from chat import conf, paths
from chat.consumers import http, sending
from chat.consumers.exchange import BODY_BYTES
from chat.consumers.simple import EchoConsumer, NicknameConsumer
from chat.consumers.trial import TrialConsumer
from chat.consumers.websocket import ChatConsumer
from chat.live import ending, threads
from chat.server import install
from chat.server.heads import guarded
from chat.server.limits import Limits
from chat.wire import protocol

websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    path("ws/connection/", TrialConsumer.as_asgi()),
    path("ws", EchoConsumer.as_asgi()),
    path("ws/<str:nickname>", NicknameConsumer.as_asgi()),
]

# Served in front of Django, not in its urls, where each waiting request would hold a thread.
http_urlpatterns = [
    path("live/stream", http.stream),
    path("live/poll", http.poll),
    path("live/send", sending.send),
]

_LIMITS = Limits(
    # Twice the frame limit, so that a slightly oversized frame gets an error sentence instead of a closed connection.
    message_bytes=2 * protocol.FRAME_BYTES,
    opening_bytes=protocol.FRAME_BYTES,
    body_bytes=BODY_BYTES,
    ends_slow_readers=bool(conf.FRAME_RATE),
    flood_code=protocol.TOO_MUCH,
    late_code=protocol.TOO_SLOW,
)
_ENDING = install.Ending(ending.say_goodbye, ending.finish, threads.end_without_threads)

Application = Callable[[Any, Any, Any], Awaitable[Any]]


async def refuse(scope: Any, receive: Any, send: Any) -> None:
    """Refuses, in the handshake, a WebSocket to an address without an endpoint."""
    await send({"type": "websocket.close"})


def with_chat(pages: Any, websockets: Any = refuse) -> Application:
    """Returns a project's ASGI application: its own application, `pages`, behind the chat's live endpoints.

    The endpoints are below the address at which the project includes `chat.urls`, and below its path prefix. WebSockets
    to other addresses go to `websockets`, for projects that have their own. Requests whose headers are expensive to
    parse are refused before any of these (`server/heads.py`); under Daphne everything is bounded (`server/install.py`).
    """
    install.install(_LIMITS, session_cookie=settings.SESSION_COOKIE_NAME, access_log=conf.ACCESS_LOG, ending=_ENDING)
    others = {"http": pages, "websocket": websockets}
    ours = {"http": http_urlpatterns, "websocket": websocket_urlpatterns}

    async def application(scope: Any, receive: Any, send: Any) -> Any:
        kind = scope["type"]
        if kind not in ours:
            return await pages(scope, receive, send)
        scope = paths.below_prefix(scope)
        inside = paths.inside(scope["path"])
        found = inside is not None and _found(ours[kind], inside)
        if not found:
            return await others[kind](scope, receive, send)
        scope = {**scope, "url_route": {"args": found.args, "kwargs": found.kwargs}}
        return await found.func(scope, receive, send)

    return guarded(application)


def _found(patterns: list[URLPattern], path: str) -> Any:
    return next(filter(None, (pattern.resolve(path) for pattern in patterns)), None)
