"""Lists of rooms, and who is here in them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from chat import queries
from chat.actions import leases, memberships, people, rooms
from chat.models import Membership, Profile, Room
from tests.actions.outcomes import names
from tests.pages import say

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=30)


def own_rooms(profile) -> list[str]:
    return [own.room.title or own.other.nickname for own in queries.own_rooms(profile.pk)]


def test_rooms_and_direct_rooms_are_listed_with_the_newest_message_first(alice, bob, mallory, den, lobby):
    rooms.create(alice, Room.Kind.PUBLIC, "Attic", "")
    for sender, to in ((alice, "bob"), (mallory, "alice")):
        say(sender, "psst", to=to)
    # One that has just been entered counts like one with a new message.
    assert own_rooms(alice) == ["Attic", "Den", "Lobby", "mallory", "bob"]
    say(bob, "hello", room=lobby)
    say(bob, "psst", to="alice")
    assert own_rooms(alice) == ["Lobby", "Attic", "Den", "bob", "mallory"]
    memberships.join(bob, "attic")
    assert own_rooms(bob)[:2] == ["Attic", "Lobby"]


def test_lists_count_who_is_there_now(alice, bob, mallory, lobby, den):
    now = timezone.now()
    leases.acquire("one", [alice.pk, bob.pk], timedelta(seconds=30))
    leases.acquire("other", [alice.pk], timedelta(seconds=30))
    card = queries.public_rooms(now).cards[0]
    assert (card.slug, card.here, card.members) == ("lobby", 2, 3)
    picture = queries.picture(lobby, now)
    assert (picture.count, picture.members, names(picture.here), picture.away) == (2, 3, ["alice", "bob"], None)
    leases.end("one", [bob.pk])
    assert names(queries.picture(den, now).away) == ["bob"]


def test_a_picture_counts_all_and_names_the_first_hundred(alice, bob, den):
    crowd = [people.join(f"guest {number:03}") for number in range(120)]
    for one in crowd:
        Membership.objects.create(room=den, profile=one)
    now = timezone.now()
    assert (len(queries.picture(den, now).away), queries.picture(den, now).count) == (100, 0)
    leases.acquire("one", [one.pk for one in crowd[10:]], timedelta(seconds=30))
    picture = queries.picture(den, now)
    assert (picture.count, picture.members) == (110, 122)
    assert names(picture.here) == [one.nickname for one in crowd[10:110]]
    assert names(picture.away) == ["alice", "bob", *(one.nickname for one in crowd[:10])]


def test_pictures_of_several_rooms_are_taken_together(alice, bob, mallory, lobby, den):
    leases.acquire("one", [bob.pk], timedelta(seconds=30))
    pictures = queries.pictures([lobby.pk, den.pk, 0], timezone.now())
    assert pictures == {room: queries.picture(room, timezone.now()) for room in (lobby, den)}
    assert (pictures[lobby].members, pictures[den].members) == (3, 2)
    assert queries.pictures([], timezone.now()) == {}


def test_a_picture_of_a_large_room_names_some_of_those_who_are_away(alice, bob, den, person, monkeypatch):
    monkeypatch.setattr(queries.presence, "LOOKED_THROUGH", 3)
    monkeypatch.setattr(queries.presence, "NAMES_SHOWN", 2)
    for nickname in ("dora", "carol"):
        memberships.add(alice, den, person(nickname).nickname)
    leases.acquire("one", [bob.pk], timedelta(seconds=30))
    den.refresh_from_db()
    picture = queries.picture(den, timezone.now())
    assert (picture.count, picture.members) == (1, 4)
    assert (names(picture.here), names(picture.away)) == (["bob"], ["alice", "dora"])


def test_a_room_is_as_its_members_see_it_whichever_way_it_is_looked_at(alice, bob, mallory, lobby, den):
    """From the members to the leases, or from the leases to the members."""
    people.join_open("open one", "holder")
    Profile.objects.filter(nickname="open one").update(kind=Profile.Kind.OPEN)
    leases.acquire("one", [alice.pk, bob.pk, *Profile.objects.filter(kind="open").values_list("pk", flat=True)], LEASE)
    leases.acquire("two", [alice.pk], LEASE)
    wanted = [lobby.pk, den.pk]
    few = queries.pictures(wanted, timezone.now())
    Room.objects.update(member_count=10**6)  # By which it is decided, and which is told without being looked at.
    many = queries.pictures(wanted, timezone.now())
    assert {room: replace(picture, members=few[room].members) for room, picture in many.items()} == few
    assert {picture.members for picture in many.values()} == {10**6}
    assert [one.nickname for one in few[lobby].here if one.is_open] == ["open one"]
