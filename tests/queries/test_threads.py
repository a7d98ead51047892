"""Threads as people read them: in pieces, for those who may read the room, at the same cost however much was said."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import queries
from chat.actions import memberships
from chat.actions.changes import Delete, change_messages
from chat.actions.messages import post_messages
from chat.models import Message
from tests.actions.drafts import draft, post
from tests.pages import browser, text
from tests.queries.test_growth import MARGIN, steps

pytestmark = pytest.mark.django_db


def numbers(found) -> list[int]:
    return [message.number for message in found.messages]


def say_thread(sender, room, *replies: int | None) -> None:
    post_messages([draft(sender, room, f"words {place}", reply_to=reply) for place, reply in enumerate(replies, 1)])


def test_a_thread_is_its_first_message_and_all_replies_whichever_of_them_is_named(alice, den):
    say_thread(alice, den, None, 1, None, 2, 3, 1)
    for number in (1, 2, 4, 6):
        found = queries.thread(alice.pk, den.pk, number)
        assert (found.root, numbers(found), found.has_more) == (1, [1, 2, 4, 6], False)
    assert numbers(queries.thread(alice.pk, den.pk, 5)) == [3, 5]


def test_a_message_without_replies_is_a_thread_of_one(alice, den):
    say_thread(alice, den, None, None)
    found = queries.thread(alice.pk, den.pk, 2)
    assert (found.root, numbers(found), found.has_more) == (2, [2], False)


def test_a_long_thread_comes_in_pieces_from_its_end(alice, den):
    say_thread(alice, den, None, 1, 1, 1, 1, 1)
    pages, before = [], None
    while True:
        found = queries.thread(alice.pk, den.pk, 4, before, 2)
        pages.append(numbers(found))
        before = found.messages[0].number
        if not found.has_more:
            break
    assert pages == [[5, 6], [3, 4], [1, 2]]


def test_deleted_messages_are_in_a_thread_without_their_text(alice, den):
    say_thread(alice, den, None, 1, 2)
    change_messages([Delete(alice.pk, f"d{number}", den.pk, number) for number in (1, 2)])
    found = queries.thread(alice.pk, den.pk, 3)
    assert [message.body for message in found.messages] == ["", "", "words 3"]


def test_a_number_that_no_message_has_is_no_thread(alice, den):
    found = queries.thread(alice.pk, den.pk, 1)
    assert (found.root, found.messages) == (0, [])


def test_threads_of_a_private_room_are_for_its_members(alice, bob, mallory, den):
    say_thread(alice, den, None, 1)
    assert queries.thread(mallory.pk, den.pk, 1) is None
    assert queries.thread(mallory.pk, den.pk, 99) is None
    assert numbers(queries.thread(bob.pk, den.pk, 1)) == [1, 2]
    memberships.leave(bob, den.pk)
    assert queries.thread(bob.pk, den.pk, 1) is None
    assert queries.thread_messages(bob.pk, den.pk, 1) == []


def test_the_reading_statement_asks_again_whether_one_may(alice, bob, den, monkeypatch):
    """Somebody is removed between the two statements."""
    say_thread(alice, den, None, 1)
    rows = queries.messages.Cursor.rows

    def leave_after(cursor, sql, parameters):
        found = rows(cursor, sql, parameters)
        if sql == queries.messages._ROOT:
            memberships.leave(bob, den.pk)
        return found

    monkeypatch.setattr(queries.messages.Cursor, "rows", leave_after)
    assert queries.thread(bob.pk, den.pk, 1).messages == []


def test_threads_of_a_public_room_may_be_read_before_joining_as_its_messages(alice, mallory, chess):
    say_thread(alice, chess, None, 1)
    assert numbers(queries.thread(mallory.pk, chess.pk, 2)) == [1, 2]


def test_the_page_of_a_thread_has_its_messages_and_leads_to_the_room(alice, den):
    say_thread(alice, den, None, 1, None)
    page = text(browser(alice).get(f"/rooms/{den.slug}/2/thread/"))
    assert page.index("words 1") < page.index("words 2")
    assert "words 3" not in page
    assert f"/rooms/{den.slug}/2/?thread=1" in page


def test_the_page_of_a_thread_is_not_there_for_others(alice, bob, mallory, den):
    say_thread(alice, den, None, 1)
    post(alice, body="psst", to="bob")
    for path in (f"/rooms/{den.slug}/1/thread/", "/people/alice/1/thread/", "/people/bob/1/thread/"):
        assert browser(mallory).get(path).status_code == 404
    assert browser(alice).get(f"/rooms/{den.slug}/9/thread/").status_code == 404
    memberships.leave(bob, den.pk)
    assert browser(bob).get(f"/rooms/{den.slug}/1/thread/").status_code == 404


@pytest.mark.parametrize("statistics", [False, True])
def test_a_page_of_a_thread_costs_the_same_however_much_was_said(alice, den, statistics):
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite counts its steps.")
    say_thread(alice, den, None, *[1] * 60)
    if statistics:
        connection.cursor().execute("ANALYZE")
    looks: dict[str, Callable[[], object]] = {
        "its end": lambda: queries.thread(alice.pk, den.pk, 1, limit=20),
        "further up": lambda: queries.thread(alice.pk, den.pk, 30, before=50, limit=20),
        "a reply": lambda: post(alice, den, reply_to=3),
    }
    for look in looks.values():
        look()
    before = {what: steps(look) for what, look in looks.items()}
    for _ in range(4):
        say_thread(alice, den, *[None] * 250, *[2] * 250)
    costs = {what: steps(look) / before[what] for what, look in looks.items()}
    assert {what: cost for what, cost in costs.items() if cost > MARGIN} == {}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.integers(0, 8), max_size=8), st.integers(1, 4))
def test_any_talk_falls_into_threads_that_are_read_whole(alice, den, replies, limit):
    """Every message is in exactly one thread: the one of the message that it answers, whatever was answered."""
    with transaction.atomic():
        asked = [reply if 0 < reply <= place else None for place, reply in enumerate(replies)]
        say_thread(alice, den, *asked)
        roots: dict[int, int] = {}
        for place, reply in enumerate(asked, 1):
            roots[place] = roots[reply] if reply else place
        for number, root in roots.items():
            read: list[int] = []
            while True:
                found = queries.thread(alice.pk, den.pk, number, read[0] if read else None, limit)
                read = numbers(found) + read
                if not found.has_more:
                    break
            assert found.root == root
            assert read == [one for one, its in roots.items() if its == root]
        assert Message.objects.filter(room=den, thread=None).count() == asked.count(None)
        transaction.set_rollback(True)
