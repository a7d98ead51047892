"""Pinned messages, messages saved for later, and the origins of forwarded ones."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.models import Membership, Message, Pin, Profile, Room, Saved
from chat.models.room import other_of
from chat.queries.people import Person

SAVED_SHOWN = 50


class Pinned(NamedTuple):
    """`by` is the nickname of whoever pinned it; None once they are gone."""

    message: Message
    by: str | None


class Kept(NamedTuple):
    """A message outside of its room's page. `other` is the other person of a direct room, or oneself in one's notes."""

    message: Message
    other: Person | None
    saved_id: int = 0
    saved_at: datetime | None = None


def pinned_numbers(profile_id: int, room_id: int) -> list[int]:
    """Returns the numbers of a room's pinned messages; none for people who may not read the room."""
    return list(_pinned(profile_id, room_id).order_by("pinned_at").values_list("message__number", flat=True))


def pins(profile_id: int, room_id: int) -> list[Pinned]:
    """Returns a room's pinned messages, the last pinned first; none for people who may not read the room."""
    found = _pinned(profile_id, room_id).order_by("-pinned_at", "-message").select_related("message__sender", "profile")
    return [Pinned(pin.message, pin.profile.nickname if pin.profile else None) for pin in found]


def saved_numbers(profile_id: int, room_id: int) -> list[int]:
    """Returns the numbers of the messages of a room that a person has saved for later, at most `rules.SAVED`."""
    return list(_saved(profile_id).filter(message__room=room_id).values_list("message__number", flat=True))


def saved(profile_id: int, before: int | None = None) -> list[Kept]:
    """Returns what a person has saved for later, the last saved first, at most `SAVED_SHOWN`, below that id.

    A message that is deleted, or in a room that they may no longer read, is not among them.
    """
    below = _saved(profile_id).filter(pk__lt=before) if before else _saved(profile_id)
    found = list(below.select_related("message__sender", "message__room").order_by("-pk")[:SAVED_SHOWN])
    others = _others(profile_id, [one.message.room for one in found])
    return [Kept(one.message, others.get(one.message.room_id), one.pk, one.saved_at) for one in found]


def readable_message(profile_id: int, room_id: int, number: int) -> Message | None:
    """Returns a message, deleted or not, if the person may read its room."""
    found = Message.objects.filter(_in_reach(profile_id), room=room_id, number=number)
    return found.select_related("sender", "room").first()


def origin(profile_id: int, room_id: int, number: int) -> Kept | None:
    """Returns the original of a forwarded message, if the person may read both and neither is deleted."""
    copy = readable_message(profile_id, room_id, number)
    if copy is None or copy.deleted_at or copy.origin is None:
        return None
    found = Message.objects.filter(_in_reach(profile_id), pk=copy.origin, deleted_at=None)
    original = found.select_related("sender", "room").first()
    if original is None:
        return None
    other = _others(profile_id, [original.room]).get(original.room_id)
    # Direct messages end with either person.
    return Kept(original, other) if other or not original.room.is_direct else None


def _pinned(profile_id: int, room_id: int) -> QuerySet[Pin]:
    return Pin.objects.filter(_in_reach(profile_id), room=room_id, message__deleted_at=None)


def _saved(profile_id: int) -> QuerySet[Saved]:
    return Saved.objects.filter(
        Q(message__room__kind=Room.Kind.PUBLIC) | Exists(_membership(profile_id, "message__room")),
        profile=profile_id,
        message__deleted_at=None,
    )


def _in_reach(profile_id: int) -> Q:
    return Q(room__kind=Room.Kind.PUBLIC) | Q(Exists(_membership(profile_id, "room")))


def _membership(profile_id: int, room: str) -> QuerySet[Membership]:
    return Membership.objects.filter(profile=profile_id, room=OuterRef(room))


def _others(profile_id: int, rooms: list[Room]) -> dict[int, Person]:
    """Returns the other person of each direct room."""
    wanted = {room.pk: other_of(room, profile_id) for room in rooms if room.is_direct}
    rows = Profile.objects.filter(pk__in=set(wanted.values())).values_list("pk", "nickname", "kind")
    people = {row[0]: Person.of(*row) for row in rows}
    return {room_id: people[other] for room_id, other in wanted.items() if other in people}
