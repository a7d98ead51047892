"""Words for an open name: they reach it while somebody is connected under it, and are refused otherwise."""

import pytest
from django.utils import timezone

from chat.actions import people
from chat.actions.messages import Draft, post_messages
from chat.models import Lease, Message
from tests.actions.open_names import MINUTE, code, connect, disconnect, post
from tests.pages import counts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def test_words_for_an_open_name_reach_it_while_somebody_is_connected(alice, robin):
    connect(robin)
    assert code(post(alice, to="robin")) == "stored"


def test_words_for_an_open_name_are_refused_while_nobody_is_connected(alice, robin):
    before = counts()
    refusal = post(alice, to="ROBIN")
    assert code(refusal) == "not_here"
    assert "“robin” isn't connected right now" in refusal.detail
    assert counts() == before


def test_so_are_those_for_the_direct_room_that_there_is(alice, robin):
    connect(robin)
    room = post(alice, to="robin").room
    disconnect(robin)
    assert code(post(alice, to="robin")) == "not_here"
    assert code(post(alice, room_id=room.pk)) == "not_here"
    assert Message.objects.filter(room=room).count() == 1
    connect(robin, "second")
    assert code(post(alice, room_id=room.pk)) == "stored"


def test_a_lease_that_has_run_out_is_none(alice, robin):
    connect(robin)
    Lease.objects.filter(profile=robin).update(expires_at=timezone.now() - MINUTE)
    assert code(post(alice, to="robin")) == "not_here"


def test_what_was_stored_is_answered_again_though_nobody_is_connected_any_more(alice, robin):
    connect(robin)
    first = post(alice, to="robin", client_id="same")
    disconnect(robin)
    again = post(alice, to="robin", client_id="same")
    assert (again.fresh, again.message.number) == (False, first.message.number)


def test_who_is_not_in_the_direct_room_does_not_learn_whose_it_is(alice, robin, mallory):
    connect(robin)
    room = post(alice, to="robin").room
    disconnect(robin)
    assert code(post(mallory, room_id=room.pk)) == "not_a_member"


def test_an_open_name_writes_to_others_whether_they_are_here_or_not(robin, bob):
    connect(robin)
    assert code(post(robin, to="bob")) == "stored"


def test_two_open_names_write_to_each_other_while_both_are_connected(robin):
    wren = people.join_open("wren", "")
    connect(robin)
    assert code(post(robin, to="wren")) == "not_here"
    connect(wren)
    assert code(post(robin, to="wren")) == code(post(wren, to="robin")) == "stored"


def test_a_refusal_does_not_hinder_the_others_of_its_batch(alice, robin, lobby):
    drafts = [
        Draft(alice.pk, "batch-1", "hi", to="robin"),
        Draft(alice.pk, "batch-2", "hi", room_id=lobby.pk),
        Draft(alice.pk, "batch-3", "hi", to="nobody at all"),
    ]
    assert [code(outcome) for outcome in post_messages(drafts)] == ["not_here", "stored", "no_such_person"]


def test_posts_to_rooms_ask_nobody_who_is_here(alice, lobby, den, django_assert_num_queries):
    with django_assert_num_queries(8) as asked:
        post_messages([Draft(alice.pk, f"q-{room.pk}", "hi", room_id=room.pk) for room in (lobby, den)])
    assert not [query for query in asked if "lease" in query["sql"]]
