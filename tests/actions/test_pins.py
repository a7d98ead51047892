"""Pins: what is stored, who may, and how many."""

import pytest

from chat import queries, rules
from chat.actions import bans, erasure, memberships, moderation
from chat.actions.changes import PURGE_AFTER, Delete, Pin, Restore, change_messages, purge
from chat.models import Deletion, Message, Room
from chat.models import Pin as Row
from tests.actions.drafts import post, refusal_code

pytestmark = pytest.mark.django_db


def pin(person, room, number=1, *, on=True):
    return change_messages([Pin(person.pk, "p", room.pk, number, on)])[0]


def pinned(reader, room):
    """What readers get, which must be what the rows say; the last pinned first."""
    rows = {pin.message.number: pin.pinned_at for pin in Row.objects.filter(room=room, message__deleted_at=None)}
    shown = Message.objects.filter(room=room).exclude(pinned_at=None)
    assert {message.number: message.pinned_at for message in shown} == rows
    found = queries.pins(reader.pk, room.pk)
    assert queries.pinned_numbers(reader.pk, room.pk) == [one.message.number for one in found][::-1]
    return [(one.message.number, one.by) for one in found]


@pytest.fixture
def said(bob, den):
    """Two messages of bob's in his and alice's private room, which alice owns."""
    return [post(bob, den, words).message for words in ("words", "more")]


def test_a_pin_is_the_rooms_next_change_and_so_is_its_end(alice, bob, den, said):
    outcome = pin(bob, den)
    assert (outcome.fresh, outcome.message.number, outcome.message.changed) == (True, 1, 3)
    pin(alice, den, 2)
    assert pinned(alice, den) == [(2, "alice"), (1, "bob")]
    assert pin(alice, den, on=False).message.changed == 5
    assert pinned(alice, den) == [(2, "alice")]
    den.refresh_from_db()
    assert (den.sequence, den.message_count) == (5, 2)


def test_the_same_again_changes_nothing(alice, bob, den, said):
    first = pin(bob, den).message.pinned_at
    assert not pin(alice, den).fresh
    assert Message.objects.get(room=den, number=1).pinned_at == first
    assert pinned(alice, den) == [(1, "bob")]
    assert not pin(alice, den, 2, on=False).fresh


def test_pins_of_one_moment_to_one_message_are_one_change(alice, bob, den, said):
    outcomes = change_messages(
        [Pin(person.pk, "p", den.pk, 1, on) for person, on in ((alice, True), (bob, False), (bob, True))]
    )
    assert {outcome.message.changed for outcome in outcomes} == {3}
    assert pinned(alice, den) == [(1, "bob")]


def test_any_member_of_a_direct_room_may_pin(alice, bob):
    post(alice, to="bob")
    room = queries.direct_room_with(alice.pk, bob.pk).room
    assert pin(bob, room).fresh
    assert pinned(alice, room) == [(1, "bob")]


def test_in_a_public_room_only_its_owner_may_pin(alice, bob, chess):
    memberships.join(bob, "chess")
    post(bob, chess)
    refused = pin(bob, chess)
    assert refused.name == "forbidden.pin"
    assert pin(alice, chess).fresh
    assert pin(bob, chess, on=False).name == "forbidden.pin"
    assert pinned(bob, chess) == [(1, "alice")]


def test_in_the_lobby_nobody_may_pin(alice, lobby):
    post(alice, lobby)
    assert pin(alice, lobby).name == "forbidden.pin_lobby"
    assert pinned(alice, lobby) == []


def test_who_is_not_in_the_room_or_not_any_more_may_not_pin(bob, den, mallory, said):
    assert refusal_code(pin(mallory, den)) == "not_a_member"
    pin(bob, den)
    memberships.leave(bob, den.pk)
    assert refusal_code(pin(bob, den, on=False)) == "not_a_member"


def test_who_is_banned_may_not_pin(alice, den, said):
    bans.ban(alice)
    assert refusal_code(pin(alice, den)) == "banned"


def test_an_open_name_may_not_pin(alice, lobby, robin):
    post(alice, lobby)
    assert pin(robin, lobby).name == "forbidden.open_name"


def test_there_is_no_pin_on_a_message_that_is_not_there_or_deleted(alice, bob, den, said):
    assert refusal_code(pin(alice, den, 3)) == "no_such_message"
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert pin(alice, den).name == "message_deleted.pin"
    assert not Row.objects.exists()


def test_a_room_has_so_many_pins(alice, bob, den, said, monkeypatch):
    monkeypatch.setattr(rules, "PINS", 1)
    pin(alice, den)
    refused = pin(bob, den, 2)
    assert (refused.code, refused.values) == ("too_many_pins", {"most": 1})
    assert not pin(bob, den).fresh
    pin(bob, den, on=False)
    assert pin(bob, den, 2).fresh


def test_a_deletion_unpins_and_undoing_it_pins_again(alice, bob, den, said):
    pinned_at = pin(alice, den).message.pinned_at
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert pinned(alice, den) == []
    change_messages([Restore(bob.pk, "u", den.pk, 1)])
    assert pinned(alice, den) == [(1, "alice")]
    assert Message.objects.get(room=den, number=1).pinned_at == pinned_at


def test_a_final_deletion_leaves_none(alice, bob, den, said):
    pin(alice, den)
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    for deletion in Deletion.objects.all():
        deletion.deleted_at -= PURGE_AFTER
        deletion.save()
    assert purge() == 1
    assert not Row.objects.exists()


def test_a_message_that_is_taken_down_is_not_pinned_any_more(alice, den, said):
    pin(alice, den)
    moderation.take_down(den, 1)
    assert pinned(alice, den) == []


def test_what_an_erased_person_has_written_is_unpinned_and_what_they_have_pinned_stays(alice, bob, den, said):
    post(alice, den)
    pin(alice, den, 1)
    pin(bob, den, 3)
    change_messages([Delete(bob.pk, "d", den.pk, 2)])
    name = erasure.erase(bob)
    assert pinned(alice, den) == [(3, name)]
    assert Row.objects.count() == 1


def test_the_pins_of_somebody_who_is_gone_stay(alice, den, mallory):
    post(alice, den)
    memberships.add(alice, den, "mallory")
    pin(mallory, den)
    mallory.user.delete()
    assert pinned(alice, den) == [(1, None)]


def test_who_may_not_read_the_room_learns_of_none(alice, bob, den, mallory, said):
    pin(alice, den)
    memberships.remove(alice, den, "bob")
    for person in (bob, mallory):
        assert queries.pins(person.pk, den.pk) == []
        assert queries.pinned_numbers(person.pk, den.pk) == []


def test_pins_end_with_their_room(alice, den, said):
    pin(alice, den)
    moderation.delete_room(den)
    assert not Row.objects.exists()
    assert not Room.objects.filter(pk=den.pk).exists()
