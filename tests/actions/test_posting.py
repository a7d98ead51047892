"""Numbers, order and idempotency: what is stored when people post."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chat import queries
from chat.actions import memberships
from chat.actions.messages import Draft, Stored, post_messages
from chat.models import Membership, Message, Room
from tests.actions.drafts import assert_gapless, draft, post, refusal_code

pytestmark = pytest.mark.django_db


def test_a_message_takes_the_next_number_and_the_next_sequence(alice, bob, lobby):
    first, second = post(alice, lobby), post(bob, lobby)
    assert (first.message.number, second.message.number) == (1, 2)
    assert (first.message.changed, second.message.changed) == (1, 2)
    assert_gapless(lobby, 2)


def test_many_drafts_are_stored_in_their_order_in_one_transaction(
    alice, bob, lobby, den, django_assert_max_num_queries
):
    drafts = [
        draft(sender, room, body=str(place)) for place, (sender, room) in enumerate([(alice, lobby), (bob, den)] * 50)
    ]
    with django_assert_max_num_queries(12):
        outcomes = post_messages(drafts)
    assert [outcome.message.body for outcome in outcomes] == [str(place) for place in range(100)]
    assert_gapless(lobby, 50)
    assert_gapless(den, 50)


def test_a_resent_message_is_stored_once_and_answered_with_its_first_place(alice, lobby):
    first = post(alice, lobby, client_id="same")
    again = post(alice, lobby, client_id="same", body="another text")
    assert first.fresh
    assert not again.fresh
    assert again.message.number == first.message.number
    assert again.message.body == "hi"
    assert_gapless(lobby, 1)


def test_a_message_twice_in_one_batch_is_stored_once(alice, lobby):
    first, again = post_messages([draft(alice, lobby, client_id="same"), draft(alice, lobby, client_id="same")])
    assert (first.fresh, again.fresh) == (True, False)
    assert first.message.number == again.message.number == 1
    assert_gapless(lobby, 1)


def test_two_people_may_use_the_same_client_id(alice, bob, lobby):
    assert post(alice, lobby, client_id="same").fresh
    assert post(bob, lobby, client_id="same").fresh
    assert_gapless(lobby, 2)


def test_who_is_not_a_member_cannot_post(mallory, den):
    assert refusal_code(post(mallory, den)) == "not_a_member"
    assert_gapless(den, 0)


def test_a_room_that_does_not_exist_is_answered_like_one_that_is_closed(alice, mallory, den):
    nowhere = post_messages([Draft(alice.pk, "x", "hi", room_id=10**15)])[0]
    closed = post(mallory, den)
    assert (nowhere.code, nowhere.detail) == (closed.code, closed.detail)


def test_a_refused_draft_does_not_hinder_the_others(alice, mallory, den):
    outcomes = post_messages([draft(alice, den), draft(mallory, den), draft(alice, den)])
    assert [isinstance(outcome, Stored) for outcome in outcomes] == [True, False, True]
    assert_gapless(den, 2)


def test_who_has_left_cannot_post(bob, den):
    memberships.leave(bob, den.pk)
    assert refusal_code(post(bob, den)) == "not_a_member"


def test_a_private_message_makes_the_room_of_the_two(alice, bob):
    stored = post(alice, to="bob")
    answer = post(bob, to="ALICE")
    assert stored.room == answer.room
    assert stored.room.kind == Room.Kind.DIRECT
    assert set(stored.room.memberships.values_list("profile", flat=True)) == {alice.pk, bob.pk}
    assert_gapless(stored.room, 2)


def test_a_message_to_oneself_is_a_note(alice):
    stored = post(alice, to="alice")
    assert list(stored.room.memberships.values_list("profile", flat=True)) == [alice.pk]
    assert queries.own_room(alice.pk, stored.room.pk).other.nickname == "alice"


@pytest.mark.parametrize("nobody", ["nobody-here", "", "a\0b", "😀"])
def test_a_message_to_nobody_is_refused_and_nothing_is_stored(alice, nobody):
    before = Room.objects.count(), Message.objects.count(), Membership.objects.count()
    assert refusal_code(post(alice, to=nobody)) == "no_such_person"
    assert before == (Room.objects.count(), Message.objects.count(), Membership.objects.count())


def test_a_reply_names_a_message_of_its_room(alice, lobby):
    post(alice, lobby)
    assert post(alice, lobby, reply_to=1).message.reply_to == 1
    assert refusal_code(post(alice, lobby, reply_to=7)) == "no_such_message"
    assert_gapless(lobby, 2)


def test_ones_own_words_are_no_news_and_others_are(alice, bob, lobby):
    post(alice, lobby)
    post(alice, lobby)
    assert queries.own_room(alice.pk, lobby.pk).unread == 0
    assert queries.own_room(bob.pk, lobby.pk).unread == 2
    post(bob, lobby)
    assert queries.own_room(alice.pk, lobby.pk).unread == 1


def test_links_are_rendered_at_posting_and_plain_text_is_not_stored_twice(alice, lobby):
    assert "<a href" in post(alice, lobby, body="https://example.org <b>").message.html
    assert "&lt;b&gt;" in post(alice, lobby, body="https://example.org <b>").message.html
    assert post(alice, lobby, body="<b>plain</b>").message.html == ""


def test_any_text_that_the_wire_lets_through_comes_back_as_it_was(alice, lobby):
    body = "中文 🙂‍↔️ \u202e rtl \ufeff\x01\x7f\u2028 " + "\U0010ffff" * 100
    number = post(alice, lobby, body=body).message.number
    assert Message.objects.get(room=lobby, number=number).body == body


@pytest.mark.parametrize("taken", [{"number": 1}, {"changed": 1}, {"client_id": "one"}])
def test_the_database_itself_refuses_a_second_message_in_one_place(alice, lobby, taken):
    post(alice, lobby, client_id="one")
    fields = {"number": 2, "changed": 2, "client_id": "two"} | taken
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(room=lobby, sender=alice, body="hi", sent_at=timezone.now(), **fields)


def test_an_answer_to_nothing_makes_no_direct_room(alice, bob):
    assert refusal_code(post(alice, to="bob", reply_to=1)) == "no_such_message"
    assert not Room.objects.filter(kind=Room.Kind.DIRECT).exists()
    first, second = post_messages([draft(alice, to="bob"), draft(alice, to="bob", reply_to=1)])
    assert (first.message.number, second.message.reply_to) == (1, 1)
    assert post(bob, to="alice", reply_to=2).room == first.room


def test_the_database_itself_refuses_a_second_direct_room_and_a_second_membership(alice, bob, lobby):
    room = post(alice, to="bob").room
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(kind=Room.Kind.DIRECT, direct_key=room.direct_key)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(room=lobby, profile=alice)


def test_replay_finds_its_place_by_an_index(alice, lobby):
    query = Message.objects.filter(room=lobby, changed__gt=5).order_by("changed")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
    plan = query.explain()
    assert ("one_change_per_sequence" if connection.vendor == "postgresql" else "(room_id=? AND changed>?)") in plan
    assert "TEMP B-TREE" not in plan
