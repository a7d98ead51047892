"""Reads a request: the person, the client IP, the search text, and the room that the browser was in last."""

import re
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chat import queries
from chat.addresses import address
from chat.models import Profile
from chat.views.responses import set_cookie

_LAST_ROOM = "last_room"


class PersonRequest(HttpRequest):
    profile: Profile


def profile_of(request: HttpRequest) -> Profile | None:
    return queries.profile_of(request.user.pk)


def address_of(request: HttpRequest) -> str:
    """Returns the request's client address."""
    return address(request.META.get("REMOTE_ADDR") or "", request.headers.get("X-Forwarded-For", ""))


def sought(request: HttpRequest) -> str:
    """Returns the search text typed above a list."""
    return request.GET.get("q", "")[:64].strip()


def number_in(text: str) -> int:
    """Returns the whole number that the text is, or 0."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def remember_room(response: HttpResponse, room_id: int) -> None:
    """Stores the room in its own cookie, not in the session, so that opening a page writes nothing to the database."""
    set_cookie(response, _LAST_ROOM, str(room_id))


def remembered_room(request: HttpRequest) -> int:
    """Returns the room this browser was in last, or 0. The caller must still check access to it."""
    return number_in(request.COOKIES.get(_LAST_ROOM, ""))


def time_zone_of(request: HttpRequest) -> tzinfo:
    """Returns the reader's time zone as their browser has named it (`pages/support.js`), or else the site's."""
    try:
        return ZoneInfo(request.COOKIES.get("time_zone", "")[:64])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.get_default_timezone()


def asks_in_place(request: HttpRequest) -> bool:
    """Returns whether a page that is open asks, to show this inside of itself."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
