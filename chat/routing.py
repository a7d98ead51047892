"""What is served beside Django: the live endpoints, and how a project puts them before its pages."""

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

# Before Django, not in its urls: there each request that waits would hold a thread.
http_urlpatterns = [
    path("live/stream", http.stream),
    path("live/poll", http.poll),
    path("live/send", sending.send),
]

_LIMITS = Limits(
    # Twice what a frame may have, so that one which is somewhat too long gets a sentence, and not the end.
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
    """A WebSocket to an address where there is none: refused in its handshake."""
    await send({"type": "websocket.close"})


def with_chat(pages: Any, websockets: Any = refuse) -> Application:
    """The ASGI application of a project with the chat: its own one, `pages`, and the chat's live endpoints before it.

    They are below the address at which the project includes `chat.urls`, and below its path prefix. WebSockets to other
    addresses go to `websockets`, where a project has any of its own. Requests whose head is work are refused before all
    of them (`server/heads.py`), and under Daphne everything is bounded (`server/install.py`).
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
