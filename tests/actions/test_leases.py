"""Leases, by which people count as here: how they are taken, renewed and end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat import queries
from chat.actions import leases
from chat.models import Lease

pytestmark = pytest.mark.django_db


def test_a_lease_ends_by_itself_and_is_cleared_away_by_whoever_renews(alice, bob, lobby):
    leases.acquire("dead", [alice.pk], timedelta(seconds=-1))
    assert queries.picture(lobby, timezone.now()).here == []
    assert leases.renew("alive", [bob.pk], timedelta(seconds=30)) == {alice.pk, bob.pk}
    assert list(Lease.objects.values_list("profile__nickname", flat=True)) == ["bob"]


def test_who_is_not_here_any_more_keeps_no_lease_by_the_others_renewals(alice, bob, mallory):
    leases.acquire("one", [alice.pk, bob.pk], timedelta(seconds=1))
    assert leases.renew("one", [bob.pk, mallory.pk], timedelta(seconds=30)) == {alice.pk, mallory.pk}
    later = Lease.objects.filter(expires_at__gt=timezone.now() + timedelta(seconds=20))
    assert {lease.profile.nickname for lease in later} == {"bob", "mallory"}
    assert not Lease.objects.filter(profile=alice).exists()


@pytest.mark.parametrize("write", [leases.acquire, leases.renew])
def test_somebody_who_does_not_exist_any_more_keeps_nobody_else_from_their_lease(alice, bob, write):
    write("one", [alice.pk, bob.pk + 1000, bob.pk], timedelta(seconds=30))
    assert set(Lease.objects.values_list("profile__nickname", flat=True)) == {"alice", "bob"}


def test_some_come_and_some_go_in_one_write(alice, bob, mallory):
    leases.acquire("one", [alice.pk, bob.pk], timedelta(seconds=30))
    leases.settle("one", [mallory.pk], [alice.pk], timedelta(seconds=30))
    assert set(Lease.objects.values_list("profile__nickname", flat=True)) == {"bob", "mallory"}
