"""Who is at the door: the person behind a request, and the address it comes from."""

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
"""By person. A page costs as much as ten frames."""


class PersonRequest(HttpRequest):
    profile: Profile


def profile_of(request: HttpRequest) -> Profile | None:
    return queries.profile_of(request.user.pk)


def for_people(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view for people who have joined; others are asked for a nickname first, and then come back here."""

    @wraps(view)
    def door(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        profile = profile_of(request)
        if profile is None:
            # Back to a page, not to a button that was pressed on one.
            query = urlencode({"next": request.get_full_path()}) if request.method in ("GET", "HEAD") else ""
            return HttpResponseRedirect(f"{reverse('chat:home')}?{query}")
        if wait := math.ceil(pages.take(profile.pk)):
            return slowed(request, Refusal("too_fast.pages", retry_after=wait))
        request.profile = profile
        ban = queries.ban_on(profile.pk, address_of(request), timezone.now())
        if ban:
            return explained(request, "You can't come in", bans.refusal(ban).detail, status=403, is_final=True)
        people.prolong(request.session, profile, address_of(request))
        return view(request, *args, **kwargs)

    return door


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view for what a form sends. Who opens its address, as after a form that was refused, is led back."""

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        response = explained(request, "Nothing to see here", "This address only takes what a button sends.", status=405)
        response["Allow"] = "POST"
        return response

    return door


def for_strangers(tokens: float) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """The view for whoever asks, known or not: it is charged to the address, as work worth so many tokens."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                count_visit(address_of(request), tokens)
            except Refusal as refusal:
                return slowed(request, refusal)
            return view(request, *args, **kwargs)

        return door

    return decorate


def slowed(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page that says when to come again."""
    response = explained(request, "Not so fast", refusal.detail, status=429)
    response["Retry-After"] = str(refusal.retry_after)
    return response


def explained(request: HttpRequest, heading: str, detail: str, status: int, *, is_final: bool = False) -> HttpResponse:
    """A page that says what is wrong, and leads back to the chat unless that would lead here again."""
    context = {"heading": heading, "detail": detail, "is_final": is_final}
    return render(request, "chat/error.html", context, status=status)


def sought(request: HttpRequest) -> str:
    """What somebody looks for in a list."""
    return request.GET.get("q", "")[:64].strip()


def address_of(request: HttpRequest) -> str:
    """Where the request comes from."""
    return address(request.META.get("REMOTE_ADDR") or "", request.headers.get("X-Forwarded-For", ""))


def remember_room(response: HttpResponse, room_id: int) -> None:
    """In a cookie of its own, not in the session: opening a page then writes nothing to the database."""
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
    """The room that this browser was in last, or 0. Whoever asks still has to be let in there."""
    text = request.COOKIES.get(_LAST_ROOM, "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0
