"""Who may open a live connection: from which page, and in which session."""

from importlib import import_module
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.middleware.csrf import CsrfViewMiddleware

from chat import addresses, conf, queries
from chat.actions import people
from chat.models import Profile

Scope = dict[str, Any]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_store = import_module(settings.SESSION_ENGINE).SessionStore


class Admitted(NamedTuple):
    """Somebody who is signed in. `room_ids` are those of the public and private rooms that they were in by then.

    Who speaks under an open name has no session. In its place stands what the connection is called, for the name is
    its own until another one takes it.
    """

    profile: Profile
    session_key: str | None
    room_ids: tuple[int, ...] = ()
    holder: str = ""


def is_trusted_origin(scope: Scope) -> bool:
    """Whether the page that opens the connection is the site's own, or listed in `TRUSTED_ORIGINS`.

    Browsers name the page's origin always, and nothing in a page can change it; without one it is a program that asks,
    which has no other site's cookies to abuse. The site's own origin is the scheme, host and port asked for, if it is
    an allowed host.
    """
    named = header(scope, b"origin")
    if named is None:
        return True
    origin = _origin(named)
    if origin is None:
        return False
    host = header(scope, b"host") or ""
    own = _origin(f"{_scheme(scope)}://{host}")
    if own and origin == own and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return True
    return origin in {_origin(trusted) for trusted in conf.TRUSTED_ORIGINS}


def admit(scope: Scope) -> Admitted | None:
    """The person behind the session cookie; None if nobody is signed in or has no nickname yet. Reads the database."""
    session_key = _cookie(scope, settings.SESSION_COOKIE_NAME)
    if not session_key:
        return None
    profile = queries.profile_of(_user_id(session_key))
    return Admitted(profile, session_key, tuple(queries.own_room_ids(profile.pk))) if profile else None


def admit_by_address(scope: Scope, nickname: str, holder: str) -> Admitted:
    """Who speaks under an open name, which is made if it is a new one. Reads and writes the database.

    Raises `Refusal`: `bad_nickname`, `nickname_taken`, `too_fast`. Whoever comes back under a name is not counted among
    those who join.
    """
    forwarded = [value.decode("latin1") for key, value in scope["headers"] if key == b"x-forwarded-for"]
    place = addresses.address((scope.get("client") or [""])[0], ",".join(forwarded))
    known = queries.person(nickname)
    if known and known.is_open:
        addresses.count_return(place)
    else:
        addresses.count_joining(place)
    profile = people.join_open(nickname, holder)
    return Admitted(profile, None, tuple(queries.own_room_ids(profile.pk)), holder)


def forgery(scope: Scope) -> str | None:
    """What makes an HTTP request look as if another site had sent it; None where its CSRF token is in order.

    May read the database, where a project keeps the token in the session.
    """
    request = ASGIRequest(scope, BytesIO())
    request.session = _store(_cookie(scope, settings.SESSION_COOKIE_NAME))
    try:
        _csrf.process_request(request)
        reason: str | None = _csrf.process_view(request, None, (), {})
    except DisallowedHost as error:
        reason = str(error)
    return reason


class _Csrf(CsrfViewMiddleware):
    """Django's check, answering with the reason where the middleware would make a page of it."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


_csrf: Any = _Csrf(lambda request: HttpResponse())


def heads(admitted: Admitted) -> dict[int, queries.Head] | None:
    """Where the person's rooms stand; None if they may not be here any more. Reads the database."""
    return queries.heads(admitted.profile.pk) if _is_good(admitted) else None


def _is_good(admitted: Admitted) -> bool:
    """Whether the session is still the person's, or the open name still the connection's."""
    person = admitted.profile.pk
    if admitted.session_key is None:
        return queries.holds(person, admitted.holder)
    return bool(_user_id(admitted.session_key) == person)


def _user_id(session_key: str) -> int | None:
    request = HttpRequest()
    request.session = _store(session_key)
    return auth.get_user(request).pk


def _origin(text: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _DEFAULT_PORTS or not host:
        return None
    return scheme, host, port or _DEFAULT_PORTS[scheme]


def _scheme(scope: Scope) -> str:
    forwarded = header(scope, b"x-forwarded-proto") if conf.TRUSTED_PROXIES else None
    scheme = forwarded.split(",")[0].strip() if forwarded else scope.get("scheme") or "ws"
    return "https" if scheme in ("https", "wss") else "http"


def header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin1") for key, value in scope["headers"] if key == name), None)


def _cookie(scope: Scope, name: str) -> str | None:
    value = parse_cookie(header(scope, b"cookie") or "").get(name)
    return None if value is None or "\0" in value else value
