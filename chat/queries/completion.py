"""Names that complete what somebody has begun to write: `@` people, `#` public rooms."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet

from chat.models import Membership, Message, Profile, Reading, Room
from chat.queries.sql import LOOKED_THROUGH, begins_with, pieces, storable
from chat.text import lines, nicknames, pinyin

COMPLETIONS = 20
"""Names in one answer."""

SPOKEN = 300
"""Messages at the end of a room whose senders come first."""

BEGINNING = 200
"""Nicknames, and readings of nicknames, that begin so: of more, the first ones by alphabet are found."""

_EXACT, _BEGINNING, _INSIDE = range(3)


class CompletedPerson(NamedTuple):
    """`keys` are what they are found by: their nickname, folded, and its readings."""

    user_id: int
    nickname: str
    keys: list[str]
    is_member: bool


class CompletedRoom(NamedTuple):
    title: str
    keys: list[str]
    is_own: bool


def people_completing(profile_id: int, room: Room, typed: str) -> tuple[list[CompletedPerson], bool]:
    """Returns others whose nickname completes this, and whether a longer text may have others.

    `room` comes from a query with a permission check. Its members come first, those before all who spoke last in it;
    for "" there are no others. In rooms of more than `LOOKED_THROUGH` only beginnings of names are found, and whoever
    spoke lately.
    """
    if not storable(typed):
        return [], False
    key = nicknames.key(typed)
    senders = Message.objects.filter(room=room).order_by("-number").values_list("sender", flat=True)[:SPOKEN]
    spoken = {sender: nth for nth, sender in enumerate(dict.fromkeys(senders))}
    beginning, is_cut = _beginning(key) if key else ([], True)
    known = {*spoken, *beginning}
    if room.member_count <= LOOKED_THROUGH:
        members = set(_members(room)[:LOOKED_THROUGH])
    else:
        members = {pk for some in pieces(known) for pk in _members(room).filter(profile__in=some)}
        is_cut = True
    known = (known | members if key else members) - {profile_id}
    found = []
    for person in _people(known, members):
        rank = _rank(key, person.keys)
        if rank is not None and (person.is_member or rank < _INSIDE):
            order = (not person.is_member, rank, spoken.get(person.user_id, SPOKEN), person.keys[0])
            found.append((order, person))
    found.sort()
    return [person for _, person in found[:COMPLETIONS]], is_cut or len(found) > COMPLETIONS


def rooms_completing(profile_id: int, typed: str) -> tuple[list[CompletedRoom], bool]:
    """Returns public rooms whose title completes this, one's own first, and whether a longer text may have others.

    Beside these, beginnings of titles are found, and all of the titles of the `LOOKED_THROUGH` largest rooms.
    """
    if not storable(typed):
        return [], False
    key = nicknames.key(typed)
    public = Room.objects.filter(kind=Room.Kind.PUBLIC)
    by_size = public.order_by("-member_count", "title_key", "pk").values_list("pk", "title")
    own = dict(public.filter(memberships__profile=profile_id).values_list("pk", "title")[:LOOKED_THROUGH])
    largest = dict(by_size[:LOOKED_THROUGH])
    begun = dict(public.filter(begins_with("title_key", lines.key(typed))).values_list("pk", "title")[:LOOKED_THROUGH])
    found = []
    for nth, (pk, title) in enumerate((own | largest | begun).items()):
        keys = [nicknames.key(title), *pinyin.readings(title)]
        rank = _BEGINNING if pk in begun and key else _rank(key, keys)
        if rank is not None:
            found.append(((pk not in own, rank, nth), CompletedRoom(title, keys, pk in own)))
    found.sort()
    is_cut = len(found) > COMPLETIONS or len(largest) == LOOKED_THROUGH
    return [room for _, room in found[:COMPLETIONS]], is_cut


def _members(room: Room) -> QuerySet[Membership, int]:
    return Membership.objects.filter(room=room).values_list("profile", flat=True)


def _beginning(key: str) -> tuple[list[int], bool]:
    """Returns people whose nickname, or a reading of it, begins so; and whether there may be more of them."""
    named = (
        Profile.objects.filter(begins_with("nickname_key", key)).order_by("nickname_key").values_list("pk", flat=True)
    )
    read = Reading.objects.filter(begins_with("text", key)).order_by("text").values_list("profile", flat=True)
    both = [list(each[:BEGINNING]) for each in (named, read)]
    return [pk for each in both for pk in each], any(len(each) == BEGINNING for each in both)


def _people(profile_ids: Iterable[int], members: set[int]) -> list[CompletedPerson]:
    found = {
        pk: CompletedPerson(pk, nickname, [key], pk in members)
        for some in pieces(profile_ids)
        for pk, nickname, key in Profile.objects.filter(~Q(kind=Profile.Kind.DELETED), pk__in=some).values_list(
            "pk", "nickname", "nickname_key"
        )
    }
    for some in pieces(found):
        for pk, text in Reading.objects.filter(profile__in=some).order_by("pk").values_list("profile", "text"):
            found[pk].keys.append(text)
    return list(found.values())


def _rank(key: str, keys: Sequence[str]) -> int | None:
    if key in keys:
        return _EXACT
    if any(one.startswith(key) or f" {key}" in one for one in keys):
        return _BEGINNING
    return _INSIDE if any(key in one for one in keys) else None
