"""The chat pages: a room's, and a person's, which shows the direct room with them."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chat import conf, paths, queries, rules
from chat.models import Membership, Message, Profile, Room
from chat.queries import OwnRoom, Picture
from chat.text import emoji
from chat.views.decorators import for_people
from chat.views.requests import PersonRequest, asks_in_place, number_in, remember_room, time_zone_of
from chat.views.responses import explained
from chat.views.rooms import visible
from chat.views.sidebar import sidebar, unsaid, with_unread
from chat.wire import protocol, rows

AROUND = queries.PAGE // 2

_SLUG = re.compile(r"[\w-]{1,80}")

ENDPOINTS = ["socket", "stream", "poll", "send"]


@require_safe
@for_people
def room_page(request: PersonRequest, slug: str, number: int | None = None) -> HttpResponse:
    if named := _named(request):
        return redirect(named)
    room = visible(request, slug)
    own = queries.own_room(request.profile.pk, room.pk)
    return _page(request, _Talk(room=room, own=own), number)


@require_safe
@for_people
def person_page(request: PersonRequest, nickname: str, number: int | None = None) -> HttpResponse:
    if named := _named(request):
        return redirect(named)
    other = queries.person(nickname)
    if other is None:
        detail = _("No one here is called “{nickname}”. Check the spelling.").format(nickname=nickname[:64])
        return explained(request, _("No one here has that name"), detail, status=404)
    own = queries.direct_room_with(request.profile.pk, other.pk)
    return _page(request, _Talk(room=own.room if own else None, own=own, other=other), number)


@dataclass
class _Talk:
    """The content of a page: a room and one's membership of it. A direct room is stored only with its first message."""

    room: Room | None
    own: OwnRoom | None
    other: Profile | None = None

    def summary(self) -> protocol.RoomSummary | None:
        if self.own:
            return rows.own_summary(self.own)
        if self.room:
            return msgspec.structs.replace(rows.room_summary(self.room), read_number=self.room.message_count)
        return None

    def picture(self, me: Profile) -> Picture:
        if self.room:
            return queries.picture(self.room, timezone.now())
        return queries.picture_of({me, self.other or me}, timezone.now())

    def may_pin(self) -> bool:
        """Whether a member may: what stands in the way of each message is the server's to say."""
        return self.room is None or rules.pin(self.room, Message(), self.own and self.own.role) is None

    def beginning_of_news(self) -> int | None:
        """Returns the number of the first unread message if the last page of messages doesn't include it."""
        if self.own is None or self.own.room.message_count - self.own.read_number <= queries.PAGE:
            return None
        return self.own.read_number + 1

    def messages(self, me: Profile, number: int | None) -> list[protocol.Message]:
        """Returns the last messages, or those around a number."""
        found = self.room and queries.messages_before(me.pk, self.room.pk, number + AROUND if number else None)
        return [rows.message_of(row, with_sequence=True) for row in found.messages] if found else []


