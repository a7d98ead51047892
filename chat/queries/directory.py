"""The list of public rooms."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import nlargest
from typing import NamedTuple

from django.db.models import Q, QuerySet

from chat.models import (
    LOBBY,
    Membership,
    Room,
)
from chat.queries.presence import live
from chat.queries.sql import LOOKED_THROUGH, begins_with, rows_in, storable, table
from chat.text import lines, nicknames

ROOMS_SHOWN = 50
"""Rooms on one page of the list of all public rooms."""


class Card(NamedTuple):
    """A public room as listed, with the number of members and of members here now."""

    title: str
    topic: str
    slug: str
    url: str
    here: int
    members: int
    joined: bool


class RoomPage(NamedTuple):
    """A page of the list of public rooms. `last` is the room after which the list continues, None at its end."""

    cards: list[Card]
    last: int | None


def public_rooms(
    now: datetime, profile_id: int | None = None, after: int | None = None, limit: int = ROOMS_SHOWN
) -> RoomPage:
    """Returns a page of public rooms: those `after` a room, or the first page.

    The first page has the lobby, then rooms with people here now, then the rooms with the most members.
    """
    here = _here_in_public_rooms(now)
    busy = [room_id for room_id, _ in nlargest(limit // 2, here.items(), key=lambda item: item[1])]
    first = {room.pk: room for room in _public().filter(Q(pk__in=busy) | Q(slug=LOBBY))}
    before = _public().filter(pk=after).first() if after else None
    rooms = [] if before else sorted(first.values(), key=lambda room: _directory_order(room, here))
    wanted = limit - len(rooms)
    # One extra row shows whether there are more; rooms already listed first are skipped.
    rest = [room for room in _by_size(before, wanted + 1 + len(first)) if room.pk not in first]
    shown = rooms + rest[:wanted]
    return RoomPage(_cards(shown, here, profile_id), shown[-1].pk if len(rest) > wanted else None)


def public_rooms_like(now: datetime, profile_id: int, like: str) -> RoomPage:
    """Returns public rooms with this text in title or topic, at most `ROOMS_SHOWN`, those with the most people first.

    Among all rooms only beginnings of titles match; the `LOOKED_THROUGH` largest rooms are searched in full.
    """
    key, folded = lines.key(like), nicknames.key(like)
    if not (storable(like) and key):
        return RoomPage([], None)
    found = {room.pk: room for room in _public().filter(begins_with("title_key", key))[:ROOMS_SHOWN]}
    for room in _by_size(None, LOOKED_THROUGH):
        if key in room.title_key or folded in nicknames.key(room.topic):
            found[room.pk] = room
    here = _here_in_public_rooms(now)
    ordered = sorted(found.values(), key=lambda room: _directory_order(room, here))
    return RoomPage(_cards(ordered[:ROOMS_SHOWN], here, profile_id), None)


def _public() -> QuerySet[Room]:
    return Room.objects.filter(kind=Room.Kind.PUBLIC).only(
        "kind", "slug", "title", "title_key", "topic", "member_count"
    )


def _by_size(before: Room | None, limit: int) -> list[Room]:
    """Returns public rooms in the order of the size index: the first ones, or those after `before`."""
    rooms = _public().order_by("-member_count", "title_key", "pk")
    if before is None:
        return list(rooms[:limit])
    alike = rooms.filter(member_count=before.member_count, title_key__gte=before.title_key)
    alike = alike.filter(Q(title_key__gt=before.title_key) | Q(pk__gt=before.pk))
    found = list(alike[:limit])
    return found + list(rooms.filter(member_count__lt=before.member_count)[: limit - len(found)])


def _directory_order(room: Room, here: Mapping[int, int]) -> tuple:
    return (not room.is_lobby, -here.get(room.pk, 0), -room.member_count, room.title_key)


def _here_in_public_rooms(now: datetime) -> dict[int, int]:
    """Returns the number of people here now, for each public room that has any."""
    counts: Counter[int] = Counter()
    for room_id, count in rows_in(_HERE_IN_PUBLIC, live(now)):
        counts[room_id] += count
    return counts


def _cards(rooms: Sequence[Room], here: Mapping[int, int], profile_id: int | None) -> list[Card]:
    own = Membership.objects.filter(profile_id=profile_id, room__in=rooms) if profile_id else Membership.objects.none()
    joined = set(own.values_list("room_id", flat=True))
    return [
        Card(
            room.title,
            room.topic,
            room.slug or "",
            room.get_absolute_url(),
            here.get(room.pk, 0),
            room.member_count,
            room.pk in joined,
        )
        for room in rooms
    ]


_HERE_IN_PUBLIC = f"""
    SELECT member.room_id, COUNT(*) FROM {table(Membership)} member CROSS JOIN {table(Room)} room
    WHERE room.id = member.room_id AND room.kind = '{Room.Kind.PUBLIC}' AND member.profile_id IN ({{}})
    GROUP BY member.room_id
"""  # noqa: S608
