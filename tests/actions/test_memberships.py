"""Coming into rooms, leaving them and being removed: who may do what, and what becomes of the others."""

import pytest

from chat import queries
from chat.actions import memberships, rooms
from chat.actions.messages import Draft, post_messages
from chat.models import Membership, Room
from tests.actions.outcomes import members, refused

pytestmark = pytest.mark.django_db


def test_anyone_joins_a_public_room_and_starts_without_unread_messages(alice, bob):
    room = rooms.create(alice, Room.Kind.PUBLIC, "Open", "")
    post_messages([Draft(alice.pk, "c", "hi", room_id=room.pk)])
    memberships.join(bob, "open")
    memberships.join(bob, "open")
    assert queries.own_room(bob.pk, room.pk).unread == 0


def test_nobody_joins_a_private_room_by_themselves(mallory, den):
    assert refused(memberships.join, mallory, den.slug) == "no_such_room"
    assert refused(memberships.join, mallory, "no-such-room") == "no_such_room"


def test_members_add_others_to_a_private_room_and_nobody_else_does(bob, mallory, den, person):
    assert refused(memberships.add, mallory, den, "mallory") == "not_a_member"
    person("carol")
    memberships.add(bob, den, "CAROL")
    assert members(den) == {"alice", "bob", "carol"}
    assert refused(memberships.add, bob, den, "nobody there") == "no_such_person"


def test_people_are_not_added_to_public_rooms(alice, bob):
    room = rooms.create(alice, Room.Kind.PUBLIC, "Open", "")
    assert refused(memberships.add, alice, room, "bob") == "bad_room"


def test_only_the_owner_removes_people(alice, bob, mallory, den):
    assert refused(memberships.remove, bob, den, "alice") == "forbidden"
    assert refused(memberships.remove, mallory, den, "bob") == "forbidden"
    assert refused(memberships.remove, alice, den, "mallory") == "no_such_person"
    assert refused(memberships.remove, alice, den, "alice") == "forbidden"
    memberships.remove(alice, den, "Bob")
    assert members(den) == {"alice"}


def test_a_room_whose_owner_leaves_goes_to_who_has_been_there_longest(alice, bob, den, person):
    person("carol")
    memberships.add(alice, den, "carol")
    memberships.leave(alice, den.pk)
    assert queries.own_room(bob.pk, den.pk).role == Membership.Role.OWNER


def test_the_lobby_is_nobodys(alice, bob, lobby):
    memberships.leave(alice, lobby.pk)
    assert queries.own_room(bob.pk, lobby.pk).role == Membership.Role.MEMBER


def test_what_somebody_wrote_stays_when_they_leave(alice, bob, den):
    post_messages([Draft(bob.pk, "c", "I was here", room_id=den.pk)])
    memberships.leave(bob, den.pk)
    assert [message.sender.nickname for message in queries.messages_before(alice.pk, den.pk).messages] == ["bob"]


def test_read_marks_move_forward_only_and_not_past_the_end(alice, bob, lobby):
    post_messages([Draft(alice.pk, f"c{number}", "hi", room_id=lobby.pk) for number in range(3)])
    for number, expected in ((2, 2), (1, 2), (99, 3)):
        memberships.mark_read(bob.pk, lobby.pk, number)
        assert queries.own_room(bob.pk, lobby.pk).read_number == expected
    assert refused(memberships.mark_read, bob.pk, 10**9, 1) == "not_a_member"


def test_members_are_counted_whatever_brings_them_in_or_ends_their_membership(alice, bob, mallory, den, lobby):
    chess = rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    memberships.join(bob, "chess")
    memberships.join(bob, "chess")
    memberships.join(mallory, "chess")
    memberships.leave(mallory, chess.pk)
    memberships.add(bob, den, "mallory")
    memberships.remove(alice, den, "bob")
    memberships.leave(mallory, lobby.pk)
    notes, direct = rooms.direct(alice, alice), rooms.direct(alice, bob)
    rooms.direct(bob, alice)
    post_messages([Draft(alice.pk, "c-1", "hello", lobby.pk)])
    counted = dict(Room.objects.values_list("pk", "member_count"))
    assert counted == {lobby.pk: 2, chess.pk: 2, den.pk: 2, notes.pk: 1, direct.pk: 2}
    assert counted == {room.pk: room.memberships.count() for room in Room.objects.all()}


def test_a_count_that_is_wrong_keeps_nobody_in(bob, den):
    Room.objects.filter(pk=den.pk).update(member_count=0)
    memberships.leave(bob, den.pk)
    assert members(den) == {"alice"}
