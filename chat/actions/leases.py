"""Presence leases: a process writes only its own, but any process may clear expired ones."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chat.models import Lease, Profile
from chat.queries.sql import Cursor, adapted, table

_ACQUIRE = (
    f"INSERT INTO {table(Lease)} (profile_id, process, expires_at)"  # noqa: S608
    f" SELECT user_id, %s, %s FROM {table(Profile)} WHERE user_id = %s"
    " ON CONFLICT (profile_id, process) DO UPDATE SET expires_at = excluded.expires_at"
)
_END = f"DELETE FROM {table(Lease)} WHERE process = %s AND profile_id = %s"  # noqa: S608


def acquire(process: str, people: Collection[int], length: timedelta) -> None:
    """Takes or extends this process's leases for these people, until `length` from now.

    A person who no longer exists gets none, which doesn't affect the others. The order is the same everywhere, so that
    two writers of the same leases cannot deadlock.
    """
    expires_at = adapted(timezone.now() + length)
    with transaction.atomic():
        Cursor().many(_ACQUIRE, [(process, expires_at, person) for person in sorted(people)])


def end(process: str, people: Collection[int]) -> None:
    """Ends this process's leases for these people."""
    with transaction.atomic():
        Cursor().many(_END, [(process, person) for person in sorted(people)])


def settle(process: str, here: Collection[int], gone: Collection[int], length: timedelta) -> None:
    """Takes the leases of some people and ends those of others in one transaction."""
    with transaction.atomic():
        acquire(process, here, length)
        end(process, gone)


def renew(process: str, people: Collection[int], length: timedelta) -> set[int]:
    """Makes the process's leases match exactly these people, extends them, and clears all expired leases.

    Returns the people who came or went as a result.
    """
    now = timezone.now()
    with transaction.atomic():
        own = Lease.objects.filter(process=process)
        held = set(own.values_list("profile_id", flat=True))
        gone, lacking = held.difference(people), set(people) - held
        end(process, gone)
        # One statement covers nearly all of them, in a tenth of the time of writing them one by one.
        own.update(expires_at=now + length)
        acquire(process, lacking, length)
        ended = Lease.objects.filter(expires_at__lte=now)
        gone |= set(ended.values_list("profile_id", flat=True))
        ended.delete()
    return gone | lacking
