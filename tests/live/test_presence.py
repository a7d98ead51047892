"""Presence when the database or the layer fails."""

import asyncio
from types import SimpleNamespace

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError

from chat import queries
from chat.live import presence as presence_module
from chat.live import threads
from chat.live.node import Node
from chat.live.presence import Presence
from chat.wire import events
from tests.clients import names
from tests.live.far_end import Client
from tests.live.leased import ROOM, FakeConnection, LeaseDatabase, quiet_presence, two_are_here
from tests.tools import until


@pytest.fixture
def database(monkeypatch):
    """Where the leases are stored, in place of the real one."""
    database = LeaseDatabase()
    monkeypatch.setattr(threads, "act", database.act)
    return database


@pytest.fixture
def looked_up(monkeypatch):
    """The people whose rooms were looked up."""
    looked_up = []

    async def query(function, people):
        looked_up.append(set(people))
        return [ROOM]

    monkeypatch.setattr(threads, "query", query)
    return looked_up


@pytest.fixture
def announcements(monkeypatch, database, looked_up):
    """The people whose leases were stored whenever the room was told that somebody has come or gone."""
    announcements = []

    async def announce_all(news):
        announcements.append(set(database.stored))

    monkeypatch.setattr(presence_module, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(presence_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(events, "announce_all", announce_all)
    return announcements


@pytest.fixture
async def here(announcements) -> tuple[Presence, FakeConnection]:
    """Two people are here, as the room knows; of the first, whose number is 1, also the connection."""
    presence, alice = two_are_here()
    await until(lambda: announcements)
    return presence, alice


@pytest.fixture
async def renewing(here, database) -> tuple[Presence, FakeConnection]:
    """The same, while their leases are being renewed: that waits until `database.may_write`."""
    database.may_write.clear()
    await until(lambda: database.writes[-1] == "renew")
    return here


async def test_a_look_that_fails_is_taken_again(monkeypatch):
    looks = []

    async def query(function, rooms, now):
        looks.append(rooms)
        if len(looks) == 1:
            raise OperationalError("away")
        return {}

    monkeypatch.setattr(presence_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(threads, "query", query)
    quiet_presence().look_at(7)
    await until(lambda: looks == [[7], [7]])


async def test_who_comes_is_told_of_once_their_lease_is_stored(announcements, database):
    database.failures = 1
    two_are_here()
    await until(lambda: announcements)
    assert announcements[0] == {1, 2}


async def test_who_goes_is_told_of_once_their_lease_has_ended(here, announcements, database):
    presence, alice = here
    database.failures = 2
    presence.depart(alice, 0)
    await until(lambda: announcements[-1] == {2})


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_change_that_could_not_be_told_is_told_later(
    monkeypatch, here, announcements, database, looked_up, leaves
):
    """The lease of who left, or of another process's people, is cleared away; that is seen once."""
    failures = [OperationalError("away")]

    async def query(function, people):
        looked_up.append(set(people))
        if failures:
            raise failures.pop()
        return [ROOM]

    presence, alice = here
    monkeypatch.setattr(threads, "query", query)
    announcements.clear()
    if leaves:
        presence.depart(alice, 0)
    else:
        database.cleared = {3}
    await until(lambda: announcements)
    missed = 1 if leaves else 3
    assert [people for people in looked_up if missed in people][:2] == [{missed}] * 2


async def test_who_leaves_while_leases_are_renewed_gets_none_back(renewing, announcements, database):
    presence, alice = renewing
    presence.depart(alice, 0)
    await asyncio.sleep(0.01)
    database.may_write.set()
    await until(lambda: announcements[-1] == {2})
    assert database.stored == {2}


async def test_who_leaves_while_their_lease_is_being_taken_has_none_in_the_end(announcements, database):
    """A lease that is stored after its end would show them as here for another half a minute."""
    database.may_write.clear()
    presence, alice = two_are_here()
    await until(lambda: database.writes)
    presence.depart(alice, 0)
    await asyncio.sleep(0.01)
    assert database.writes == ["settle"]  # One after the other.
    database.may_write.set()
    await until(lambda: announcements and announcements[-1] == {2})
    assert database.stored == {2}


async def test_who_is_back_before_their_end_is_stored_keeps_their_lease(renewing, database):
    presence, alice = renewing
    presence.depart(alice, 0)
    await asyncio.sleep(0.01)
    presence.arrive(alice, [ROOM])
    database.may_write.set()
    await until(lambda: database.writes[-1] == "renew" and database.writes.count("settle") > 1)
    assert database.stored == {1, 2}


async def test_an_open_name_whose_connection_has_ended_is_not_held_after_that(renewing, announcements, database):
    presence, alice = renewing
    alice.admitted = SimpleNamespace(profile=alice.profile, holder="holder")
    taking_over = asyncio.create_task(presence.take_over(alice))
    await asyncio.sleep(0)
    taking_over.cancel()  # As when the server kills what has not ended some seconds after its client.
    presence.depart(alice, 0)
    await asyncio.sleep(0.01)
    database.may_write.set()
    await until(lambda: announcements[-1] == {2})
    assert database.stored == {2}
    assert "take_over" not in database.writes


async def test_a_room_one_comes_into_while_ones_lease_is_on_its_way_is_told_too(announcements, database, looked_up):
    database.may_write.clear()
    presence, alice = two_are_here()
    await until(lambda: database.writes)
    presence.show(alice, 6)
    database.may_write.set()
    await until(lambda: {1} in looked_up)


async def test_of_many_who_go_together_it_is_stored_and_told_together(announcements, database):
    presence, crowd = quiet_presence(), [FakeConnection(number) for number in range(100)]
    for connection in crowd:
        presence.arrive(connection, [ROOM])
    await until(lambda: announcements)
    database.writes.clear()
    announcements.clear()
    for connection in crowd:
        presence.depart(connection, 0)
    await until(lambda: announcements and announcements[-1] == set())
    assert len(announcements) < 5
    assert database.writes.count("settle") < 5


@pytest.mark.usefixtures("live_threads")
async def test_who_polls_is_told_who_is_here_only_when_that_has_changed(admitted_bob, lobby, monkeypatch):
    """Each poll is a connection of its own, and the only one in its room."""
    node = Node(get_channel_layer())
    looks, pictures = [], queries.pictures
    monkeypatch.setattr(queries, "pictures", lambda *asked: looks.append(asked) or pictures(*asked))
    monkeypatch.setattr(presence_module, "LOOK_SECONDS", 0.01)
    first, second = Client(admitted_bob, node), Client(admitted_bob, node)
    await first.connection.open({lobby.pk: 0}, greets=False)
    await first.until(lambda: first.of("presence") and names(first.of("presence")[-1]["here"]) == ["bob"])
    first.connection.end()
    seen = len(looks)
    await second.connection.open({lobby.pk: 0}, greets=False)
    await until(lambda: len(looks) > seen and not node.presence.is_looking)
    assert second.messages == []
    second.connection.end()
