"""Pages of what is kept: a room's pinned messages, one's own messages saved for later, and the way from a forwarded
message to its original.
"""

import re
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chat import paths, queries, rules
from chat.actions import saving
from chat.models import Message, Room
from chat.queries import Kept
from chat.views.decorators import for_people
from chat.views.details import page_or_dialog
from chat.views.requests import PersonRequest, asks_in_place, number_in, time_zone_of
from chat.views.responses import explained
from chat.views.rooms import direct_room, visible
from chat.views.sidebar import framed

LONGEST = 1_000
"""Characters of a message that a list shows. A longer one is cut, as plain text."""

_SPOILER = re.compile(r"\|\|\S.*?\|\|", re.DOTALL)


class Shown(NamedTuple):
    """A message in a list. `place` and `kind` are of its room, where the list is of several."""

    message: Message
    url: str
    body: str
    html: str
    place: str = ""
    kind: str = ""
    by: str | None = None
    saved_id: int = 0


@require_safe
@for_people
def pins_in_room(request: PersonRequest, slug: str) -> HttpResponse:
    room = visible(request, slug)
    may_pin = rules.pin(room, Message(), queries.role_in(request.profile.pk, room.pk)) is None
    return _pins(request, room, room.get_absolute_url(), may_pin=may_pin)


@require_safe
@for_people
def pins_with_person(request: PersonRequest, nickname: str) -> HttpResponse:
    other = queries.person(nickname)
    if other is None:
        raise Http404("There is no such person.")
    own = queries.direct_room_with(request.profile.pk, other.pk)
    return _pins(request, own and own.room, paths.reverse("chat:person", nickname), may_pin=True)


@require_safe
@for_people
def origin_in_room(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    return _origin(request, visible(request, slug), number)


@require_safe
@for_people
def origin_with_person(request: PersonRequest, nickname: str, number: int) -> HttpResponse:
    return _origin(request, direct_room(request, nickname), number)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def saved(request: PersonRequest) -> HttpResponse:
    """One's own list. An open room's page asks here which of its messages are saved, after it was without a line."""
    if request.method == "POST":
        saving.remove(request.profile, number_in(request.POST.get("saved", "")))
        return HttpResponse(status=204) if asks_in_place(request) else redirect("chat:saved")
    if room_id := number_in(request.GET.get("room", "")):
        return JsonResponse({"numbers": queries.saved_numbers(request.profile.pk, room_id)})
    found = queries.saved(request.profile.pk, number_in(request.GET.get("before", "")) or None)
    context = framed(request.profile, "saved") | {
        "messages_shown": [_place(one) for one in found],
        "last": found[-1].saved_id if len(found) == queries.SAVED_SHOWN else None,
    }
    with timezone.override(time_zone_of(request)):
        return render(request, "chat/saved.html", context)


def _pins(request: PersonRequest, room: Room | None, url: str, *, may_pin: bool) -> HttpResponse:
    """There is no direct room before something is said in it."""
    pinned = queries.pins(request.profile.pk, room.pk) if room else []
    shown = [_shown(one.message, url)._replace(by=one.by or _("someone who's gone")) for one in pinned]
    context: dict[str, Any] = {"pins": shown, "heading": _("Pinned messages"), "list": "chat/pins_list.html"}
    context |= {"back": url, "back_label": _("Back to the room"), "may_pin": may_pin and asks_in_place(request)}
    return page_or_dialog(request, context)


def _origin(request: PersonRequest, room: Room, number: int) -> HttpResponse:
    """Leads to the original whoever may read it; to everybody else it is as if it were not there.

    A page that is open is told whose it is.
    """
    found = queries.origin(request.profile.pk, room.pk, number)
    if found is None:
        detail = _("This message was forwarded from somewhere you can't see, or the original is gone.")
        return explained(request, _("Original not available"), detail, status=404)
    shown = _place(found)
    if not asks_in_place(request):
        response: HttpResponse = HttpResponseRedirect(shown.url)
    else:
        sentence = (
            _("From {nickname}, in direct messages with {place}") if found.other else _("From {nickname} in “{place}”")
        )
        about = sentence.format(nickname=found.message.sender.nickname, place=shown.place)
        response = JsonResponse({"about": about})
    patch_vary_headers(response, ["Accept"])
    return response


def _place(kept: Kept) -> Shown:
    room, other = kept.message.room, kept.other
    url = paths.reverse("chat:person", other.nickname) if other else room.get_absolute_url()
    shown = _shown(kept.message, url)
    return shown._replace(place=other.nickname if other else room.title, kind=room.kind, saved_id=kept.saved_id)


def _shown(message: Message, room_url: str) -> Shown:
    body, html = message.body, message.html
    if len(body) > LONGEST:
        body, html = f"{_SPOILER.sub('▇▇▇', body)[:LONGEST].rstrip()}…", ""
    return Shown(message, f"{room_url}{message.number}/", body, html)
