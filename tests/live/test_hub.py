"""The hub, when events may have been lost, and without a channel layer."""

import asyncio
import time

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError

from chat import queries
from chat.actions import memberships, people, rooms
from chat.actions.messages import Draft, post_messages
from chat.live import feeds
from chat.live import hub as hub_module
from chat.models import Room
from chat.wire import protocol
from tests.live.far_end import in_thread, stored
from tests.patience import PATIENCE

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_a_client_that_does_not_read_keeps_nobody_else_from_what_they_lack(alice, bob, bob_client, tab):
    tab.reading.clear()
    tab.connection.put(b'{"type":"filler"}')  # So that something is on its way that is not taken.
    await in_thread(post_messages)([Draft(alice.pk, "untold", "psst", to="bob")])
    bob_client.node.hub.doubt()
    async with asyncio.timeout(PATIENCE):
        await bob_client.node.hub.put_right()
    assert await bob_client.messages_seen(1) == [1]
    tab.reading.set()
    assert await tab.messages_seen(1) == [1]


async def test_however_much_is_missing_it_is_read_once_for_all_and_to_its_end(
    alice, bob_client, tab, lobby, monkeypatch
):
    read, changes = [], queries.changes
    monkeypatch.setattr(queries, "changes", lambda *place: read.append(place) or changes(*place))
    await in_thread(stored)(alice, lobby, *(str(number) for number in range(2 * queries.REPLAY_PAGE + 1)))
    await bob_client.node.hub.catch_up()
    for client in (bob_client, tab):
        assert await client.messages_seen(101) == list(range(1, 102))
    assert read == [(lobby.pk, cursor) for cursor in (0, 50, 100)]


async def test_who_takes_longer_for_a_page_reads_on_alone(alice, bob_client, tab, lobby, monkeypatch):
    monkeypatch.setattr(feeds, "PAGE_SECONDS", 0.01)
    await bob_client.connection.flushed()
    tab.reading.clear()
    await in_thread(stored)(alice, lobby, *(str(number) for number in range(queries.REPLAY_PAGE + 1)))
    async with asyncio.timeout(PATIENCE):
        await bob_client.node.hub.catch_up()
    assert await bob_client.messages_seen(51) == list(range(1, 52))
    assert not tab.connection.is_settled
    tab.reading.set()
    assert await tab.messages_seen(51) == list(range(1, 52))


async def test_without_a_channel_layer_a_removal_is_found_by_the_next_look(alice, bob, den_client, without_layer):
    room, client = den_client
    await in_thread(memberships.remove)(alice, room, "bob")
    await client.node.hub.put_right()
    assert room.pk not in client.connection.cursors
    for event in await in_thread(stored)(alice, room, "canary"):
        client.tell(event)
    await client.until(lambda: client.of("removed"))
    assert "canary" not in "".join(client.messages)


async def test_without_a_channel_layer_a_room_one_was_brought_into_is_found_by_the_next_look(
    alice, bob, bob_client, without_layer
):
    room = await in_thread(rooms.create)(alice, Room.Kind.PRIVATE, "Den", "")
    await in_thread(memberships.add)(alice, room, "bob")
    await bob_client.node.hub.put_right()
    await bob_client.until(lambda: bob_client.of("room"))
    assert room.pk in bob_client.connection.cursors


async def test_without_a_channel_layer_a_sign_out_is_found_by_the_next_look(bob_client, admitted_bob, without_layer):
    await in_thread(SessionStore(admitted_bob.session_key).flush)()
    await bob_client.node.hub.put_right()
    async with asyncio.timeout(PATIENCE):
        await bob_client.gone.wait()
    assert bob_client.closed == [protocol.NOT_SIGNED_IN]


async def test_without_a_channel_layer_an_open_name_that_was_taken_over_is_found_by_the_next_look(
    robin_client, without_layer
):
    await in_thread(people.join_open)("robin", "second")
    await robin_client.node.hub.put_right()
    async with asyncio.timeout(PATIENCE):
        await robin_client.gone.wait()
    assert robin_client.closed == [protocol.NOT_SIGNED_IN]


async def test_looking_at_everybody_costs_few_queries_and_checks_nobody_who_is_where_they_may_be(
    bob, admitted_bob, lobby, node, without_layer, monkeypatch
):
    asked, query = [], hub_module.threads.query

    async def counted(function, *args):
        asked.append(function.__name__)
        return await query(function, *args)

    class Quiet:
        profile, admitted = bob, admitted_bob

        def __init__(self):
            self.cursors = {lobby.pk: 0}
            self.checked_at = time.monotonic()

    monkeypatch.setattr(hub_module.threads, "query", counted)
    node.hub.connections.update(Quiet() for _ in range(2 * hub_module.PIECE + 1))
    await node.hub.put_right()
    assert sorted(asked) == ["room_heads", *["room_ids_of"] * 3, *["standing"] * 3]


async def test_a_doubt_that_could_not_be_resolved_stays(bob_client, monkeypatch):
    doubtful, looked = bob_client.node.hub, []

    async def catch_up():
        looked.append("missed")
        if len(looked) == 1:
            raise OperationalError("away")

    resolved = asyncio.Event()

    async def check(connections):
        if connections is doubtful.connections:
            resolved.set()

    monkeypatch.setattr(hub_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(doubtful, "catch_up", catch_up)
    monkeypatch.setattr(feeds, "check", check)
    doubtful.doubt()
    async with asyncio.timeout(PATIENCE):
        await resolved.wait()
    assert looked[:2] == ["missed", "missed"]
