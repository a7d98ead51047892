"""Locks: an action that checks under a lock can rely on the check until it has written; an earlier look may be old.

On SQLite a transaction is the lock for everything: it begins by waiting for the one that writes. On PostgreSQL it is
the rows named here, and a statement after the lock sees what was committed until then. Where several are locked, it is
in the order of their ids, as in posting, so that two never wait for each other; a person's row comes before rooms'.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q

from chat.models import LOBBY, Profile, Room


@contextmanager
def room(room_id: int) -> Iterator[Room | None]:
    """Nobody else changes this room, who is in it, or what is said there. None where there is no such room any more."""
    with transaction.atomic():
        yield Room.objects.select_for_update().filter(pk=room_id).first()


@contextmanager
def titles(room_id: int | None = None) -> Iterator[Room | None]:
    """The same, and nobody else gives a public room its title: that goes by the lobby's row."""
    wanted = Q(slug=LOBBY) if room_id is None else Q(slug=LOBBY) | Q(pk=room_id)
    with transaction.atomic():
        locked = Room.objects.select_for_update().filter(wanted).order_by("pk")
        yield next((room for room in locked if room.pk == room_id), None)


@contextmanager
def person(profile_id: int) -> Iterator[Profile | None]:
    """Nobody else changes this person. Others may still refer to them: they join, and what they write is stored."""
    with transaction.atomic():
        yield Profile.objects.select_for_update(no_key=True).filter(pk=profile_id).first()
