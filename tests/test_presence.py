"""Who is here, when something fails on the way to it."""

import asyncio
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from chat.actions import leases
from chat.live import database, events
from chat.live import presence as presence_module
from chat.live.presence import Presence
from chat.models import Room
from tests.clients import Person
from tests.servers import Cluster, Redis
from tests.test_redis_layer import until

ROOM = Room(pk=5)


class Connection:
    """Somebody's connection in a room."""

    def __init__(self, person: int) -> None:
        self.profile = SimpleNamespace(pk=person)
        self.cursors = {ROOM.pk: 1}

    def put(self, frame: bytes) -> None:
        pass


def two_are_here() -> tuple[Presence, Connection]:
    """A process's presence with two people, and the connection of the first, who is number 1."""
    presence, alice, bob = Presence(), Connection(1), Connection(2)
    for connection in (alice, bob):
        presence.arrive(connection, [ROOM])
    return presence, alice


@pytest.fixture
def told(monkeypatch):
    """A database that knows one room, and what the room is told of presence."""
    told = []

    async def announce_all(news):
        told.append(news)

    async def query(function, *args):
        return [ROOM] if args[0] else []

    monkeypatch.setattr(presence_module, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(database, "query", query)
    monkeypatch.setattr(events, "announce_all", announce_all)
    return told


async def test_a_look_that_fails_is_taken_again(monkeypatch):
    looks = []

    async def query(function, rooms, now):
        looks.append(rooms)
        if len(looks) == 1:
            raise OperationalError("away")
        return {}

    monkeypatch.setattr(presence_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(database, "query", query)
    Presence().look_at(7)
    await until(lambda: looks == [[7], [7]])


async def test_whose_lease_is_taken_only_when_it_is_renewed_is_told_of_then(monkeypatch, told):
    told_before = []

    async def act(function, *args):
        if function is leases.take:
            raise OperationalError("locked")
        told_before.append(len(told))
        return {1} if len(told_before) == 1 else set()

    monkeypatch.setattr(database, "act", act)
    presence = Presence()
    presence.arrive(Connection(1), [ROOM])
    await until(lambda: told_before and len(told) > told_before[0])
    presence._renewing.cancel()


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_change_that_could_not_be_told_is_told_with_the_next(monkeypatch, told, leaves):
    """The lease of who left, or of another process's people, is cleared away; that is seen once."""
    asked = []

    async def act(function, process, people, *length):
        return {3} if function is leases.renew and not leaves and not asked else set()

    async def query(function, people):
        asked.append(people)
        if len(asked) == 1:
            raise OperationalError("away")
        return [ROOM] if people else []

    monkeypatch.setattr(database, "act", act)
    presence, alice = two_are_here()
    await until(lambda: told)
    monkeypatch.setattr(database, "query", query)
    told.clear()
    if leaves:
        presence.depart(alice, 0)
    await until(lambda: told)
    presence._renewing.cancel()
    missed = 1 if leaves else 3
    assert missed in asked[0]
    assert missed in asked[1]


async def test_who_leaves_while_the_database_is_away_is_told_of_later(monkeypatch, told):
    failed = asyncio.Event()

    async def act(function, *args):
        if function is leases.end:
            failed.set()
            raise OperationalError("away")
        return set()

    asked = []

    async def query(function, people):
        asked.append(set(people))
        return [ROOM] if people else []

    monkeypatch.setattr(database, "act", act)
    presence, alice = two_are_here()
    monkeypatch.setattr(database, "query", query)
    presence.depart(alice, 0)
    await failed.wait()
    await until(lambda: any(1 in people for people in asked))
    presence._renewing.cancel()


async def test_who_leaves_while_leases_are_renewed_gets_none_back(monkeypatch, told):
    stored, has_begun, has_left = set(), asyncio.Event(), asyncio.Event()

    async def act(function, process, people, *length):
        if function is leases.renew:
            has_begun.set()
            await has_left.wait()
        if function is leases.end:
            stored.difference_update(people)
            has_left.set()
        else:
            stored.update(people)
        return set()

    monkeypatch.setattr(database, "act", act)
    presence, alice = two_are_here()
    await has_begun.wait()
    presence.depart(alice, 0)
    await has_left.wait()
    await until(lambda: stored == {2})
    await asyncio.sleep(0)
    presence._renewing.cancel()
    assert stored == {2}


async def test_who_comes_while_redis_is_away_is_shown_when_it_is_back(tmp_path):
    redis = Redis()
    redis.start()
    cluster = Cluster(tmp_path / "site", 2, redis=redis)
    cluster.migrate()
    cluster.start()
    one, two = cluster.sites
    try:
        alice, bob = await Person.join(one, "alice"), await Person.join(two, "bob")
        seeing = await bob.connect()
        await seeing.expect("presence", here=["bob"])
        redis.kill()
        await alice.connect()
        redis.start()
        await seeing.expect("presence", here=["alice", "bob"])
        await alice.close()
        await bob.close()
    finally:
        cluster.stop()
        redis.stop()