def _page(request: PersonRequest, talk: _Talk, number: int | None) -> HttpResponse:
    if number is not None and not (talk.room and 1 <= number <= talk.room.message_count):
        detail = _("There's no message with this number here yet.")
        return explained(request, _("Message not found"), detail, status=404)
    rooms = [] if asks_in_place(request) else _rooms(request, talk)
    # Heads are read before messages: a message that arrives in between appears twice rather than not at all.
    summary = talk.summary()
    picture = talk.picture(request.profile)
    messages = talk.messages(request.profile, _before(request) or number or _around(request, talk))
    pins = queries.pinned_numbers(request.profile.pk, talk.room.pk) if talk.room else []
    saved = queries.saved_numbers(request.profile.pk, talk.room.pk) if talk.room else []
    if talk.room and not queries.may_read(request.profile.pk, talk.room.pk):
        raise Http404("They are not in the room any more of which this was read.")
    # Only a person's page has no room yet.
    room = with_unread(summary) if summary else unsaid(talk.other or request.profile)
    context = {
        "me": request.profile,
        "room": room,
        "title": _("Notes") if talk.other == request.profile else room["title"],
        "member": talk.own is not None or talk.other is not None,
        "owner": talk.own is not None and talk.own.role == Membership.Role.OWNER,
        "more": bool(messages) and messages[0].number > 1,
        "first_unread": talk.own.read_number + 1 if talk.own and talk.own.unread else None,
        "pins": pins,
        "saved": saved,
        "presence": picture,
        "other_is_here": talk.other is not None and talk.other.pk in {person.user_id for person in picture.here},
    }
    boot = {
        "you": rows.you(request.profile),
        "room": summary,
        "other": rows.person(talk.other) if talk.other else None,
        "member": context["member"],
        "owner": context["owner"],
        "may_pin": talk.may_pin(),
        "pins": pins,
        "saved": saved,
        "messages": messages,
        "focus": number,
        "presence": rows.presence(talk.room, picture) if talk.room else None,
    }
    response = _content(request, context, boot) if asks_in_place(request) else _whole(request, context, boot, rooms)
    patch_vary_headers(response, ["Accept"])
    if talk.own:
        remember_room(response, talk.own.room.pk)
    return response


def _named(request: PersonRequest) -> str | None:
    """Returns the page of the person or room that a link in a message names: by an id or a slug, which never changes.

    Such a link has nothing but that, and is relative to the page on which the message is shown.
    """
    if slug := request.GET.get("room"):
        return reverse("chat:room", args=[slug]) if _SLUG.fullmatch(slug) else None
    asked = request.GET.get("person", "")
    person = queries.profile_of(int(asked)) if re.fullmatch(r"[0-9]{1,18}", asked) else None
    return reverse("chat:person", args=[person.nickname]) if person else None


def _rooms(request: PersonRequest, talk: _Talk) -> list[OwnRoom]:
    rooms = queries.own_rooms(request.profile.pk)
    if talk.own and talk.own.room.pk not in {own.room.pk for own in rooms}:
        rooms.append(talk.own)
    return rooms


def _whole(request: PersonRequest, context: dict[str, Any], boot: dict[str, Any], rooms: list[OwnRoom]) -> HttpResponse:
    summaries = [rows.own_summary(own) for own in rooms]
    context |= {"timeline": boot["messages"], **sidebar(request.profile, summaries), "has_versions": conf.EDIT_HISTORY}
    context["boot"] = msgspec.to_builtins(
        boot
        | {
            "rooms": summaries,
            "endpoints": {name: paths.live(name) for name in ENDPOINTS}
            | {"ready": reverse("chat:readyz"), "report": reverse("chat:report")},
            "token": get_token(request),
            "urls": {
                "home": reverse("chat:home"),
                "person": reverse("chat:person", args=["NICKNAME"]),
                "emoji": reverse("chat:emoji", args=[emoji.version()]),
            },
        }
    )
    with timezone.override(time_zone_of(request)):
        return render(request, "chat/room.html", context)


def _content(request: PersonRequest, context: dict[str, Any], boot: dict[str, Any]) -> HttpResponse:
    """Returns what of a room's page is this room's, as JSON. The browser draws its messages."""
    content = {
        "title": context["title"],
        "skip": render_to_string("chat/room_skip.html", context, request),
        "header": render_to_string("chat/room_header.html", context, request),
        "columns": render_to_string("chat/room_columns.html", context, request),
        "boot": msgspec.to_builtins(boot),
        # The address of the script that draws it names the release, as does that of the script which has asked.
        "script": static("chat/app/router.js"),
    }
    response = JsonResponse(content)
    response["Cache-Control"] = "private, no-store"
    return response


def _around(request: PersonRequest, talk: _Talk) -> int | None:
    """Returns the number around which to open a room whose address names none; None for its end."""
    return None if "latest" in request.GET else talk.beginning_of_news()


def _before(request: PersonRequest) -> int | None:
    """Returns the number the reader was at before a reload, or before leaving the page."""
    return number_in(request.GET.get("at", "")) or None
