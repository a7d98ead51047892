"""Presence: the people who are here now, per room."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chat.models import (
    Lease,
    Membership,
    Profile,
    Room,
)
from chat.queries.people import Person
from chat.queries.sql import (
    LOOKED_THROUGH,
    Cursor,
    adapted,
    marks,
    padded,
    pieces,
    rows_in,
    table,
)

NAMES_SHOWN = 100


@dataclass
class Picture:
    """The people in a room: full counts, and the first of them by nickname. `away` is None for a public room."""

    count: int
    members: int
    here: list[Person]
    away: list[Person] | None


def pictures(room_ids: Iterable[int], now: datetime) -> dict[Room, Picture]:
    """Returns who is here now, for each of these rooms."""
    return _pictures([room for some in pieces(room_ids) for room in Room.objects.filter(pk__in=some)], now)


def picture(room: Room, now: datetime) -> Picture:
    """Returns who is here now in a room that the caller got from a query with a permission check."""
    return _pictures([room], now)[room]


def picture_of(people: Iterable[Profile], now: datetime) -> Picture:
    """Like `picture`, for people who have no room together yet."""
    ordered = sorted(people, key=lambda profile: profile.nickname_key)
    live = Lease.objects.filter(expires_at__gt=now).values_list("profile_id", flat=True)
    present = {one for some in pieces(one.pk for one in ordered) for one in live.filter(profile_id__in=some)}
    everybody = [Person.of(one.pk, one.nickname, one.kind) for one in ordered]
    here = [person for person in everybody if person.user_id in present]
    away = [person for person in everybody if person.user_id not in present]
    return Picture(len(here), len(everybody), here, away)


def _pictures(rooms: Sequence[Room], now: datetime) -> dict[Room, Picture]:
    """Reads all members of a room only if they are few, or no more than all people here now."""
    small, large = _by_work(rooms, now)
    found = {room: Picture(0, 0, [], None if room.kind == Room.Kind.PUBLIC else []) for room in rooms}
    by_id = {room.pk: picture for room, picture in found.items()}
    members = rows_in(_MEMBERS, (room.pk for room in small), adapted(now))
    for room_id, is_here, nth, count, *person in members:
        seen = by_id[room_id]
        if nth == 1:  # The first also carries the count of those like it.
            seen.members += count
            seen.count += count if is_here else 0
        people = seen.here if is_here else seen.away
        if people is not None:
            people.append(Person.of(*person))
    for room_id, present in _present(large, now).items():
        by_id[room_id].count = sum(count for nth, count, *_ in present if nth == 1)
        # Each piece of the people has its own first names.
        present.sort(key=lambda row: row[2])
        by_id[room_id].here += [Person.of(*person) for _, _, _, *person in present[:NAMES_SHOWN]]
    for room in large:
        found[room].members = max(room.member_count, found[room].count)
        if room.kind != Room.Kind.PUBLIC:
            away = Cursor().rows(_AWAY, [room.pk, LOOKED_THROUGH, adapted(now)])
            found[room].away = [Person.of(*person) for person in away]
    return found


def _present(rooms: Sequence[Room], now: datetime) -> dict[int, list[tuple]]:
    """Returns how many people here now are in each of these rooms and their first names, for each piece of the people.

    The query never goes from all members to leases. If leases were part of the statement, SQLite might still read all
    members to build a filter that it considers cheaper; it does so when its statistics date from a time when nobody was
    here.
    """
    found: dict[int, list[tuple]] = defaultdict(list)
    people = live(now) if rooms else []
    for ids in pieces(room.pk for room in rooms):
        for some in pieces(people):
            wanted, here = padded(ids), padded(some)
            sql = _PRESENT.format(rooms=marks(wanted), people=marks(here))
            for room_id, *row in Cursor().rows(sql, [*wanted, *here]):
                found[room_id].append(tuple(row))
    return found


def live(now: datetime) -> list[int]:
    """Returns the ids of everyone here now."""
    return list(Lease.objects.filter(expires_at__gt=now).values_list("profile_id", flat=True).distinct())


def _by_work(rooms: Sequence[Room], now: datetime) -> tuple[list[Room], list[Room]]:
    """Splits rooms into those read from all their members and those read from the people here now."""
    few = NAMES_SHOWN
    if any(room.member_count > few for room in rooms):
        few = max(few, Lease.objects.filter(expires_at__gt=now).count())
    private = max(few, LOOKED_THROUGH)  # Private rooms also list members who are away.
    small: list[Room] = []
    large: list[Room] = []
    for room in rooms:
        is_small = room.member_count <= (few if room.kind == Room.Kind.PUBLIC else private)
        (small if is_small else large).append(room)
    return small, large


# The ORM would repeat the lease subquery at each mention of `here`.
_MEMBERS = f"""
    SELECT room_id, here, nth, count, person_id, nickname, kind FROM (
        SELECT room_id, here, person_id, nickname, kind, is_public, COUNT(*) OVER (PARTITION BY room_id, here) AS count,
            ROW_NUMBER() OVER (PARTITION BY room_id, here ORDER BY nickname_key) AS nth
        FROM (
            SELECT member.room_id, present.profile_id IS NOT NULL AS here, person.user_id AS person_id, person.nickname,
                person.nickname_key, person.kind, room.kind = '{Room.Kind.PUBLIC}' AS is_public
            FROM {table(Membership)} member
            JOIN {table(Room)} room ON room.id = member.room_id
            JOIN {table(Profile)} person ON person.user_id = member.profile_id
            LEFT JOIN (SELECT DISTINCT profile_id FROM {table(Lease)} WHERE expires_at > %s) present
                ON present.profile_id = member.profile_id
            WHERE member.room_id IN ({{}})
        ) members
    ) ordered
    WHERE nth = 1 OR nth <= {NAMES_SHOWN} AND (here OR NOT is_public)
    ORDER BY here DESC, nth
"""  # noqa: S608


_PRESENT = f"""
    SELECT room_id, nth, count, nickname_key, user_id, nickname, kind FROM (
        SELECT member.room_id, person.nickname_key, person.user_id, person.nickname, person.kind,
            COUNT(*) OVER (PARTITION BY member.room_id) AS count,
            ROW_NUMBER() OVER (PARTITION BY member.room_id ORDER BY person.nickname_key) AS nth
        FROM {table(Membership)} member CROSS JOIN {table(Profile)} person
        WHERE member.room_id IN ({{rooms}}) AND member.profile_id IN ({{people}}) AND person.user_id = member.profile_id
    ) ordered
    WHERE nth <= {NAMES_SHOWN}
"""  # noqa: S608


_AWAY = f"""
    SELECT person.user_id, person.nickname, person.kind
    FROM (SELECT profile_id FROM {table(Membership)} WHERE room_id = %s ORDER BY profile_id LIMIT %s) member
    CROSS JOIN {table(Profile)} person
    WHERE person.user_id = member.profile_id AND NOT EXISTS
        (SELECT 1 FROM {table(Lease)} held WHERE held.profile_id = member.profile_id AND held.expires_at > %s)
    ORDER BY person.nickname_key
    LIMIT {NAMES_SHOWN}
"""  # noqa: S608
