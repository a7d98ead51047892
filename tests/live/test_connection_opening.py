"""How a connection opens, what it is brought up to, and what it leaves when it ends."""

import asyncio

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError

from chat import queries
from chat.actions import memberships, rooms
from chat.layers.local import LocalChannelLayer
from chat.live import admission
from chat.live import connection as connection_module
from chat.live.node import Node
from chat.models import Room
from chat.wire import events, protocol
from tests.live.far_end import Client, assert_gone, in_thread, opened, stored
from tests.patience import PATIENCE

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_what_happens_while_the_connection_opens_is_not_lost(alice, bob, admitted_bob, lobby, monkeypatch):
    layer = LocalChannelLayer()
    client = Client(admitted_bob, Node(layer))
    own_rooms_of = queries.own_rooms_of

    def own_rooms_then_news(profile_ids):
        rooms = own_rooms_of(profile_ids)
        if profile_ids == [bob.pk]:
            (event,) = stored(alice, lobby, "news")
            loop.call_soon_threadsafe(layer.deliver, events.room_group(lobby.pk), events.pack(event))
        return rooms

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(connection_module.own_rooms, "function", own_rooms_then_news)
    await client.connection.open()
    assert await client.messages_seen(1) == [1]
    assert client.frames[0]["type"] == "hello"
    client.connection.end()


async def test_nothing_is_sent_before_the_client_has_said_its_cursors(alice, admitted_bob, lobby, node):
    client = Client(admitted_bob, node)
    async with opened(admitted_bob, node) as other:
        (one,) = await in_thread(stored)(alice, lobby, "1")
        other.tell(one)
        assert await other.messages_seen(1) == [1]
        assert client.messages == []
        await client.connection.sync({lobby.pk: 0})
        await client.until(lambda: client.of("synced"))
        kinds = [frame["type"] for frame in client.frames if frame["type"] != "presence"]
        assert kinds == ["hello", "message", "synced"]
        assert client.of("synced") == [{"type": "synced", "rooms": {str(lobby.pk): 1}}]
    client.connection.end()


async def test_what_is_said_while_a_client_is_brought_up_to_date_follows_in_its_turn(
    alice, admitted_bob, bob_client, lobby, node, monkeypatch
):
    changes_after, loop = queries.changes_after, asyncio.get_running_loop()
    for event in await in_thread(stored)(alice, lobby, *(str(number) for number in range(queries.REPLAY_PAGE))):
        bob_client.tell(event)

    def changes_and_news(*place):
        monkeypatch.setattr(queries, "changes_after", changes_after)
        page = changes_after(*place)
        for event in stored(alice, lobby, "more", "and more"):
            loop.call_soon_threadsafe(bob_client.tell, event)
        return page

    monkeypatch.setattr(queries, "changes_after", changes_and_news)
    client = Client(admitted_bob, node)
    await client.connection.sync({lobby.pk: 0})
    assert await client.messages_seen(52) == list(range(1, 53))
    assert [frame["after"] for frame in client.of("message")] == list(range(52))
    assert client.connection.cursors == {lobby.pk: 52}
    client.connection.end()


async def test_who_has_been_signed_out_before_they_say_their_cursors_hears_nothing(
    alice, admitted_bob, lobby, node, monkeypatch
):
    """Nobody told the connection: it was in no feed yet."""
    monkeypatch.setattr(connection_module, "STALE_SECONDS", 0)
    client = Client(admitted_bob, node)
    await in_thread(SessionStore(admitted_bob.session_key).flush)()
    await client.connection.sync({lobby.pk: 0})
    async with asyncio.timeout(PATIENCE):
        await client.gone.wait()
    assert client.closed == [protocol.NOT_SIGNED_IN]
    client.connection.end()


async def test_cursors_that_are_not_of_ones_rooms_are_told_so(alice, admitted_bob, lobby, node):
    secret = await in_thread(rooms.create)(alice, Room.Kind.PRIVATE, "Den", "")
    await in_thread(stored)(alice, secret, "canary")
    client = Client(admitted_bob, node)
    await client.connection.sync({secret.pk: 0, lobby.pk: 99})
    await client.until(lambda: client.of("synced"))
    assert client.of("removed") == [{"type": "removed", "room": secret.pk}]
    assert client.of("reset") == [{"type": "reset", "room": lobby.pk}]
    assert "canary" not in "".join(client.messages)
    assert client.of("typing") == []
    client.connection.end()


async def test_a_connection_that_could_not_be_opened_is_closed(admitted_bob, monkeypatch):
    async def fail(profile):
        raise OperationalError("away")

    monkeypatch.setattr(connection_module, "own_rooms", fail)
    client = Client(admitted_bob)
    await client.connection.sync()
    async with asyncio.timeout(PATIENCE):
        await client.gone.wait()
    assert client.closed == [protocol.RESTARTING]
    client.connection.end()


async def test_a_look_that_outlives_its_connection_leaves_nothing_behind(admitted_bob, alice, bob, monkeypatch):
    client = Client(admitted_bob)
    await client.connection.open()
    room = await in_thread(rooms.create)(alice, Room.Kind.PRIVATE, "Den", "")
    await in_thread(memberships.add)(alice, room, "bob")
    heads, may_go_on = admission.heads, asyncio.Event()

    async def slow(admitted):
        found = await heads(admitted)
        await may_go_on.wait()
        return found

    monkeypatch.setattr(admission, "heads", slow)
    looking = asyncio.create_task(client.connection.check())
    await asyncio.sleep(0)
    client.connection.end()
    may_go_on.set()
    await looking
    assert (client.node.feeds.rooms, client.node.feeds.people) == ({}, {})


async def test_a_connection_that_has_ended_is_gone_without_the_garbage_collector(admitted_bob):
    """Collecting what thousands leave behind would keep everybody else waiting."""
    client = Client(admitted_bob)
    await client.connection.open()
    client.connection.end()
    assert_gone(client)
