"""Origins: which pages may open a live connection."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from chat import conf

Scope = dict[str, Any]

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_trusted_origin(scope: Scope) -> bool:
    """Returns whether the page that opens the connection is the site's own or listed in `TRUSTED_ORIGINS`.

    Browsers always send the page's origin, and nothing in a page can change it. A request without one comes from a
    program, which has no other site's cookies to abuse. The site's own origin is the requested scheme, host and port,
    if Django would serve a page for that host.
    """
    named = header(scope, b"origin")
    if named is None:
        return True
    origin = _origin(named)
    if origin is None:
        return False
    if origin == _own_origin(scope):
        return True
    return origin in {_origin(trusted) for trusted in conf.TRUSTED_ORIGINS}


def header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin1") for key, value in scope["headers"] if key == name), None)


def _origin(text: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _DEFAULT_PORTS or not host:
        return None
    return scheme, host, port or _DEFAULT_PORTS[scheme]


class _Asked(HttpRequest):
    """A handshake as the request that Django would have seen: the same settings apply to its host and scheme."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._line = scope.get("scheme") or "ws"
        for name, value in scope["headers"]:
            self.META.setdefault(f"HTTP_{name.decode('latin1').replace('-', '_').upper()}", value.decode("latin1"))

    def _get_scheme(self) -> str:
        return _as_http(self._line)


def _scheme(asked: _Asked) -> str:
    forwarded = asked.META.get("HTTP_X_FORWARDED_PROTO") if conf.TRUSTED_PROXIES else None
    return _as_http(forwarded.split(",")[0].strip()) if forwarded else str(asked.scheme)


def _as_http(scheme: str) -> str:
    return "https" if scheme in ("https", "wss") else "http"


def _own_origin(scope: Scope) -> tuple[str, str, int] | None:
    asked = _Asked(scope)
    if "HTTP_HOST" not in asked.META:
        return None
    try:
        return _origin(f"{_scheme(asked)}://{asked.get_host()}")
    except DisallowedHost:
        return None
