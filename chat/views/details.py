"""Details of a message for which its row has no room: its earlier texts, its thread, and who reacted.

Each is a page, and a dialog of the room's page.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chat import conf, queries
from chat.views.decorators import for_people
from chat.views.requests import PersonRequest, asks_in_place, time_zone_of
from chat.views.responses import explained
from chat.views.rooms import direct_room, visible
from chat.views.sidebar import framed


class Kind(NamedTuple):
    """`read` returns them for a person, a room and a number: none where the person may not read."""

    heading: Any
    read: Callable[[int, int, int], Sequence[Any]]
    may_be_none: bool
    """Whether a message may have none: an open page may ask for what has just gone."""


KINDS = {
    "thread": Kind(gettext_lazy("Thread"), queries.thread_messages, may_be_none=False),
    "reactions": Kind(gettext_lazy("Reactions"), queries.reactions, may_be_none=True),
    "versions": Kind(gettext_lazy("Versions of a message"), queries.versions, may_be_none=False),
}
"""By the last part of their URL."""


@require_safe
@for_people
def in_room(request: PersonRequest, slug: str, number: int, kind: str) -> HttpResponse:
    return _page(request, kind, visible(request, slug).pk, number, reverse("chat:message", args=[slug, number]))


@require_safe
@for_people
def with_person(request: PersonRequest, nickname: str, number: int, kind: str) -> HttpResponse:
    return _page(
        request,
        kind,
        direct_room(request, nickname).pk,
        number,
        reverse("chat:direct_message", args=[nickname, number]),
    )


def _page(request: PersonRequest, name: str, room_id: int, number: int, back: str) -> HttpResponse:
    kind = KINDS.get(name)
    if kind is None or (name == "versions" and not conf.EDIT_HISTORY):
        raise Http404("This site shows no such details.")
    found = kind.read(request.profile.pk, room_id, number)
    if not found and not (kind.may_be_none and asks_in_place(request)):
        return explained(request, _("Message not found"), _("This message isn't in the room any more."), status=404)
    context = {name: found, "heading": str(kind.heading), "list": f"chat/{name}_list.html", "back": back}
    return page_or_dialog(request, context)


def page_or_dialog(request: PersonRequest, context: dict[str, Any]) -> HttpResponse:
    """Returns the template `list` under its `heading`: for an open page its parts, else a page with a way `back`."""
    with timezone.override(time_zone_of(request)):
        if asks_in_place(request):
            content = render_to_string(context["list"], context, request)
            response: HttpResponse = JsonResponse({"heading": context["heading"], "content": content})
        else:
            response = render(request, "chat/details.html", context | framed(request.profile, ""))
    patch_vary_headers(response, ["Accept"])
    return response
