"""View decorators: who may ask, how, and how often."""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from chat import conf, queries
from chat.actions import bans, people
from chat.addresses import count_visit
from chat.limits import Buckets
from chat.refusals import Refusal
from chat.views.languages import in_language_of
from chat.views.requests import address_of, profile_of
from chat.views.responses import explained, slowed

pages = Buckets(conf.FRAME_RATE, conf.FRAME_RATE / 10)
"""Keyed by person. A page costs as much as ten frames."""


def for_people(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets in people who have joined; others are redirected to choose a nickname first, and then come back."""

    # After signing out, Back must find nothing of a page, in no cache either: browsers show even stale copies for it.
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        profile = profile_of(request)
        if profile is None:
            # Come back to a page, not to an address that a button posted to.
            query = urlencode({"next": request.get_full_path()}) if request.method in ("GET", "HEAD") else ""
            return HttpResponseRedirect(f"{reverse('chat:home')}?{query}")
        request.profile = profile
        with in_language_of(request, profile) as language:
            return language.keep(_for_person(request, view, *args, **kwargs))

    return wrapper


def _for_person(request: Any, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any) -> HttpResponse:
    profile = request.profile
    if wait := math.ceil(pages.consume(profile.pk)):
        return slowed(request, Refusal("too_fast.pages", retry_after=wait))
    ban = queries.ban_on(profile.pk, address_of(request), timezone.now())
    if ban:
        return explained(request, _("You can't come in"), bans.refusal(ban).detail, status=403, is_final=True)
    people.prolong(request.session, profile, address_of(request))
    return view(request, *args, **kwargs)


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """POST only. A GET, such as opening the URL after a refused form, shows a page that links back."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        response = explained(
            request, _("Nothing to see here"), _("This address only works through a button."), status=405
        )
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
