"""View decorators: the person behind a request, its client address, and limits on both."""

import math
import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from chat import conf, queries
from chat.actions import bans, people
from chat.addresses import address, count_visit
from chat.limits import Buckets
from chat.models import Profile
from chat.refusals import Refusal

_LAST_ROOM = "last_room"

pages = Buckets(conf.FRAME_RATE, conf.FRAME_RATE / 10)
"""Keyed by person. A page costs as much as ten frames."""


class PersonRequest(HttpRequest):
    profile: Profile


def profile_of(request: HttpRequest) -> Profile | None:
    return queries.profile_of(request.user.pk)


def for_people(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets in people who have joined; others are redirected to choose a nickname first, and then come back."""

    @wraps(view)
    def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        profile = profile_of(request)
        if profile is None:
            # Come back to a page, not to an address that a button posted to.
            query = urlencode({"next": request.get_full_path()}) if request.method in ("GET", "HEAD") else ""
            return HttpResponseRedirect(f"{reverse('chat:home')}?{query}")
        if wait := math.ceil(pages.consume(profile.pk)):
            return slowed(request, Refusal("too_fast.pages", retry_after=wait))
        request.profile = profile
        ban = queries.ban_on(profile.pk, address_of(request), timezone.now())
        if ban:
            return explained(request, "You can't come in", bans.refusal(ban).detail, status=403, is_final=True)
        people.prolong(request.session, profile, address_of(request))
        return view(request, *args, **kwargs)

    return wrapper


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """POST only. A GET, such as opening the URL after a refused form, shows a page that links back."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        response = explained(request, "Nothing to see here", "This address only takes what a button sends.", status=405)
        response["Allow"] = "POST"
        return response

    return wrapper


def for_anybody(tokens: float) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Lets in any request, with or without a person, and charges its address that many tokens of work."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                count_visit(address_of(request), tokens)
            except Refusal as refusal:
                return slowed(request, refusal)
            return view(request, *args, **kwargs)

        return wrapper

    return decorate


def slowed(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Returns a page that says when to try again."""
    response = explained(request, "Not so fast", refusal.detail, status=429)
    response["Retry-After"] = str(refusal.retry_after)
    return response


def explained(request: HttpRequest, heading: str, detail: str, status: int, *, is_final: bool = False) -> HttpResponse:
    """Returns a page that says what is wrong, with a link back to the chat unless that would lead here again."""
    context = {"heading": heading, "detail": detail, "is_final": is_final}
    return render(request, "chat/error.html", context, status=status)


def sought(request: HttpRequest) -> str:
    """Returns the search text typed above a list."""
    return request.GET.get("q", "")[:64].strip()


def address_of(request: HttpRequest) -> str:
    """Returns the request's client address."""
    return address(request.META.get("REMOTE_ADDR") or "", request.headers.get("X-Forwarded-For", ""))


def remember_room(response: HttpResponse, room_id: int) -> None:
    """Stores the room in its own cookie, not in the session, so that opening a page writes nothing to the database."""
    response.set_cookie(
        _LAST_ROOM,
        str(room_id),
        max_age=settings.SESSION_COOKIE_AGE,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remembered_room(request: HttpRequest) -> int:
    """Returns the room this browser was in last, or 0. The caller must still check access to it."""
    text = request.COOKIES.get(_LAST_ROOM, "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0
