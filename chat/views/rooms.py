from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chat import queries, rules
from chat.actions import memberships, rooms
from chat.models import Membership, Room
from chat.refusals import Refusal
from chat.views.decorators import for_people, posted
from chat.views.forms import NewRoomForm, PersonForm, RoomForm
from chat.views.requests import PersonRequest, address_of, number_in, sought
from chat.views.responses import explained, slowed
from chat.views.sidebar import framed

AT_FIELD = "at-field"
"""Tag of a message that is shown at the field it is about, not among the notices."""

LONG = 8
"""From this many rooms on, the list has a search field."""


@require_safe
@for_people
def room_list(request: PersonRequest) -> HttpResponse:
    typed, after = sought(request), request.GET.get("after", "")
    if typed:
        page = queries.public_rooms_like(timezone.now(), request.profile.pk, typed)
    else:
        page = queries.public_rooms(timezone.now(), request.profile.pk, number_in(after) or None)
    context = framed(request.profile, "rooms") | {
        "rooms": page.cards,
        "last": page.last,
        "typed": typed,
        "is_cut": typed and len(page.cards) == queries.ROOMS_SHOWN,
        "is_long": len(page.cards) >= LONG or after,
        "invitations": [] if typed or after else queries.invitations_of(request.profile.pk),
    }
    return render(request, "chat/rooms.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def new(request: PersonRequest) -> HttpResponse:
    form = NewRoomForm(request.POST or None)
    if form.is_valid():
        try:
            return redirect(rooms.create(request.profile, **form.cleaned_data, address=address_of(request)))
        except Refusal as refusal:
            form.add_error("topic" if refusal.code == "bad_topic" else "title", refusal.detail)
    return _form(request, form, None, _("New room"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def edit(request: PersonRequest, slug: str) -> HttpResponse:
    room = visible(request, slug)
    if refusal := rules.edit_room(queries.role_in(request.profile.pk, room.pk)):
        return refused(request, refusal, status=403)
    form = RoomForm(request.POST or None, initial={"title": room.title, "topic": room.topic})
    if form.is_valid():
        try:
            rooms.edit(request.profile, room, **form.cleaned_data, address=address_of(request))
        except Refusal as refusal:
            form.add_error("topic" if refusal.code == "bad_topic" else "title", refusal.detail)
        else:
            return redirect(room)
    return _form(request, form, room, _("Edit room"))


@posted
@for_people
def join(request: PersonRequest, slug: str) -> HttpResponse:
    room = visible(request, slug)
    try:
        return redirect(memberships.join(request.profile, room.slug or "", address_of(request)))
    except Refusal as refusal:
        return refused(request, refusal, status=403)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def leave(request: PersonRequest, slug: str) -> HttpResponse:
    """Confirms first if something would be lost: the way back into a private room, or ownership of a room."""
    room = visible(request, slug)
    if request.method != "POST":
        context = {
            "me": request.profile,
            "room": room,
            "owner": queries.role_in(request.profile.pk, room.pk) == Membership.Role.OWNER,
            "members": queries.picture(room, timezone.now()).members,
        }
        if not queries.may_read(request.profile.pk, room.pk):
            raise Http404("They are not in the room any more whose members were counted.")
        return render(request, "chat/leave.html", context)
    try:
        memberships.leave(request.profile, room.pk, address_of(request))
    except Refusal as refusal:
        return refused(request, refusal, status=403)
    messages.info(request, _("You left “{name}”.").format(name=room.title))
    return redirect("chat:rooms")


@posted
@for_people
def add_member(request: PersonRequest, slug: str) -> HttpResponse:
    room = visible(request, slug)
    try:
        other, is_asked = memberships.add(request.profile, room, _nickname(request), address_of(request))
    except Refusal as refusal:
        messages.error(request, refusal.detail, extra_tags=AT_FIELD)
        typed = urlencode({"add": request.POST.get("nickname", "")[:64]})  # The form shows it again for correction.
        return HttpResponseRedirect(f"{room.get_absolute_url()}?{typed}")
    if is_asked:
        detail = _("{nickname} left “{name}” before, so we've asked if they want to come back.")
        messages.info(request, detail.format(nickname=other.nickname, name=room.title))
    else:
        detail = _("{nickname} is in “{name}” now.").format(nickname=other.nickname, name=room.title)
        messages.success(request, detail)
    return redirect(room)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def remove_member(request: PersonRequest, slug: str) -> HttpResponse:
    """Confirms first: the button is next to a name that people may only want to click on."""
    room = visible(request, slug)
    if refusal := rules.remove_members(queries.role_in(request.profile.pk, room.pk)):
        return refused(request, refusal, status=403)
    if request.method != "POST":
        form = PersonForm(request.GET)
        if not form.is_valid():
            return redirect(room)
        return render(request, "chat/remove.html", {"room": room, "nickname": form.cleaned_data["nickname"]})
    try:
        memberships.remove(request.profile, room, _nickname(request))
    except Refusal as refusal:
        return refused(request, refusal, status=403)
    return redirect(room)


@posted
@for_people
def accept(request: PersonRequest, invitation_id: int) -> HttpResponse:
    try:
        return redirect(memberships.accept(request.profile, invitation_id, address_of(request)))
    except Refusal as refusal:
        return refused(request, refusal, status=403)


@posted
@for_people
def decline(request: PersonRequest, invitation_id: int) -> HttpResponse:
    try:
        room = memberships.decline(request.profile, invitation_id)
    except Refusal as refusal:
        return refused(request, refusal, status=403)
    messages.info(request, _("You declined the invitation to “{name}”.").format(name=room.title))
    return redirect("chat:rooms")


def visible(request: PersonRequest, slug: str) -> Room:
    """Returns the room at that address. A room that the person may not see is treated as if it did not exist."""
    room = queries.visible_room(request.profile.pk, slug)
    if room is None:
        raise Http404("There is no such room.")
    return room


def direct_room(request: PersonRequest, nickname: str) -> Room:
    """Returns the room of one's direct messages with somebody, where something has been said in it."""
    other = queries.person(nickname)
    own = queries.direct_room_with(request.profile.pk, other.pk) if other else None
    if own is None:
        raise Http404("There are no direct messages with such a person.")
    return own.room


def refused(request: PersonRequest, refusal: Refusal, status: int) -> HttpResponse:
    """Shows the refusal with this status, or a page with the time to wait if it has one."""
    if refusal.retry_after is None:
        return explained(request, _("Couldn't do that"), refusal.detail, status)
    return slowed(request, refusal)


def _form(request: PersonRequest, form: RoomForm, room: Room | None, heading: str) -> HttpResponse:
    context = framed(request.profile, "" if room else "room_new")
    context |= {"form": form, "room": room, "heading": heading}
    return render(request, "chat/room_form.html", context, status=422 if form.errors else 200)


def _nickname(request: PersonRequest) -> str:
    form = PersonForm(request.POST)
    return str(form.cleaned_data["nickname"]) if form.is_valid() else ""
