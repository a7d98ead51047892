"""The chat's URL paths, below the site's path prefix and the place where its project includes `chat.urls`.

A page gets its URLs from Django within its own request, which knows the prefix. Threads and tasks of the live side
belong to no request, so the prefix is stored here: it is the same for everything that one process serves.
"""

from functools import lru_cache
from typing import Any

from django import urls
from django.core.handlers.asgi import get_script_prefix as prefix_of

Scope = dict[str, Any]

LIVE = {
    "socket": "ws/chat/",
    "trial": "ws/connection/",
    "stream": "live/stream",
    "poll": "live/poll",
    "send": "live/send",
}
"""Endpoints served outside Django (`routing.py`), so that Django's `reverse` cannot find them."""

_prefix = "/"


def below_prefix(scope: Scope) -> Scope:
    """Returns the scope as ASGI defines it: its path starts with the prefix, whether or not the proxy removed it.

    The prefix is `FORCE_SCRIPT_NAME`, or comes from the server, as with Daphne's `--root-path`.
    """
    global _prefix
    prefix = prefix_of(scope).rstrip("/")
    if not prefix:
        return scope
    _prefix = f"{prefix}/"
    path = scope["path"]
    if path != prefix and not path.startswith(_prefix):
        path = prefix + path
    return {**scope, "root_path": prefix, "path": path}


def reverse(name: str, *values: Any) -> str:
    """Django's `reverse`, which also works outside a request."""
    prefix()
    return urls.reverse(name, args=values)


def prefix() -> str:
    """Returns the site's path prefix with a trailing slash, "/" if there is none, and sets it in Django here too."""
    if urls.get_script_prefix() == "/" != _prefix:
        urls.set_script_prefix(_prefix)
    return urls.get_script_prefix()


def inside(path: str) -> str | None:
    """Returns the rest of a path below the chat's own, or None if the path is elsewhere in the project."""
    home = _home(prefix())
    return path[len(home) :] if path.startswith(home) else None


def live(name: str) -> str:
    """Returns the path of a live endpoint."""
    return _home(prefix()) + LIVE[name]


@lru_cache(maxsize=16)
def _home(prefix: str) -> str:
    """Cached: every connection needs it."""
    return urls.reverse("chat:home")
