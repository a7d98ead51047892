"""Who is at the door: the person behind a request, and the address it comes from."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from chat import conf, queries
from chat.models import Profile


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
        request.profile = profile
        _keep_signed_in(request)
        return view(request, *args, **kwargs)

    return door


def address_of(request: HttpRequest) -> str:
    """Where the request comes from: one IPv4 address, or the network that an IPv6 household has.

    What stands in X-Forwarded-For left of our own proxies' entries is whatever the client wrote there.
    """
    address = request.META.get("REMOTE_ADDR") or ""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if conf.TRUSTED_PROXIES and forwarded:
        address = forwarded[-min(conf.TRUSTED_PROXIES, len(forwarded))]
    try:
        known = ipaddress.ip_address(address)
        known = getattr(known, "ipv4_mapped", None) or known
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network(f"{known}/64", strict=False) if known.version == 6 else known)


def _keep_signed_in(request: HttpRequest) -> None:
    """Once a day the session is saved, so that it ends when nobody has come for its whole length, and not before."""
    today = timezone.now().date().isoformat()
    if request.session.get("seen_on") != today:
        request.session["seen_on"] = today
