import re
from urllib.parse import unquote

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from chat import addresses, paths, queries
from chat.actions import people
from chat.models import LOBBY, Profile, Room
from chat.refusals import Refusal
from chat.views.decorators import for_people, posted
from chat.views.forms import JoinForm
from chat.views.languages import chosen_before
from chat.views.requests import PersonRequest, address_of, asks_in_place, profile_of, remembered_room, sought
from chat.views.responses import slowed
from chat.views.sidebar import framed
from chat.wire import rows

PAGE = 20
"""Cost in tokens of the page that asks for a nickname."""

_IN_ROOM = re.compile(r"rooms/([^/]+)/")
_NOBODY = 0
"""The id of no person."""

ROOMS_SHOWN = 20
"""Rooms listed for visitors who have not joined yet."""


@require_safe
@cache_control(private=True, no_store=True)
def home(request: HttpRequest) -> HttpResponse:
    """Redirects to the room last visited; visitors without a nickname get the form for one."""
    profile = profile_of(request)
    if profile is None:
        return _ask(request, JoinForm(initial={"next": request.GET.get("next", "")}))
    return redirect(_last_room(request, profile))


@posted
@cache_control(private=True, no_store=True)
def join(request: HttpRequest) -> HttpResponse:
    if profile_of(request):
        return redirect("chat:home")
    form = JoinForm(request.POST)
    form.full_clean()
    try:
        addresses.count_joining(address_of(request))
    except Refusal as refusal:
        response = _refuse(request, form, refusal, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    try:
        user = request.user if request.user.pk else None
        profile = people.join(form.cleaned_data.get("nickname", ""), user, address_of(request))
    except Refusal as refusal:
        return _refuse(request, form, refusal, status=422)
    if not request.user.pk:
        auth.login(request, profile.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    if language := chosen_before(request):
        people.choose_language(profile, language)
    target = form.cleaned_data.get("next", "")
    is_local = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    is_way_out = target == reverse("chat:sign_out")  # That is where they came from, not where they want to go.
    return HttpResponseRedirect(target if is_local and not is_way_out else reverse("chat:home"))


@require_safe
@for_people
def people_list(request: PersonRequest) -> HttpResponse:
    """Lists who is here now, or people matching a name: the way to write to someone who is not in view.

    An open room's page asks here whom a message can be forwarded to.
    """
    typed = sought(request)
    found = queries.people_like(request.profile.pk, typed, timezone.now())
    if asks_in_place(request):
        people = [{"nickname": one.nickname, "open": one.is_open, "here": one.here} for one in found]
        response: HttpResponse = JsonResponse({"people": people})
        patch_vary_headers(response, ["Accept"])
        return response
    context = framed(request.profile, "people")
    context |= {"people": found, "typed": typed, "is_cut": len(found) == queries.PEOPLE_SHOWN}
    response = render(request, "chat/people_list.html", context)
    patch_vary_headers(response, ["Accept"])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def sign_out(request: PersonRequest) -> HttpResponse:
    """Confirms first: a person without a password cannot come back under this nickname."""
    if request.method != "POST":
        return render(request, "chat/sign_out.html", {"me": request.profile})
    auth.logout(request)  # `chat.apps` notifies the open connections.
    response = redirect("chat:home")
    if request.is_secure():
        # Takes away the pages that the browser keeps for Back as well. Not its storage: other people and other sites of
        # this origin have theirs there; the page removes what is this person's (`pages/sign_out.js`).
        response["Clear-Site-Data"] = '"cache"'
    return response


def _ask(request: HttpRequest, form: JoinForm, suggestion: str = "", status: int = 200) -> HttpResponse:
    try:
        addresses.count_visit(address_of(request), PAGE)
    except Refusal as refusal:
        return slowed(request, refusal)
    target = form["next"].value() or ""
    page = queries.public_rooms(timezone.now(), limit=ROOMS_SHOWN)
    context = {
        "form": form,
        "next": target,
        "ahead": _room_ahead(target),
        "suggestion": suggestion,
        "rooms": page.cards,
        "is_cut": page.last is not None,
    }
    return render(request, "chat/join.html", context, status=status)


def _room_ahead(target: str) -> Room | None:
    """Returns the public room that a visitor came for, or for a message in it. No other room is ever named here."""
    asked = _IN_ROOM.match(paths.inside(target.partition("?")[0]) or "")
    return queries.visible_room(_NOBODY, unquote(asked[1])) if asked else None


def _refuse(request: HttpRequest, form: JoinForm, refusal: Refusal, status: int) -> HttpResponse:
    form.add_error("nickname", refusal.detail)
    typed = form["nickname"].value() or ""
    suggestion = queries.free_variant(typed)
    return _ask(request, form, suggestion if suggestion != typed else "", status)


def _last_room(request: HttpRequest, profile: Profile) -> str:
    own = queries.own_room(profile.pk, remembered_room(request))
    if own:
        return rows.own_summary(own).url
    lobby = queries.visible_room(profile.pk, LOBBY)
    return lobby.get_absolute_url() if lobby else "chat:rooms"
