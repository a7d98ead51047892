"""Replies and the thread that they are in: the number of the message with which it begins."""

import pytest

from chat.actions import changes
from chat.actions.changes import Delete, change_messages
from chat.actions.cleaning import put_replies_in_threads
from chat.actions.messages import post_messages
from tests.actions.drafts import draft, post, refusal_code

pytestmark = pytest.mark.django_db


def threads(room) -> list[int | None]:
    return list(room.messages.order_by("number").values_list("thread", flat=True))


def test_replies_to_a_message_and_to_its_replies_are_one_thread(alice, bob, lobby):
    for reply_to in (None, 1, 2, None, 1, 3, 4):
        post(alice if reply_to else bob, lobby, reply_to=reply_to)
    assert threads(lobby) == [None, 1, 1, None, 1, 1, 4]


def test_the_same_numbers_in_another_room_are_other_messages(alice, lobby, den):
    for room, reply_to in ((lobby, None), (lobby, 1), (den, None), (den, None), (den, 2), (lobby, 2), (den, 3)):
        post(alice, room, reply_to=reply_to)
    assert threads(lobby) == [None, 1, 1]
    assert threads(den) == [None, None, 2, 2]


def test_messages_that_are_stored_together_are_one_thread_too(alice, bob, lobby):
    said = ((alice, None), (bob, 1), (alice, 2))
    outcomes = post_messages([draft(sender, lobby, reply_to=number) for sender, number in said])
    assert [outcome.message.thread for outcome in outcomes] == [None, 1, 1]
    assert threads(lobby) == [None, 1, 1]


def test_a_message_that_replies_to_nothing_costs_no_statement_more(alice, lobby, django_assert_num_queries):
    post(alice, lobby)
    with django_assert_num_queries(8):
        post(alice, lobby)
    with django_assert_num_queries(9):
        post(alice, lobby, reply_to=1)


def test_a_resent_reply_is_answered_with_the_thread_it_has(alice, lobby):
    post(alice, lobby)
    first = post(alice, lobby, client_id="same", reply_to=1)
    again = post(alice, lobby, client_id="same", reply_to=1)
    assert (again.fresh, again.message.thread) == (False, first.message.thread)
    assert threads(lobby) == [None, 1]


def test_a_reply_to_a_message_that_is_not_there_yet_is_refused(alice, lobby):
    post(alice, lobby)
    assert refusal_code(post(alice, lobby, reply_to=2)) == "no_such_message"
    assert threads(lobby) == [None]


def test_a_thread_goes_on_when_messages_of_it_are_deleted(alice, bob, lobby):
    for reply_to in (None, 1):
        post(alice, lobby, reply_to=reply_to)
    change_messages([Delete(alice.pk, f"d{number}", lobby.pk, number) for number in (1, 2)])
    changes.purge()
    assert post(bob, lobby, reply_to=2).message.thread == 1
    assert post(bob, lobby, reply_to=1).message.thread == 1


def test_a_reply_to_a_message_whose_row_is_gone_begins_a_thread_there(alice, lobby):
    post(alice, lobby)
    post(alice, lobby)
    lobby.messages.filter(number=1).delete()
    assert post(alice, lobby, reply_to=1).message.thread == 1


def test_cleaning_puts_replies_of_older_code_into_their_threads(alice, lobby, den, monkeypatch):
    """In pieces; and what newer code has taken for a thread of its own meanwhile is put right."""
    monkeypatch.setattr("chat.actions.cleaning.REPLIES", 2)
    for room in (lobby, den):
        for reply_to in (None, 1, 2, 3, None, 5):
            post(alice, room, reply_to=reply_to)
    expected = [None, 1, 1, 1, None, 5]
    lobby.messages.filter(number__in=[2, 3, 6]).update(thread=None)
    lobby.messages.filter(number=4).update(thread=3)
    pieces, start = [], 0
    while start is not None:
        piece = put_replies_in_threads(start)
        pieces.append(piece.rows)
        start = piece.next
    assert pieces == [2, 1]
    assert threads(lobby) == threads(den) == expected
    assert put_replies_in_threads(0).rows == 0
