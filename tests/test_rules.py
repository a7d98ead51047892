"""The rules of permission, row by row: each rule with all that it asks for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat import rules
from chat.models import LOBBY, Departure, Profile, Room

ALICE, BOB = Profile(pk=1, nickname="alice", kind="guest"), Profile(pk=2, nickname="bob", kind="guest")
ROBIN = Profile(pk=3, nickname="robin", kind="open")
ADMIN = Profile(pk=4, nickname="admin", kind="member")
LOUNGE, DEN, DIRECT = (Room(pk=pk, kind=kind, title=kind) for pk, kind in enumerate(("public", "private", "direct"), 5))
LEFT, REMOVED = Departure(), Departure(was_removed=True)
NOW = timezone.now()


def name(refusal) -> str | None:
    return refusal.name if refusal else None


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("member", False), (None, False)])
def test_owners_alone_edit_a_room_and_remove_people(role, may):
    assert name(rules.edit_room(role)) == (None if may else "forbidden.edit")
    assert name(rules.remove_members(role)) == (None if may else "forbidden.remove")


@pytest.mark.parametrize(
    ("room", "may"),
    [(LOUNGE, {"owner"}), (DEN, {"owner", "member"}), (DIRECT, set()), (Room(slug=LOBBY, kind="public"), set())],
)
def test_everybody_is_mentioned_by_members_of_a_private_room_and_the_owner_of_a_public_one(room, may):
    assert {role for role in ("owner", "member", None) if rules.mention_everyone(room, role)} == may


def test_nobody_removes_themselves():
    assert rules.remove(ALICE, BOB) is None
    assert name(rules.remove(ALICE, ALICE)) == "forbidden.remove_oneself"


@pytest.mark.parametrize(
    ("room", "refused"),
    [
        (LOUNGE, None),
        (DEN, None),
        (DIRECT, "bad_room.direct_delete"),
        (Room(slug=LOBBY, kind="public"), "bad_room.lobby"),
    ],
)
def test_a_room_is_deleted_unless_it_is_two_peoples_or_the_lobby(room, refused):
    assert name(rules.delete_room(room)) == refused


@pytest.mark.parametrize(
    ("room", "role", "refused"),
    [
        (LOUNGE, None, None),
        (LOUNGE, "member", None),
        (DEN, "member", None),
        (DEN, None, "no_such_room"),
        (DIRECT, None, "no_such_room"),
    ],
)
def test_public_rooms_are_joined_and_others_are_not_there(room, role, refused):
    assert name(rules.join(room, role)) == refused


@pytest.mark.parametrize(("room", "refused"), [(LOUNGE, None), (DEN, None), (DIRECT, "bad_room.direct_leave")])
def test_all_rooms_but_those_of_two_are_left(room, refused):
    assert name(rules.leave(room)) == refused


@pytest.mark.parametrize(("room", "refused"), [(DEN, None), (LOUNGE, "bad_room.public"), (DIRECT, "bad_room.public")])
def test_people_are_added_to_private_rooms_alone(room, refused):
    assert name(rules.add_members(room)) == refused


@pytest.mark.parametrize(
    ("role", "other", "departure", "is_member", "refused"),
    [
        ("member", BOB, None, False, None),
        ("member", BOB, LEFT, False, None),
        ("member", BOB, REMOVED, False, "forbidden.add_again"),
        ("owner", BOB, REMOVED, False, None),
        ("owner", BOB, None, True, "already_there"),
        ("owner", ROBIN, None, False, "bad_room.open_name"),
    ],
)
def test_whom_a_member_may_add(role, other, departure, is_member, refused):
    assert name(rules.add(DEN, role, other, departure, is_member=is_member)) == refused


@pytest.mark.parametrize(("departure", "is_asked"), [(None, False), (LEFT, True), (REMOVED, False)])
def test_who_has_left_by_themselves_is_asked_first(departure, is_asked):
    assert rules.must_be_asked(departure) is is_asked


@pytest.mark.parametrize(
    ("declined", "is_asked", "refused"),
    [
        (None, False, None),
        (None, True, "already_asked"),
        (NOW - rules.ASK_AGAIN / 2, False, "already_asked.declined"),
        (NOW - rules.ASK_AGAIN - timedelta(seconds=1), False, None),
    ],
)
def test_nobody_is_asked_again_and_again(declined, is_asked, refused):
    assert name(rules.ask_back(Departure(declined_at=declined), BOB, NOW, is_asked=is_asked)) == refused


@pytest.mark.parametrize(("is_banned", "refused"), [(False, None), (True, "banned.unsent"), (None, "not_a_member")])
def test_members_post_unless_they_are_banned(is_banned, refused):
    assert name(rules.post(is_banned)) == refused


@pytest.mark.parametrize(
    ("profile", "is_here", "refused"),
    [(BOB, False, None), (BOB, True, "is_here"), (ROBIN, False, None), (ADMIN, False, "bad_nickname.account")],
)
def test_the_name_of_a_guest_who_is_away_is_freed(profile, is_here, refused):
    assert name(rules.free_nickname(profile, is_here=is_here)) == refused


@pytest.mark.parametrize(("is_staff", "refused"), [(False, None), (True, "bad_person.staff")])
def test_who_looks_after_the_site_is_not_erased(is_staff, refused):
    assert name(rules.erase(ADMIN, is_staff=is_staff)) == refused
