"""Queries that pages stand on."""

import pytest

from chat import queries
from chat.actions import memberships, rooms
from chat.models import Room
from chat.text import nicknames
from tests.pages import browser, say

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("no_join_limit")]


def test_a_name_that_is_too_long_for_anybody_is_not_even_looked_for(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert queries.person("a" * (nicknames.KEY_LENGTH + 1)) is None


def test_a_page_takes_the_same_few_queries_however_much_there_is(
    chess, alice, bob, person, django_assert_max_num_queries
):
    for number in range(10):
        memberships.join(person(f"member {number}"), "chess")
        rooms.create(alice, Room.Kind.PUBLIC, f"Room {number}", "")
        say(alice, "psst", to=f"member {number}")
    say(alice, "x", room=chess, times=60)
    client = browser(alice)
    client.get("/rooms/chess/")
    with django_assert_max_num_queries(15):
        client.get("/rooms/chess/")
    with django_assert_max_num_queries(12):
        client.get("/rooms/")
