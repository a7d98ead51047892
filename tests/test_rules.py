"""The rules of permission, row by row: each rule with all that it asks for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat import rules
from chat.models import LOBBY, Departure, Message, Profile, Room

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
    ("room", "role", "may"),
    [
        (DEN, "member", True),
        (DEN, None, False),
        (LOUNGE, "owner", True),
        (LOUNGE, "member", False),
        (Room(kind="public", slug=LOBBY), "owner", False),
        (DIRECT, "member", None),
    ],
)
def test_who_mentions_everybody(room, role, may):
    assert rules.may_mention_everyone(room, role) is may


@pytest.mark.parametrize(
    ("profile", "is_here", "refused"),
    [(BOB, False, None), (BOB, True, "is_here"), (ROBIN, False, None), (ADMIN, False, "bad_nickname.account")],
)
def test_the_name_of_a_guest_who_is_away_is_freed(profile, is_here, refused):
    assert name(rules.free_nickname(profile, is_here=is_here)) == refused


@pytest.mark.parametrize(("is_staff", "refused"), [(False, None), (True, "bad_person.staff")])
def test_who_looks_after_the_site_is_not_erased(is_staff, refused):
    assert name(rules.erase(ADMIN, is_staff=is_staff)) == refused


@pytest.mark.parametrize(
    ("room", "role", "refused"),
    [
        (LOUNGE, "owner", None),
        (LOUNGE, "member", "forbidden.pin"),
        (DEN, "member", None),
        (DIRECT, "member", None),
        (Room(slug=LOBBY, kind="public"), "owner", "forbidden.pin_lobby"),
    ],
)
def test_members_pin_in_rooms_of_their_own_owners_in_public_ones_and_nobody_in_the_lobby(room, role, refused):
    assert name(rules.pin(room, Message(), role)) == refused
    assert name(rules.pin(room, Message(deleted_at=NOW), role)) == (refused or "message_deleted.pin")


def test_what_is_deleted_is_neither_saved_nor_forwarded_and_what_is_forwarded_is_not_edited():
    gone, copy = Message(deleted_at=NOW), Message(sender=ALICE, origin=7)
    assert name(rules.save(gone)) == "message_deleted.save"
    assert name(rules.forward(gone)) == "message_deleted.forward"
    assert rules.save(copy) is rules.forward(copy) is None
    assert name(rules.edit_message(copy, ALICE)) == "forbidden.edit_forwarded"


def test_there_are_so_many_pins_and_saved_messages():
    assert rules.add_pin(rules.PINS - 1) is rules.add_saved(rules.SAVED - 1) is None
    assert name(rules.add_pin(rules.PINS)) == "too_many_pins"
    assert name(rules.add_saved(rules.SAVED)) == "too_many_saved"
