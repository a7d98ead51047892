"""Making and changing rooms: who may, by which title, and who sees them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection
from django.utils import timezone

from chat import queries
from chat.actions import memberships, people, rooms
from chat.actions.messages import Draft, post_messages
from chat.models import Membership, Room
from chat.refusals import Refusal
from tests.actions.outcomes import members, refused

pytestmark = pytest.mark.django_db


def test_who_makes_a_room_owns_it(alice):
    room = rooms.create(alice, Room.Kind.PUBLIC, " 读书  会 ", " Books ")
    assert (room.title, room.topic, room.slug) == ("读书 会", "Books", "读书-会")
    assert queries.own_room(alice.pk, room.pk).role == Membership.Role.OWNER


def test_a_public_title_is_given_once_and_a_private_one_tells_nothing(alice, bob):
    rooms.create(alice, Room.Kind.PRIVATE, "Plans", "")
    assert rooms.create(bob, Room.Kind.PUBLIC, "Plans", "").slug == "plans"
    assert refused(rooms.create, bob, Room.Kind.PUBLIC, "plans", "") == "title_taken"
    rooms.create(bob, Room.Kind.PRIVATE, "Plans", "")


@pytest.mark.parametrize("kind", [Room.Kind.PUBLIC, Room.Kind.PRIVATE])
def test_a_form_that_is_sent_twice_makes_one_room(alice, bob, kind):
    room = rooms.create(alice, kind, "Plans", "of ours")
    assert rooms.create(alice, kind, " Plans", "of ours ") == room
    assert members(room) == {"alice"}


def test_a_room_in_which_something_was_said_is_not_taken_for_a_new_one(alice):
    room = rooms.create(alice, Room.Kind.PRIVATE, "Plans", "")
    post_messages([Draft(alice.pk, "c-1", "hello", room.pk)])
    assert rooms.create(alice, Room.Kind.PRIVATE, "Plans", "") != room


def test_a_room_of_long_ago_is_not_taken_for_a_new_one(alice):
    room = rooms.create(alice, Room.Kind.PRIVATE, "Plans", "")
    Room.objects.filter(pk=room.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    assert rooms.create(alice, Room.Kind.PRIVATE, "Plans", "") != room


@pytest.mark.parametrize(("kind", "title"), [("public", " "), ("direct", "Title"), ("other", "Title")])
def test_a_room_has_a_title_and_a_kind(alice, kind, title):
    assert refused(rooms.create, alice, kind, title, "") == "bad_room"


def test_a_title_that_is_a_word_of_the_site_gets_another_address(alice):
    assert rooms.create(alice, Room.Kind.PUBLIC, "New", "").slug != "new"
    assert rooms.create(alice, Room.Kind.PUBLIC, "🙂", "").slug


def test_only_the_owner_changes_a_room(alice, bob, mallory, den):
    for other in (bob, mallory):
        assert refused(rooms.edit, other, den, "Mine", "") == "forbidden"
    rooms.edit(alice, den, "Ours", "Together")
    den.refresh_from_db()
    assert (den.title, den.topic) == ("Ours", "Together")


def test_private_rooms_are_seen_by_their_members_only(alice, bob, mallory, den):
    assert queries.visible_room(bob.pk, den.slug) == den
    assert queries.visible_room(mallory.pk, den.slug) is None
    assert den.slug not in [card.slug for card in queries.public_rooms(timezone.now(), bob.pk).cards]
    assert queries.messages_before(mallory.pk, den.pk, None, 10) is None
    assert queries.changes_after(mallory.pk, den.pk, 0) == []


def test_a_direct_room_has_no_page_and_nobody_else(alice, bob, mallory):
    room = rooms.direct(alice, bob)
    assert queries.messages_before(mallory.pk, room.pk, None, 10) is None
    assert queries.direct_room_with(mallory.pk, alice.pk) is None
    assert room.slug is None
    assert refused(memberships.leave, alice, room.pk) == "bad_room"
    assert refused(memberships.add, alice, room, "mallory") == "bad_room"


def test_rooms_by_one_title_are_made_one_after_the_other(transactional_db, monkeypatch):
    """Two at once look whether there is such a room: the second one finds what the first has made."""
    makers, looks, look = [people.join(name) for name in ("alice", "bob")], Barrier(2), queries.public_room_titled

    def look_together(title):
        found = look(title)
        with suppress(BrokenBarrierError):
            looks.wait(0.5)
        return found

    def make(maker):
        try:
            return rooms.create(maker, Room.Kind.PUBLIC, "Café" if maker == makers[0] else "CAFÉ", "").title
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    monkeypatch.setattr(queries, "public_room_titled", look_together)
    with ThreadPoolExecutor(2) as both:
        made = list(both.map(make, makers))
    assert sorted(made, key=len)[1] == "title_taken"
    assert Room.objects.filter(title_key="café").count() == 1
