"""Faults of pages, as the pages report them themselves: counted and logged, nothing is stored."""

import logging
from itertools import count
from typing import Annotated

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from chat import limits
from chat.addresses import CLASS, count_visit
from chat.limits import Buckets, Limit
from chat.refusals import Refusal
from chat.views.requests import address_of, profile_of

logger = logging.getLogger(__name__)

BODY_BYTES = 8192
"""A page cuts what it reports to a third of this."""

BURST = 10
PER_MINUTE = 5
"""Reports of one person. A page makes fewer; a person may have several open."""

people = Limit(Buckets(BURST, PER_MINUTE / 60), "too_fast.pages")
addresses = Limit(Buckets(CLASS * BURST, CLASS * PER_MINUTE / 60), "too_fast.address")

_numbers = count(1)


class Report(msgspec.Struct):
    """`about` says what was handled, such as the type of a frame."""

    about: Annotated[str, msgspec.Meta(max_length=40)]
    error: Annotated[str, msgspec.Meta(max_length=300)]
    stack: Annotated[str, msgspec.Meta(max_length=1500)]


@require_POST
def report(request: HttpRequest) -> HttpResponse:
    profile = profile_of(request)
    address = address_of(request)
    try:
        if profile is None:
            count_visit(address, 1)
            return HttpResponse(status=401)
        limits.count((people, profile.pk), (addresses, address))
    except Refusal as refusal:
        return HttpResponse(status=429, headers={"Retry-After": str(refusal.retry_after)})
    if request.content_type != "application/json":
        return HttpResponse(status=415)
    body = request.read(BODY_BYTES + 1)
    if len(body) > BODY_BYTES:
        return HttpResponse(status=413)
    try:
        told = msgspec.json.decode(body, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return HttpResponse(status=400)
    # `%a` writes line breaks and everything that is not plain ASCII as escapes: a report can't imitate another line.
    logger.warning(
        "Fault %d in a page, of person %d: %a, about %a, at %a",
        next(_numbers), profile.pk, told.error, told.about, told.stack,
    )  # fmt: skip
    return HttpResponse(status=204)
