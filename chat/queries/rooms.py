"""Rooms as their members see them, and the current sequence of each room."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.models import (
    LOBBY,
    Membership,
    Message,
    Profile,
    Room,
)
from chat.models.room import direct_key, other_of
from chat.queries.mentions import numbers_in, unread_mentions
from chat.queries.people import Person
from chat.queries.sql import Cursor, columns, loaded, pieces, rows_in, storable, table
from chat.text import lines

OWN_ROOMS_SHOWN = 500
"""Public and private rooms in a person's lists. Nobody can be in more, except people who were before the limit existed.
"""


DIRECTS_SHOWN = 200
"""Direct rooms in a person's lists: those with the latest messages. Others are reached by way of the person."""


class OwnRoom(NamedTuple):
    """A room as one of its members sees it; `other` is the other person of a direct room, or oneself in one's notes."""

    room: Room
    read_number: int
    role: str
    other: Person | None
    mentioned: Sequence[int] = ()
    """The numbers of unread messages that name them: only in lists of rooms."""

    @property
    def unread(self) -> int:
        return max(0, self.room.message_count - self.read_number)


def own_rooms(profile_id: int) -> list[OwnRoom]:
    """Returns a person's rooms, then their direct rooms, each with the newest message first, as the sidebar lists them.

    A room that they have just joined counts as if a message had come. Of very many, only the first ones are returned
    (`OWN_ROOMS_SHOWN`, `DIRECTS_SHOWN`), and always the lobby.
    """
    return own_rooms_of([profile_id])[0]


def own_rooms_of(profile_ids: Sequence[int]) -> list[list[OwnRoom]]:
    """Like `own_rooms` for many people, in their order."""
    found: dict[int, list[OwnRoom]] = {profile_id: [] for profile_id in profile_ids}
    rows = rows_in(_OWN_LISTED, profile_ids)
    # Nearly always there is none.
    mentioned = {(row[0], row[3]): numbers_in(*row[-2:]) for row in rows if row[-2] or row[-1]}
    for profile_id, own in _own_rooms([row[:-2] for row in rows]):
        found[profile_id].append(own._replace(mentioned=mentioned.get((profile_id, own.room.pk), ())))
    return [found[profile_id] for profile_id in profile_ids]


def own_rooms_named(profile_id: int, room_ids: Iterable[int]) -> list[OwnRoom]:
    """Returns those of these rooms that a person is in, listed or not, newest first."""
    found = _own_rooms(rows_in(_OWN_NAMED, room_ids, profile_id))
    return sorted((own for _, own in found), key=lambda own: own.room.pk, reverse=True)


def own_room(profile_id: int, room_id: int) -> OwnRoom | None:
    return next((own for _, own in _own_rooms(rows_in(_OWN_NAMED, [room_id], profile_id))), None)


def role_in(profile_id: int, room_id: int) -> str | None:
    """Returns a person's role in a room, or None for a non-member."""
    return Membership.objects.filter(profile_id=profile_id, room_id=room_id).values_list("role", flat=True).first()


def own_room_ids(profile_id: int) -> list[int]:
    """Returns the ids of the public and private rooms a person is in."""
    return own_room_ids_of([profile_id])[profile_id]


def own_room_ids_of(profile_ids: Sequence[int]) -> dict[int, list[int]]:
    """Like `own_room_ids` for many people."""
    found: dict[int, list[int]] = {profile_id: [] for profile_id in profile_ids}
    for profile_id, room_id in rows_in(_OWN_ROOM_IDS, profile_ids):
        found[profile_id].append(room_id)
    return found


def direct_room_with(profile_id: int, other_id: int) -> OwnRoom | None:
    """Returns the direct room of two people if it has been created."""
    room = Room.objects.filter(direct_key=direct_key(profile_id, other_id)).only("pk").first()
    return own_room(profile_id, room.pk) if room else None


def visible_room(profile_id: int, slug: str) -> Room | None:
    """Returns the room with this slug if the person may view it: a public one, or a private one they are in."""
    rows = Cursor().rows(_VISIBLE, [slug, profile_id]) if storable(slug) else []
    return next((loaded(Room, _ROOM_FIELDS, row) for row in rows), None)


def public_room_titled(title: str) -> Room | None:
    """Returns the public room whose title reads the same."""
    return Room.objects.filter(kind=Room.Kind.PUBLIC, title_key=lines.key(title)).first()


def room_made_by(profile_id: int, kind: str, title: str, topic: str, after: datetime) -> Room | None:
    """Returns the room a person made with exactly these values since `after`, if it has no messages yet."""
    owned = Room.objects.filter(memberships__profile=profile_id, memberships__role=Membership.Role.OWNER)
    fresh = owned.filter(created_at__gt=after, message_count=0)
    return fresh.filter(kind=kind, title_key=lines.key(title), title=title, topic=topic).order_by().first()


def slugs_among(slugs: Iterable[str]) -> set[str]:
    """Returns those of these slugs that are taken by rooms."""
    known = Room.objects.values_list("slug", flat=True)
    return {str(found) for some in pieces(slugs) for found in known.filter(slug__in=some)}


def rooms_of(profile_ids: Iterable[int]) -> list[Room]:
    """Returns all rooms that any of these people is in."""
    found = {
        room.pk: room
        for some in pieces(profile_ids)
        for room in Room.objects.filter(memberships__profile__in=some).distinct()
    }
    return list(found.values())


def rooms_with(profile_id: int) -> QuerySet[Room]:
    """Returns the rooms a person is in or has written in."""
    member = Membership.objects.filter(room=OuterRef("pk"), profile_id=profile_id)
    said = Message.objects.filter(sender=profile_id).values("room").order_by()
    return Room.objects.filter(Exists(member) | Q(pk__in=said))


