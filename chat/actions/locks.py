"""Locks. A check made under a lock holds until the action has written; an earlier read may be stale.

On SQLite the transaction locks everything: it starts by waiting for the current writer. On PostgreSQL the rows named
here are locked, and a statement after the lock sees everything committed by then. Several rows are locked in id order,
as in posting, so that two transactions cannot deadlock; a person's row is locked before rooms.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q

from chat.models import LOBBY, Profile, Room


@contextmanager
def room(room_id: int) -> Iterator[Room | None]:
    """Locks a room, its memberships and its messages against changes. Yields None if the room no longer exists."""
    with transaction.atomic():
        yield Room.objects.select_for_update().filter(pk=room_id).first()


@contextmanager
def titles(room_id: int | None = None) -> Iterator[Room | None]:
    """Like `room`, and also locks the titles of public rooms, by way of the lobby's row."""
    wanted = Q(slug=LOBBY) if room_id is None else Q(slug=LOBBY) | Q(pk=room_id)
    with transaction.atomic():
        locked = Room.objects.select_for_update().filter(wanted).order_by("pk")
        yield next((room for room in locked if room.pk == room_id), None)


@contextmanager
def person(profile_id: int) -> Iterator[Profile | None]:
    """Locks a person against changes. Rows that refer to them can still be written: joining and posting go on."""
    with transaction.atomic():
        yield Profile.objects.select_for_update(no_key=True).filter(pk=profile_id).first()
