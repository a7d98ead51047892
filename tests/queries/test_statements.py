"""Statements are bounded: a database takes 32,766 values in one (SQLite), or 65,535 (PostgreSQL)."""

import inspect
import sqlite3
import typing
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chat import queries
from chat.actions import leases
from chat.live import admission
from chat.models import Lease, Profile, Room
from chat.queries.sql import PIECE, Cursor, adapted, pieces
from tests.pages import say

MANY = 70_000
OF_SQLITE = 32_766
LISTS = (Collection, Iterable, Sequence)


@pytest.fixture(autouse=True)
def as_delivered(db):
    """SQLite takes as many values as it does where nobody has chosen another number: Debian's takes 250,000."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, OF_SQLITE)
        yield
        connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)
    else:
        yield


def takers(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The public functions of a module that take a list."""
    return {
        f"{module.__name__}.{name}": function
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__.startswith(module.__name__) and not name.startswith("_")
        if any(typing.get_origin(hint) in LISTS for hint in hints(function).values())
    }


def hints(function: Callable[..., Any]) -> dict[str, Any]:
    return {name: hint for name, hint in typing.get_type_hints(function).items() if name != "return"}


def value(hint: Any) -> Any:
    """Something of this type, none of which is stored; of a list, too many for one statement."""
    if typing.get_origin(hint) in LISTS:
        (kind,) = typing.get_args(hint)
        return [one(kind, number) for number in range(10**6, 10**6 + MANY)]
    return {datetime: timezone.now(), timedelta: timedelta(seconds=1)}.get(hint) or one(hint, 1)


def one(kind: Any, number: int) -> Any:
    if typing.get_origin(kind) is tuple:
        return tuple(one(part, number) for part in typing.get_args(kind))
    made = {int: int, str: "name {}".format, Profile: lambda pk: Profile(pk=pk, nickname=f"name {pk}")}
    return made[kind](number)


ALL = (
    takers(queries)
    | {name: function for name, function in takers(leases).items() if "take" not in name and "renew" not in name}
    | {"sessions": admission._users}
)


def test_all_that_take_lists_are_known():
    assert len(ALL) > 12


@pytest.mark.proof
@pytest.mark.one_database  # SQLite takes fewer values in a statement.
@pytest.mark.parametrize("name", ALL)
def test_any_number_of_people_rooms_or_sessions_can_be_asked_for(name):
    function = ALL[name]
    function(*(value(hint) for hint in hints(function).values()))


@pytest.mark.proof
def test_any_number_of_leases_can_be_renewed_given_up_and_cleared_away(alice):
    """They belong to people that are not stored, for as long as nobody looks: making so many users takes too long."""
    many = [alice.pk, *range(10**6, 10**6 + MANY)]
    try:
        leases.acquire("one", [alice.pk], timedelta(seconds=30))
        for process, seconds in (("one", 30), ("dead", -30)):
            give_leases(process, timezone.now() + timedelta(seconds=seconds))
        leases.end("two", many)
        assert leases.renew("one", [alice.pk], timedelta(seconds=60)) == set(many[1:])
        assert Lease.objects.get().profile == alice
    finally:
        Lease.objects.all().delete()


def give_leases(process: str, until: datetime) -> None:
    Cursor().many(
        "INSERT INTO chat_lease (process, profile_id, expires_at) WITH RECURSIVE people(pk) AS"
        " (SELECT 1000000 UNION ALL SELECT pk + 1 FROM people WHERE pk < %s - 1) SELECT %s, pk, %s FROM people",
        [(10**6 + MANY, process, adapted(until))],
    )


def test_pieces_have_everything_once():
    assert list(pieces([])) == []
    numbers = [*range(2 * PIECE + 1), 0, 1]
    assert [len(piece) for piece in pieces(numbers)] == [PIECE, PIECE, 1]
    assert [number for piece in pieces(numbers) for number in piece] == numbers[:-2]


def test_what_is_found_in_several_pieces_is_found_once(alice, bob, den):
    strangers = range(10**6, 10**6 + PIECE)
    found = queries.rooms_of([alice.pk, *strangers, bob.pk])
    assert sorted(room.pk for room in found) == sorted(Room.objects.values_list("pk", flat=True))
    assert queries.members_among(den.pk, [alice.pk, *strangers, bob.pk]) == {alice.pk, bob.pk}
    people = queries.picture_of([alice, *(one(Profile, number) for number in strangers), bob], timezone.now())
    assert people.members == PIECE + 2


def test_what_is_read_by_a_statement_of_our_own_is_as_the_orm_reads_it(alice, den):
    say(alice, "hello", room=den)
    [message] = queries.changes_after(alice.pk, den.pk, 0)
    own = queries.own_room(alice.pk, den.pk)
    for found in (message, message.sender, own.room, queries.profile_of(alice.pk)):
        stored = type(found).objects.get(pk=found.pk)
        assert {name: getattr(stored, name) for name in vars(found) if name != "_state"} == {
            name: value for name, value in vars(found).items() if name != "_state"
        }
    assert message.sent_at.utcoffset() == timedelta(0)
