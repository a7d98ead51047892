"""Who is here, when something fails on the way to it."""

import asyncio
from types import SimpleNamespace

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError

from chat import queries
from chat.actions import leases
from chat.layers.local import LocalChannelLayer
from chat.live import presence as presence_module
from chat.live import threads
from chat.live.feeds import Feeds
from chat.live.node import Node
from chat.live.presence import Presence
from chat.models import Room
from chat.wire import events
from tests.clients import Person, names
from tests.live.far_end import Client
from tests.servers import Cluster, Redis
from tests.tools import until

ROOM = Room(pk=5)


class Connection:
    """Somebody's connection in a room."""

    def __init__(self, person: int) -> None:
        self.profile = SimpleNamespace(pk=person)
        self.cursors = {ROOM.pk: 1}

    def put(self, frame: bytes) -> None:
        pass


def quiet_presence() -> Presence:
    """Of a process without channel layer."""
    return Presence(Feeds(LocalChannelLayer()))


def two_are_here() -> tuple[Presence, Connection]:
    """A process's presence with two people, and the connection of the first, who is number 1."""
    presence, alice, bob = quiet_presence(), Connection(1), Connection(2)
    for connection in (alice, bob):
        presence.arrive(connection, [ROOM])
    return presence, alice


class Leases:
    """A database of leases of one process, in which a write can be made to wait or to fail."""

    def __init__(self) -> None:
        self.stored: set[int] = set()
        self.writes: list[str] = []
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.fails = 0
        self.cleared: set[int] = set()
        """Of other processes."""

    async def act(self, function, *args):
        self.writes.append(function.__name__)
        await self.may_write.wait()
        if self.fails:
            self.fails -= 1
            raise OperationalError("away")
        if function is leases.settle:
            _, here, gone, _ = args
            self.stored = (self.stored | set(here)) - set(gone)
        elif function is leases.renew:
            changed = self.stored ^ set(args[1]) | self.cleared
            self.stored, self.cleared = set(args[1]), set()
            return changed
        elif function is leases.end:
            self.stored -= set(args[1])
        else:
            self.stored.add(args[0].pk)
        return set()


@pytest.fixture
def rows(monkeypatch):
    rows = Leases()
    monkeypatch.setattr(threads, "act", rows.act)
    return rows


@pytest.fixture
def asked(monkeypatch):
    """Whose rooms were looked up."""
    asked = []

    async def query(function, people):
        asked.append(set(people))
        return [ROOM]

    monkeypatch.setattr(threads, "query", query)
    return asked


