"""Where the chat is: below the site's path prefix, and below the place where its project includes `chat.urls`.

A page gets these addresses from Django within its own request, which knows the prefix. A thread or a task of the live
side belongs to no request, so the prefix is kept here: it is the same for all that one process serves.
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
"""What is served beside Django (`routing.py`), so that Django's `reverse` cannot find it."""

_prefix = "/"


def below_prefix(scope: Scope) -> Scope:
    """The scope as ASGI defines it: its path begins with the prefix, whether or not the proxy has taken that away.

    The prefix is `FORCE_SCRIPT_NAME`, or what the server says, as with Daphne's `--root-path`.
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
    """Django's, also outside of a request."""
    prefix()
    return urls.reverse(name, args=values)


def prefix() -> str:
    """The site's path prefix with a slash at its end: "/" where it has none. Afterwards Django knows it here too."""
    if urls.get_script_prefix() == "/" != _prefix:
        urls.set_script_prefix(_prefix)
    return urls.get_script_prefix()


def inside(path: str) -> str | None:
    """What follows the chat's own address in a path with its prefix; None for what is elsewhere in the project."""
    home = _home(prefix())
    return path[len(home) :] if path.startswith(home) else None


def live(name: str) -> str:
    """The address of a live endpoint."""
    return _home(prefix()) + LIVE[name]


@lru_cache(maxsize=16)
def _home(prefix: str) -> str:
    """Kept: every connection asks for it."""
    return urls.reverse("chat:home")
