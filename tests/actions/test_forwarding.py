"""Forwarded messages: whose text it is, who may, and where it comes from."""

import pytest

from chat import queries
from chat.actions import erasure, memberships
from chat.actions.changes import Delete, Edit, change_messages
from chat.actions.messages import Original
from chat.models import Message, Room
from chat.wire import rows
from tests.actions.drafts import assert_gapless, post, refusal_code

pytestmark = pytest.mark.django_db


def forward(person, origin, number=1, room=None, **fields):
    return post(person, room, "", forward=Original(origin.pk, number), **fields)


@pytest.fixture
def said(bob, den):
    """A message of bob's in his and alice's private room, which alice owns."""
    return post(bob, den, "some **words**").message


def test_a_forwarded_message_has_the_originals_text_and_says_that_it_is_one(alice, den, chess, said):
    message = forward(alice, den, room=chess).message
    assert (message.body, message.html) == ("some **words**", said.html)
    assert rows.message_of(message).forwarded
    assert not rows.message_of(said).forwarded
    assert_gapless(Room.objects.get(pk=chess.pk), 1)


def test_no_byte_of_where_it_comes_from_is_in_what_readers_get(alice, bob, den, chess, said):
    shown = str(rows.message_of(forward(alice, den, room=chess).message))
    for secret in ("bob", "Den", den.slug, str(said.client_id)):
        assert secret not in shown


def test_one_is_forwarded_once_however_often_it_is_sent(alice, den, chess, said):
    first = forward(alice, den, room=chess, client_id="f")
    change_messages([Delete(said.sender_id, "d", den.pk, 1)])
    again = forward(alice, den, room=chess, client_id="f")
    assert (again.fresh, again.message.number) == (False, first.message.number)


def test_one_is_forwarded_to_a_person_with_whom_nothing_was_said_yet(alice, den, mallory, said):
    forward(alice, den, to="mallory")
    room = queries.direct_room_with(alice.pk, mallory.pk).room
    assert Message.objects.get(room=room).body == "some **words**"


def test_who_may_not_read_a_message_does_not_forward_it_and_learns_nothing(alice, bob, den, lobby, mallory, said):
    refused = forward(mallory, den, room=lobby)
    assert refused.name == "no_such_message.forward"
    assert forward(mallory, den, 2, room=lobby).name == refused.name
    assert forward(mallory, Room(pk=10**6), room=lobby).name == refused.name
    memberships.remove(alice, den, "bob")
    assert forward(bob, den, room=lobby).name == refused.name
    assert Message.objects.filter(room=lobby).count() == 0


def test_what_can_not_be_forwarded_begins_no_direct_room(alice, bob, den, mallory, said):
    assert refusal_code(forward(mallory, den, to="alice")) == "no_such_message"
    assert queries.direct_room_with(alice.pk, mallory.pk) is None
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert refusal_code(forward(alice, den, to="mallory")) == "message_deleted"
    assert queries.direct_room_with(alice.pk, mallory.pk) is None


def test_anybody_forwards_what_is_public(alice, chess, mallory, lobby):
    post(alice, chess, "e4")
    assert forward(mallory, chess, room=lobby).message.body == "e4"


def test_nobody_forwards_to_where_they_may_not_write(alice, chess, mallory, den):
    post(alice, chess, "e4")
    assert refusal_code(forward(mallory, chess, room=den)) == "not_a_member"


def test_a_deleted_message_is_not_forwarded(alice, bob, den, lobby, said):
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert forward(alice, den, room=lobby).name == "message_deleted.forward"


def test_a_copy_stays_when_the_original_goes_and_leads_there_no_more(alice, bob, den, lobby, said):
    forward(alice, den, room=lobby)
    assert queries.origin(alice.pk, lobby.pk, 1).message.room_id == den.pk
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert queries.origin(alice.pk, lobby.pk, 1) is None
    assert Message.objects.get(room=lobby).body == "some **words**"


def test_only_who_may_read_the_original_is_led_there(alice, bob, den, lobby, mallory, said):
    forward(alice, den, room=lobby)
    assert queries.origin(bob.pk, lobby.pk, 1).message.room_id == den.pk
    assert queries.origin(mallory.pk, lobby.pk, 1) is None
    memberships.remove(alice, den, "bob")
    assert queries.origin(bob.pk, lobby.pk, 1) is None


def test_only_who_may_read_the_copy_is_led_to_the_original(alice, bob, den, chess, mallory):
    post(alice, chess, "e4")
    forward(bob, chess, room=den)
    assert queries.origin(alice.pk, den.pk, 1).message.room_id == chess.pk
    assert queries.origin(mallory.pk, den.pk, 1) is None


def test_a_copy_of_a_copy_leads_to_the_first_one(alice, den, lobby, chess, said):
    forward(alice, den, room=lobby)
    forward(alice, lobby, room=chess)
    assert queries.origin(alice.pk, chess.pk, 1).message.room_id == den.pk


def test_a_message_that_was_not_forwarded_or_is_deleted_has_no_origin(alice, den, lobby, said):
    assert queries.origin(alice.pk, den.pk, 1) is None
    assert queries.origin(alice.pk, den.pk, 9) is None
    forward(alice, den, room=lobby)
    change_messages([Delete(alice.pk, "d", lobby.pk, 1)])
    assert queries.origin(alice.pk, lobby.pk, 1) is None
    assert not rows.message_of(Message.objects.get(room=lobby)).forwarded


def test_a_forwarded_message_is_not_edited_but_can_be_deleted(alice, den, lobby, said):
    message = forward(alice, den, room=lobby).message
    (refused,) = change_messages([Edit(alice.pk, "e", lobby.pk, 1, message.changed, "mine")])
    assert refused.name == "forbidden.edit_forwarded"
    assert change_messages([Delete(alice.pk, "d", lobby.pk, 1)])[0].fresh


def test_nothing_of_an_erased_person_is_left_at_copies_of_what_they_said(alice, bob, den, lobby, said):
    forward(alice, den, room=lobby)
    erasure.erase(bob)
    assert queries.origin(alice.pk, lobby.pk, 1) is None