class Head(NamedTuple):
    sequence: int
    read_number: int


def heads_of(profile_ids: Sequence[int]) -> dict[int, dict[int, Head]]:
    """Returns the current head of each room listed for these people, by person and room."""
    found: dict[int, dict[int, Head]] = {profile_id: {} for profile_id in profile_ids}
    for profile_id, room_id, sequence, read_number in rows_in(_HEADS, profile_ids):
        found[profile_id][room_id] = Head(sequence, read_number)
    return found


def room_ids_of(profile_ids: Sequence[int]) -> dict[int, set[int]]:
    """Returns the ids of all rooms each person is in. Used by the hub to compare with its connections."""
    found: dict[int, set[int]] = {profile_id: set() for profile_id in profile_ids}
    for profile_id, room_id in rows_in(_ROOM_IDS, profile_ids):
        found[profile_id].add(room_id)
    return found


def room_heads(room_ids: Iterable[int]) -> dict[int, int]:
    """Returns the sequence of each of these rooms. Used by the hub, which has checked its connections' memberships."""
    heads = Room.objects.values_list("pk", "sequence")
    return {pk: sequence for some in pieces(room_ids) for pk, sequence in heads.filter(pk__in=some)}


def members_among(room_id: int, profile_ids: Iterable[int]) -> set[int]:
    """Returns those of these people who are in the room."""
    members = Membership.objects.filter(room_id=room_id).values_list("profile_id", flat=True)
    return {member for some in pieces(profile_ids) for member in members.filter(profile_id__in=some)}


_UNREAD_FIELDS = ("created_at", "title_key", "last_message_at")


_ROOM_FIELDS = [field.attname for field in Room._meta.concrete_fields if field.attname not in _UNREAD_FIELDS]


_OWN_NAMED = f"""
    SELECT member.profile_id, member.read_number, member.role, {columns(Room, _ROOM_FIELDS, "room")}
    FROM {table(Membership)} member JOIN {table(Room)} room ON room.id = member.room_id
    WHERE member.profile_id = %s AND member.room_id IN ({{}})
"""  # noqa: S608


_VISIBLE = f"""
    SELECT {columns(Room, _ROOM_FIELDS, "room")} FROM {table(Room)} room
    WHERE room.slug = %s AND room.kind <> '{Room.Kind.DIRECT}' AND (
        room.kind = '{Room.Kind.PUBLIC}'
        OR EXISTS (SELECT 1 FROM {table(Membership)} WHERE room_id = room.id AND profile_id = %s)
    )
"""  # noqa: S608


_OWN_ROOM_IDS = f"""
    SELECT member.profile_id, member.room_id
    FROM {table(Membership)} member JOIN {table(Room)} room ON room.id = member.room_id
    WHERE room.kind <> '{Room.Kind.DIRECT}' AND member.profile_id IN ({{}})
"""  # noqa: S608


_ROOM_IDS = f"SELECT profile_id, room_id FROM {table(Membership)} WHERE profile_id IN ({{}})"  # noqa: S608


_ACTIVE_AT = """
    CASE WHEN room.last_message_at > member.created_at THEN room.last_message_at ELSE member.created_at END
""".strip()


def _listed(shown: str, order: str = "") -> str:
    """Returns the statement that reads these columns of the rooms listed for each person."""
    return f"""
        SELECT {shown} FROM (
            SELECT member.profile_id, member.read_number, member.role, {columns(Room, _ROOM_FIELDS, "room")},
                {_ACTIVE_AT} AS active_at,
                ROW_NUMBER() OVER (
                    PARTITION BY member.profile_id, room.kind = '{Room.Kind.DIRECT}'
                    ORDER BY CASE WHEN room.slug = '{LOBBY}' THEN 0 ELSE 1 END, {_ACTIVE_AT} DESC, room.id DESC
                ) AS nth
            FROM {table(Membership)} member JOIN {table(Room)} room ON room.id = member.room_id
            WHERE member.profile_id IN ({{}})
        ) listed
        WHERE nth <= CASE WHEN kind = '{Room.Kind.DIRECT}' THEN {DIRECTS_SHOWN} ELSE {OWN_ROOMS_SHOWN} END
        {order}
    """  # noqa: S608


_OWN_LISTED = _listed(
    f"profile_id, read_number, role, {columns(Room, _ROOM_FIELDS)},"
    f" {unread_mentions('= listed.profile_id')}, {unread_mentions('IS NULL')}",
    order=f"ORDER BY kind = '{Room.Kind.DIRECT}', active_at DESC, id DESC",
)


_HEADS = _listed("profile_id, id, sequence, read_number")


def _own_rooms(rows: list[tuple]) -> list[tuple[int, OwnRoom]]:
    """Adds the other person to direct rooms. A direct room whose other person is gone is left out."""
    found = [(person, loaded(Room, _ROOM_FIELDS, room), read, role) for person, read, role, *room in rows]
    others = _others([(room, person) for person, room, _, _ in found if room.is_direct])
    return [
        (person, OwnRoom(room, read, role, others.get((room.pk, person))))
        for person, room, read, role in found
        if not room.is_direct or (room.pk, person) in others
    ]


def _others(views: Sequence[tuple[Room, int]]) -> dict[tuple[int, int], Person]:
    """Returns the other person of direct rooms, by room and person."""
    if not views:
        return {}
    others = {(room.pk, person): other_of(room, person) for room, person in views}
    rows = Profile.objects.values_list("pk", "nickname", "kind")
    people = {row[0]: Person.of(*row) for some in pieces(others.values()) for row in rows.filter(pk__in=some)}
    return {view: people[other] for view, other in others.items() if other in people}
