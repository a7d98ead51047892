"""The site itself removes rows that nobody needs any more, and nothing else."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from chat import queries
from chat.actions import cleaning, leases, memberships, people, rooms
from chat.models import Chore, LastAddress, Membership, Profile, Room
from chat.text import lines
from tests.pages import browser, say

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=32)


def clean(capsys=None) -> list[str]:
    call_command("cleanup")
    return capsys.readouterr().out.splitlines() if capsys else []


def forget(*gone: Profile, since: timedelta = LONG_AGO) -> None:
    Profile.objects.filter(pk__in=[one.pk for one in gone]).update(seen_at=timezone.now() - since)


def names() -> set[str]:
    return set(Profile.objects.values_list("nickname", flat=True))


# Guests.


def test_a_guest_who_cannot_come_back_and_never_wrote_is_removed_and_the_nickname_is_free(alice, bob, lobby, capsys):
    forget(alice)
    assert "1 guests removed who can't come back" in clean(capsys)
    assert names() == {"bob"}
    assert not get_user_model().objects.filter(pk=alice.pk).exists()
    lobby.refresh_from_db()
    assert lobby.member_count == 1
    assert people.join("alice").pk


def test_addresses_are_forgotten_after_a_month(alice, bob):
    for person, days in ((alice, 31), (bob, 1)):
        LastAddress.objects.create(profile=person, address="192.0.2.7", seen_at=timezone.now() - timedelta(days=days))
    clean()
    assert [one.profile for one in LastAddress.objects.all()] == [bob]


def wrote(guest: Profile, bob: Profile, lobby: Room) -> None:
    say(guest, "I was here", room=lobby)


def was_written_to(guest: Profile, bob: Profile, lobby: Room) -> None:
    say(bob, "psst", to=guest.nickname)


def is_here(guest: Profile, bob: Profile, lobby: Room) -> None:
    leases.acquire("one", [guest.pk], timedelta(seconds=30))


def was_seen_within_the_length_of_a_session(guest: Profile, bob: Profile, lobby: Room) -> None:
    forget(guest, since=timedelta(days=30, hours=1))


def came_today(guest: Profile, bob: Profile, lobby: Room) -> None:
    browser(guest).get("/rooms/")


def is_a_member(guest: Profile, bob: Profile, lobby: Room) -> None:
    Profile.objects.filter(pk=guest.pk).update(kind=Profile.Kind.MEMBER)


def was_given_a_password(guest: Profile, bob: Profile, lobby: Room) -> None:
    guest.user.set_password("a new one")
    guest.user.save()


def was_made_staff(guest: Profile, bob: Profile, lobby: Room) -> None:
    get_user_model().objects.filter(pk=guest.pk).update(is_staff=True)


@pytest.mark.parametrize(
    "reason",
    [
        wrote, was_written_to, is_here, was_seen_within_the_length_of_a_session, came_today, is_a_member,
        was_given_a_password, was_made_staff,
    ],
)  # fmt: skip
def test_a_guest_stays_who(reason, alice, bob, lobby):
    forget(alice)
    reason(alice, bob, lobby)
    clean()
    assert names() == {"alice", "bob"}
    assert lobby.memberships.count() == 2


def test_an_open_name_is_removed_when_nobody_has_used_it_for_long(db):
    robin, crow = (people.join_open(name, "holder") for name in ("robin", "crow"))
    forget(robin, crow)
    people.join_open("crow", "another")
    clean()
    assert names() == {"crow"}


def test_the_rooms_of_who_is_removed_go_to_the_others(alice, bob, den):
    forget(alice)
    clean()
    assert queries.own_room(bob.pk, den.pk).role == Membership.Role.OWNER
    assert Room.objects.get(pk=den.pk).member_count == 1


def test_who_is_written_to_while_strangers_are_looked_for_stays(alice, bob, monkeypatch):
    forget(alice)
    remove = cleaning._remove

    def remove_late(profile_ids):
        say(bob, "psst", to="alice")
        return remove(profile_ids)

    monkeypatch.setattr(cleaning, "_remove", remove_late)
    assert cleaning.remove_lapsed_guests(0).rows == 0
    assert names() == {"alice", "bob"}


def test_whom_something_else_holds_on_to_is_left_and_the_others_go(alice, bob, mallory, lobby, monkeypatch):
    """As rows of a project around us may do; here it is a message."""
    say(alice, "hello", room=lobby)
    monkeypatch.setattr(cleaning, "_lapsed_guests", lambda ids: Profile.objects.filter(pk__in=ids))
    clean()
    assert names() == {"alice"}
    lobby.refresh_from_db()
    assert lobby.member_count == 1


def test_people_are_removed_in_pieces(person, monkeypatch):
    monkeypatch.setattr(cleaning, "ROWS", 4)
    monkeypatch.setattr(cleaning, "PEOPLE", 2)
    everybody = [person(f"guest{number}") for number in range(11)]
    forget(*everybody[1:])
    start, counts = 0, []
    while start is not None:
        rows, start = cleaning.remove_lapsed_guests(start)
        counts.append(rows)
    assert max(counts) == 2
    assert names() == {"guest0"}


# Sessions.


def test_expired_sessions_are_removed_in_pieces(monkeypatch, capsys):
    monkeypatch.setattr(cleaning, "ROWS", 3)
    now = timezone.now()
    for number in range(7):
        Session.objects.create(session_key=f"old{number}", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(hours=1))
    assert cleaning.end_sessions(0) == (3, 0)
    assert "4 expired sessions removed" in clean(capsys)
    assert [session.pk for session in Session.objects.all()] == ["new"]


@pytest.mark.parametrize("engine", ["cache", "signed_cookies", "file"])
def test_sessions_that_are_kept_elsewhere_are_left_to_their_store(settings, engine):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    assert not hasattr(import_module(settings.SESSION_ENGINE).SessionStore, "get_model_class")
    assert cleaning.end_sessions(0) == (0, None)


# Rooms.


def test_a_count_or_a_title_key_that_is_wrong_is_put_right(alice, bob, den, lobby, monkeypatch, capsys):
    monkeypatch.setattr(cleaning, "ROWS", 1)
    Room.objects.filter(pk=den.pk).update(member_count=7)
    Room.objects.filter(pk=lobby.pk).update(title_key="")
    assert "2 rooms counted anew" in clean(capsys)
    assert list(Room.objects.order_by("pk").values_list("member_count", "title_key")) == [(2, "lobby"), (2, "den")]
    assert "0 rooms counted anew" in clean(capsys)


def test_who_comes_while_rooms_are_counted_is_counted(alice, bob, monkeypatch):
    chess = rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    Room.objects.filter(pk=chess.pk).update(member_count=5)
    key = lines.key

    def key_late(title):
        memberships.enter(bob, chess)
        return key(title)

    monkeypatch.setattr(lines, "key", key_late)
    clean()
    assert Room.objects.get(pk=chess.pk).member_count == 2


# By itself.


def test_one_process_cleans_once_an_hour_and_none_on_a_new_site():
    assert not cleaning.claim()
    Chore.objects.update(due_at=timezone.now())
    assert cleaning.claim()
    assert not cleaning.claim()
    assert Chore.objects.get().due_at > timezone.now() + timedelta(minutes=59)
