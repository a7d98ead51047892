"""Leases of presence: a process writes its own, and anybody may clear away those that have ended."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chat.models import Lease
from chat.prepared import Cursor, adapted

_TAKE = (
    f"INSERT INTO {Lease._meta.db_table} (profile_id, process, expires_at) VALUES (%s, %s, %s)"  # noqa: S608
    " ON CONFLICT (profile_id, process) DO UPDATE SET expires_at = excluded.expires_at"
)


def take(process: str, people: Collection[int], length: timedelta) -> None:
    """These people are here, for this process, until `length` from now.

    In one order everywhere: two that write the same leases wait for each other, and never both at once.
    """
    expires_at = adapted(timezone.now() + length)
    with transaction.atomic():
        Cursor().many(_TAKE, [(person, process, expires_at) for person in sorted(people)])


def end(process: str, people: Collection[int]) -> None:
    """These people are not here any more, as far as this process knows."""
    Lease.objects.filter(process=process, profile_id__in=people).delete()


def renew(process: str, people: Collection[int], length: timedelta) -> set[int]:
    """Prolongs the leases of a process, takes those that lack, and clears away those that nobody prolonged.

    Answers who has come or gone by that.
    """
    with transaction.atomic():
        own = Lease.objects.filter(process=process)
        held = set(own.values_list("profile_id", flat=True))
        # One statement for nearly all of them: a tenth of what writing them one by one takes.
        own.exclude(profile_id__in=held.difference(people)).update(expires_at=timezone.now() + length)
        lacking = set(people) - held
        take(process, lacking, length)
        ended = Lease.objects.filter(expires_at__lte=timezone.now())
        gone = set(ended.values_list("profile_id", flat=True))
        ended.filter(profile_id__in=gone).delete()
    return gone | lacking
