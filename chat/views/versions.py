"""The texts that an edited message has had: as a page, and for a dialog of the room's page."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chat import conf, queries
from chat.models import Room
from chat.views.decorators import for_people
from chat.views.requests import PersonRequest, asks_in_place, time_zone_of
from chat.views.responses import explained
from chat.views.rooms import visible
from chat.views.sidebar import framed


@require_safe
@for_people
def in_room(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    return _page(request, visible(request, slug), number, reverse("chat:message", args=[slug, number]))


@require_safe
@for_people
def with_person(request: PersonRequest, nickname: str, number: int) -> HttpResponse:
    other = queries.person(nickname)
    own = queries.direct_room_with(request.profile.pk, other.pk) if other else None
    if own is None:
        raise Http404("There are no direct messages with such a person.")
    return _page(request, own.room, number, reverse("chat:direct_message", args=[nickname, number]))


def _page(request: PersonRequest, room: Room, number: int, back: str) -> HttpResponse:
    if not conf.EDIT_HISTORY:
        raise Http404("This site shows no earlier versions.")
    versions = queries.versions(request.profile.pk, room.pk, number)
    if not versions:
        return explained(request, _("Message not found"), _("This message isn't in the room any more."), status=404)
    context = {"versions": versions, "back": back}
    with timezone.override(time_zone_of(request)):
        if asks_in_place(request):
            content = render_to_string("chat/version_list.html", context, request)
            response: HttpResponse = JsonResponse({"content": content})
        else:
            response = render(request, "chat/versions.html", context | framed(request.profile, ""))
    patch_vary_headers(response, ["Accept"])
    response["Cache-Control"] = "private, no-store"
    return response
