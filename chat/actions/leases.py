"""Leases of presence: a process writes its own, and anybody may clear away those that have ended."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chat.models import Lease, Profile
from chat.queries.sql import Cursor, adapted

_TAKE = (
    f"INSERT INTO {Lease._meta.db_table} (profile_id, process, expires_at)"  # noqa: S608
    f" SELECT user_id, %s, %s FROM {Profile._meta.db_table} WHERE user_id = %s"
    " ON CONFLICT (profile_id, process) DO UPDATE SET expires_at = excluded.expires_at"
)
_END = f"DELETE FROM {Lease._meta.db_table} WHERE process = %s AND profile_id = %s"  # noqa: S608


def take(process: str, people: Collection[int], length: timedelta) -> None:
    """These people are here, for this process, until `length` from now. Of a person who does not exist any more there
    is no lease, and that hinders nobody else's.

    In one order everywhere: two that write the same leases wait for each other, and never both at once.
    """
    expires_at = adapted(timezone.now() + length)
    with transaction.atomic():
        Cursor().many(_TAKE, [(process, expires_at, person) for person in sorted(people)])


def end(process: str, people: Collection[int]) -> None:
    """These people are not here any more, as far as this process knows."""
    with transaction.atomic():
        Cursor().many(_END, [(process, person) for person in sorted(people)])


def settle(process: str, here: Collection[int], gone: Collection[int], length: timedelta) -> None:
    """Takes the leases of some and ends those of others, together."""
    with transaction.atomic():
        take(process, here, length)
        end(process, gone)


def renew(process: str, people: Collection[int], length: timedelta) -> set[int]:
    """Makes the leases of a process those of just these people, prolongs them, and clears away those that have ended.

    Returns who has come or gone by that.
    """
    now = timezone.now()
    with transaction.atomic():
        own = Lease.objects.filter(process=process)
        held = set(own.values_list("profile_id", flat=True))
        gone, lacking = held.difference(people), set(people) - held
        end(process, gone)
        # One statement for nearly all of them: a tenth of what writing them one by one takes.
        own.update(expires_at=now + length)
        take(process, lacking, length)
        ended = Lease.objects.filter(expires_at__lte=now)
        gone |= set(ended.values_list("profile_id", flat=True))
        ended.delete()
    return gone | lacking
