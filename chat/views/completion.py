"""Names that complete the one that somebody has begun to write in the message box."""

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from chat import queries, rules
from chat.views.decorators import for_people
from chat.views.requests import PersonRequest, sought
from chat.views.rooms import visible


@require_safe
@for_people
def people(request: PersonRequest, slug: str) -> HttpResponse:
    """For members alone, as the list of people is.

    `everyone` tells whether `@here` and `@all` mean everybody, `more` whether a longer text may find others.
    """
    room = visible(request, slug)
    role = queries.role_in(request.profile.pk, room.pk)
    if role is None:
        raise Http404("Only members write here.")
    found, more = queries.people_completing(request.profile.pk, room, sought(request))
    listed = [{"id": one.user_id, "name": one.nickname, "keys": one.keys, "is_near": one.is_member} for one in found]
    return JsonResponse({"names": listed, "more": more, "everyone": bool(rules.may_mention_everyone(room, role))})


@require_safe
@for_people
def rooms(request: PersonRequest) -> HttpResponse:
    """Public rooms alone: nobody is to learn of a private one by a link to it."""
    found, more = queries.rooms_completing(request.profile.pk, sought(request))
    listed = [{"id": one.title, "name": one.title, "keys": one.keys, "is_near": one.is_own} for one in found]
    return JsonResponse({"names": listed, "more": more})
