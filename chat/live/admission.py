"""Admission to live connections: checks the session, bans and CSRF tokens."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from io import BytesIO
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends import db
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.cookie import parse_cookie
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat import addresses, queries
from chat.actions import people
from chat.live import metering, threads
from chat.live.origins import Scope, header
from chat.models import Profile
from chat.queries.sql import adapted, columns, loaded, pieces, rows_in, table
from chat.refusals import Refusal

_store = import_module(settings.SESSION_ENGINE).SessionStore
_User = auth.get_user_model()
# Backends that resolve a session to the active user with the id it names, with no logic of their own.
_BACKENDS = [
    path
    for path in settings.AUTHENTICATION_BACKENDS
    if isinstance(backend := auth.load_backend(path), ModelBackend)
    and type(backend).get_user is ModelBackend.get_user
    and type(backend).user_can_authenticate is ModelBackend.user_can_authenticate
]
_MANY_AT_ONCE = (
    bool(_BACKENDS)
    and issubclass(_store, db.SessionStore)
    and _User.get_session_auth_hash is AbstractBaseUser.get_session_auth_hash
    and {field.name for field in _User._meta.local_concrete_fields} >= {"password", "is_active"}
    and not _User._default_manager.all().query.where  # Such as a manager that hides users.
)
"""Whether sessions and users are read here in batches: each handshake and each heartbeat needs one of each."""
if _MANY_AT_ONCE:
    _SESSIONS = (
        f"SELECT session_key, session_data FROM {table(_store.get_model_class())}"  # noqa: S608
        " WHERE expire_date > %s AND session_key IN ({})"
    )
    _USER_FIELDS = (_User._meta.pk.attname, "password", "is_active")
    _USERS = (
        f"SELECT {columns(_User, _USER_FIELDS)} FROM {table(_User)}"  # noqa: S608
        f" WHERE {columns(_User, _USER_FIELDS[:1])} IN ({{}})"
    )


class Admitted(NamedTuple):
    """An admitted person. `room_ids` are the public and private rooms that they were in at admission.

    Under an open name there is no session. `holder` identifies the connection instead, which owns the name until
    another connection takes it over. `address` is the client IP.
    """

    profile: Profile
    session_key: str | None
    room_ids: tuple[int, ...] = ()
    holder: str = ""
    address: str = ""


def admit_all(scopes: Sequence[Scope]) -> list[Admitted | None]:
    """Returns the people behind session cookies; None for those not signed in, without a nickname yet, or banned.

    Reads the database.
    """
    keys = [_cookie(scope, settings.SESSION_COOKIE_NAME) or "" for scope in scopes]
    users = _users(keys)
    profiles = queries.profiles_of(list(set(users.values())))
    room_ids = queries.own_room_ids_of(list(profiles))
    admitted = {
        key: Admitted(profiles[user_id], key, tuple(room_ids[user_id]))
        for key, user_id in users.items()
        if user_id in profiles
    }
    everybody = [
        found._replace(address=address_of(scope)) if (found := admitted.get(key)) else None
        for key, scope in zip(keys, scopes, strict=True)
    ]
    banned = _banned(one for one in everybody if one)
    return [one if one and (one.profile.pk, one.address) not in banned else None for one in everybody]


admit = threads.Batched(admit_all)

_known: dict[str, None] = {}
_MOST_KNOWN = 10_000


async def let_in(scope: Scope) -> Admitted:
    """Returns the signed-in person with their client IP. Raises `Refusal`: `not_signed_in`, `too_fast`.

    A failed lookup is charged to the client IP. Once that is over its limit, only sessions that were recently valid are
    looked up.
    """
    address = address_of(scope)
    key = _cookie(scope, settings.SESSION_COOKIE_NAME)
    account = (metering.addresses, address)
    if key not in _known and (wait := metering.addresses.wait(address, metering.REFUSED)):
        raise metering.too_fast(wait)
    admitted = await admit(scope) if key else None
    if admitted is None:
        _known.pop(key or "", None)
        metering.spend([account], metering.REFUSED)
        raise Refusal("not_signed_in")
    _known.pop(key or "", None)  # Keeps the keys in the order of their last use.
    _known[key or ""] = None
    if len(_known) > _MOST_KNOWN:
        del _known[next(iter(_known))]
    return admitted._replace(address=address)


def address_of(scope: Scope) -> str:
    """Returns the client IP of a request."""
    forwarded = [value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return addresses.address((scope.get("client") or [""])[0] or "", ",".join(forwarded))


def admit_by_address(scope: Scope, nickname: str, holder: str) -> Admitted:
    """Returns the person who speaks under an open name, creating the name if it is new. Reads and writes the database.

    Raises `Refusal`: `bad_nickname`, `nickname_taken`, `banned`, `too_fast`. Returning under an existing open name does
    not count as joining.
    """
    address = address_of(scope)
    known = queries.person(nickname)
    if known and known.is_open:
        addresses.count_return(address)
    else:
        addresses.count_joining(address)
    profile = people.join_open(nickname, holder, address)
    return Admitted(profile, None, tuple(queries.own_room_ids(profile.pk)), holder, address)


def _banned(everybody: Iterable[Admitted]) -> set[tuple[int, str]]:
    return queries.banned([(one.profile.pk, one.address) for one in everybody], timezone.now())


def forgery(scope: Scope) -> str | None:
    """Returns why an HTTP request looks as if another site had sent it; None if its CSRF token is valid.

    May read the database, if a project keeps the token in the session.
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
    """Django's check, returning the reason instead of rendering a page with it."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


_csrf: Any = _Csrf(lambda request: HttpResponse())


def heads_of(everybody: Sequence[Admitted]) -> list[dict[int, queries.Head] | None]:
    """Returns the heads of each person's rooms; None for those who may no longer be here. Reads the database.

    A session must still belong to the person, an open name to the connection, and neither they nor their network may be
    banned.
    """
    users = _users([one.session_key for one in everybody if one.session_key])
    holders = queries.holders([one.profile.pk for one in everybody if one.session_key is None])
    banned = _banned(everybody)
    found = queries.heads_of(list({one.profile.pk for one in everybody}))

    def is_good(one: Admitted) -> bool:
        person = one.profile.pk
        if (person, one.address) in banned:
            return False
        return holders.get(person) == one.holder if one.session_key is None else users.get(one.session_key) == person

    return [found[one.profile.pk] if is_good(one) else None for one in everybody]


heads = threads.Batched(heads_of)


def standing(everybody: Sequence[Admitted]) -> list[bool]:
    """Returns whether each session is still stored and each open name still held. Reads the database, but no session.

    Cheap enough to repeat for everybody; it suffices because signing out removes the session. If a project keeps
    sessions outside the database, only `heads_of` can tell.
    """
    keys = {one.session_key for one in everybody if one.session_key}
    holders = queries.holders([one.profile.pk for one in everybody if one.session_key is None])
    if issubclass(_store, db.SessionStore):
        stored = _store.get_model_class().objects.filter(expire_date__gt=timezone.now())
        good = stored.values_list("session_key", flat=True)
        keys = {key for some in pieces(keys) for key in good.filter(session_key__in=some)}
    return [
        holders.get(one.profile.pk) == one.holder if one.session_key is None else one.session_key in keys
        for one in everybody
    ]


def _users(session_keys: Iterable[str]) -> dict[str, int]:
    """Returns the user id for each session key, omitting sessions without a user.

    Matches `auth.get_user`, batched where sessions and users are Django's own. Unusual cases, such as a session from
    before the secret key was changed, are left to `auth.get_user` (and signed with the new key).
    """
    keys = {key for key in session_keys if key}
    if not _MANY_AT_ONCE:
        return {key: user_id for key in keys if (user_id := _user_id(key))}
    sessions = _sessions(keys)
    ids = {int(data[auth.SESSION_KEY]) for data in sessions.values() if data.get(auth.SESSION_KEY, "").isdecimal()}
    users = {str(row[0]): loaded(_User, _USER_FIELDS, row) for row in rows_in(_USERS, ids)}
    found = {}
    for key, data in sessions.items():
        user = users.get(data.get(auth.SESSION_KEY, ""))
        if user and user.is_active and data.get(auth.BACKEND_SESSION_KEY) in _BACKENDS and _is_of(user, data):
            found[key] = user.pk
        elif user_id := _user_id(key):
            found[key] = user_id
    return found


def _sessions(keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Returns the data of each of these sessions that has not expired."""
    decode, now = _store().decode, adapted(timezone.now())
    return {key: decode(data) for key, data in rows_in(_SESSIONS, keys, now)}


def _is_of(user: Any, data: dict[str, Any]) -> bool:
    """Returns whether a session was started with the user's current password."""
    return constant_time_compare(data.get(auth.HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _user_id(session_key: str) -> int | None:
    session = _store(session_key)
    # The browser cannot be sent a new session key here, so the session keeps its key. (Otherwise the next page would
    # change it and end the connections of all other tabs.)
    session.cycle_key = session.flush = lambda: None
    request = HttpRequest()
    request.session = session
    user_id = auth.get_user(request).pk
    if user_id and session.modified:
        people.sign_anew(session)
    return user_id


def _cookie(scope: Scope, name: str) -> str | None:
    value = parse_cookie(header(scope, b"cookie") or "").get(name)
    return None if value is None or "\0" in value else value