@pytest.fixture
def told(monkeypatch, rows, asked):
    """What was stored whenever the room was told that somebody has come or gone."""
    told = []

    async def announce_all(news):
        told.append(set(rows.stored))

    monkeypatch.setattr(presence_module, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(presence_module, "LOOK_SECONDS", 0.01)
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
    monkeypatch.setattr(threads, "query", query)
    quiet_presence().look_at(7)
    await until(lambda: looks == [[7], [7]])


async def test_who_comes_is_told_of_once_their_lease_is_stored(told, rows):
    rows.fails = 1
    two_are_here()
    await until(lambda: told)
    assert told[0] == {1, 2}


async def test_who_goes_is_told_of_once_their_lease_has_ended(told, rows):
    presence, alice = two_are_here()
    await until(lambda: told)
    rows.fails = 2
    presence.depart(alice, 0)
    await until(lambda: told[-1] == {2})


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_change_that_could_not_be_told_is_told_later(monkeypatch, told, rows, asked, leaves):
    """The lease of who left, or of another process's people, is cleared away; that is seen once."""
    fails = [OperationalError("away")]

    async def query(function, people):
        asked.append(set(people))
        if fails:
            raise fails.pop()
        return [ROOM]

    presence, alice = two_are_here()
    await until(lambda: told)
    monkeypatch.setattr(threads, "query", query)
    told.clear()
    if leaves:
        presence.depart(alice, 0)
    else:
        rows.cleared = {3}
    await until(lambda: told)
    missed = 1 if leaves else 3
    assert [people for people in asked if missed in people][:2] == [{missed}] * 2


async def test_who_leaves_while_leases_are_renewed_gets_none_back(told, rows):
    presence, alice = two_are_here()
    await until(lambda: told)
    rows.may_write.clear()
    await until(lambda: rows.writes[-1] == "renew")
    presence.depart(alice, 0)
    await asyncio.sleep(0.01)
    rows.may_write.set()
    await until(lambda: told[-1] == {2})
    assert rows.stored == {2}


async def test_who_leaves_while_their_lease_is_being_taken_has_none_in_the_end(told, rows):
    """A lease that is stored after its end would show them as here for another half a minute."""
    rows.may_write.clear()
    presence, alice = two_are_here()
    await until(lambda: rows.writes)
    presence.depart(alice, 0)
    await asyncio.sleep(0.01)
    assert rows.writes == ["settle"]  # One after the other.
    rows.may_write.set()
    await until(lambda: told and told[-1] == {2})
    assert rows.stored == {2}


async def test_who_is_back_before_their_end_is_stored_keeps_their_lease(told, rows):
    presence, alice = two_are_here()
    await until(lambda: told)
    rows.may_write.clear()
    await until(lambda: rows.writes[-1] == "renew")
    presence.depart(alice, 0)
    await asyncio.sleep(0.01)
    presence.arrive(alice, [ROOM])
    rows.may_write.set()
    await until(lambda: rows.writes[-1] == "renew" and rows.writes.count("settle") > 1)
    assert rows.stored == {1, 2}


async def test_an_open_name_whose_connection_has_ended_is_not_held_after_that(told, rows):
    presence, alice = two_are_here()
    await until(lambda: told)
    rows.may_write.clear()
    await until(lambda: rows.writes[-1] == "renew")
    alice.admitted = SimpleNamespace(profile=alice.profile, holder="holder")
    taking_over = asyncio.create_task(presence.take_over(alice))
    await asyncio.sleep(0)
    taking_over.cancel()  # As when the server kills what has not ended some seconds after its client.
    presence.depart(alice, 0)
    await asyncio.sleep(0.01)
    rows.may_write.set()
    await until(lambda: told[-1] == {2})
    assert rows.stored == {2}
    assert "hold" not in rows.writes


async def test_a_room_one_comes_into_while_ones_lease_is_on_its_way_is_told_too(told, rows, asked):
    rows.may_write.clear()
    presence, alice = two_are_here()
    await until(lambda: rows.writes)
    presence.show(alice, 6)
    rows.may_write.set()
    await until(lambda: {1} in asked)


async def test_of_many_who_go_together_it_is_stored_and_told_together(told, rows):
    presence, crowd = quiet_presence(), [Connection(number) for number in range(100)]
    for one in crowd:
        presence.arrive(one, [ROOM])
    await until(lambda: told)
    rows.writes.clear()
    told.clear()
    for one in crowd:
        presence.depart(one, 0)
    await until(lambda: told and told[-1] == set())
    assert len(told) < 5
    assert rows.writes.count("settle") < 5


@pytest.mark.usefixtures("live_threads")
async def test_who_polls_is_told_who_is_here_only_when_that_has_changed(admitted_bob, lobby, monkeypatch):
    """Each poll is a connection of its own, and the only one in its room."""
    node = Node(get_channel_layer())
    looked, pictures = [], queries.pictures
    monkeypatch.setattr(queries, "pictures", lambda *asked: looked.append(asked) or pictures(*asked))
    monkeypatch.setattr(presence_module, "LOOK_SECONDS", 0.01)
    first, second = Client(admitted_bob, node), Client(admitted_bob, node)
    await first.connection.open({lobby.pk: 0}, greets=False)
    await first.until(lambda: first.of("presence") and names(first.of("presence")[-1]["here"]) == ["bob"])
    first.connection.end()
    seen = len(looked)
    await second.connection.open({lobby.pk: 0}, greets=False)
    await until(lambda: len(looked) > seen and not node.presence.is_looking)
    assert second.messages == []
    second.connection.end()


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
        assert names((await seeing.expect("presence", count=1))["here"]) == ["bob"]
        redis.kill()
        await alice.connect()
        redis.start()
        assert names((await seeing.expect("presence", count=2))["here"]) == ["alice", "bob"]
        await alice.close()
        await bob.close()
    finally:
        cluster.stop()
        redis.stop()
