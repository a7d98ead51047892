"""Bans by name, network and user: what the banned see, and all that they can no longer do."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from chat import queries
from chat.actions import bans, people
from chat.models import Ban, LastAddress
from tests.actions.outcomes import refused, say
from tests.pages import browser

pytestmark = pytest.mark.django_db

LONG = timedelta(minutes=1)


def test_who_is_banned_sees_why_and_writes_nothing(alice, bob, lobby):
    visitor = browser(bob)
    bans.ban(bob, until=timezone.now() + LONG, reason="Spam.")
    page = visitor.get("/rooms/lobby/")
    assert page.status_code == 403
    assert "You can&#x27;t use this chat until" in page.content.decode()
    assert "Reason: Spam.<" in page.content.decode()
    assert say(bob, lobby).code == "banned"
    assert say(alice, lobby).fresh
    assert bans.lift(bob) == 1
    assert visitor.get("/rooms/lobby/").status_code == 200
    assert say(bob, lobby).fresh


def test_a_ban_ends_by_itself(bob, lobby):
    bans.ban(bob, until=timezone.now() + LONG)
    Ban.objects.update(until=timezone.now() - LONG)
    assert say(bob, lobby).fresh
    assert browser(bob).get("/rooms/lobby/").status_code == 200


@pytest.mark.parametrize(
    ("network", "address", "is_out"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.0/24", "192.0.2.8", True),
        ("2001:db8::1/32", "2001:db8:5:5::/64", True),
        ("2001:db8::/32", "192.0.2.8", False),
        ("0.0.0.0/0", "not an address", False),
    ],
)
def test_nobody_joins_from_a_banned_network(db, network, address, is_out):
    bans.ban(None, network)
    for join in (people.join, people.join_open):
        arguments = ("zoe", None, address) if join is people.join else ("robin", "one", address)
        if is_out:
            assert refused(join, *arguments) == "banned"
        else:
            join(*arguments)
    assert bans.lift(None, network) == 1


def test_who_was_there_before_does_not_come_in_from_a_banned_network(bob):
    visitor = browser(bob)
    bans.ban(None, "127.0.0.0/8")
    assert visitor.get("/rooms/lobby/").status_code == 403
    assert queries.banned([(bob.pk, "127.0.0.1"), (bob.pk, "192.0.2.1")], timezone.now()) == {(bob.pk, "127.0.0.1")}


def test_an_open_name_that_is_banned_is_taken_by_nobody(db):
    robin = people.join_open("robin", "one", "192.0.2.7")
    bans.ban(robin)
    assert refused(people.join_open, "robin", "two") == "banned"


@pytest.mark.parametrize(
    "what", [{"network": ""}, {"network": "the internet"}, {"until": timezone.now() - LONG, "network": "192.0.2.1"}]
)
def test_a_ban_of_nobody_is_refused(db, what):
    assert refused(lambda: bans.ban(None, **what)) in ("bad_ban", "bad_network")
    assert refused(bans.lift, None, "192.0.2.1") == "bad_ban"


def test_who_is_not_active_writes_nothing(bob, lobby):
    """Though nobody has told the chat of it."""
    get_user_model().objects.filter(pk=bob.pk).update(is_active=False)
    assert say(bob, lobby).code == "banned"


def test_addresses_are_kept_for_a_bounded_time(alice, bob):
    people.join("carol", None, "192.0.2.7")
    browser(alice).get("/rooms/lobby/")
    seen = dict(LastAddress.objects.values_list("profile__nickname", "address"))
    assert seen == {"carol": "192.0.2.7", "alice": "127.0.0.1"}
    LastAddress.objects.filter(profile=alice).update(seen_at=timezone.now() - timedelta(days=31))
    people.join("dave", None, "192.0.2.8")
    assert set(LastAddress.objects.values_list("profile__nickname", flat=True)) == {"carol", "dave"}
