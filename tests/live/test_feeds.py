"""Events that come before those that precede them."""

import asyncio

import pytest

from chat import queries
from chat.live import feeds
from chat.live.hub import hub
from chat.models import Message
from tests.live.far_end import Client, assert_gone, in_thread, stored

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_what_waits_for_its_turn_keeps_its_deadline_however_busy_the_room_is(
    alice, bob_client, tab, lobby, monkeypatch
):
    monkeypatch.setattr(feeds, "HOLD_SECONDS", 0.05)
    told = await in_thread(stored)(alice, lobby, *(str(number) for number in range(50)))
    bob_client.connection.deliver(told[1])
    for event in told:
        tab.connection.deliver(event)
        await asyncio.sleep(0.02)
        if bob_client.of("message"):
            break
    assert [frame["sequence"] for frame in bob_client.of("message")][:2] == [1, 2]


async def test_many_events_before_their_turn_are_read_at_once_when_the_first_is_overdue(
    alice, bob_client, lobby, monkeypatch
):
    read, changes = [], queries.changes
    monkeypatch.setattr(queries, "changes", lambda *place: read.append(place) or changes(*place))
    for event in (await in_thread(stored)(alice, lobby, *(str(number) for number in range(20))))[1:]:
        bob_client.connection.deliver(event)
    assert await bob_client.messages_seen(20) == list(range(1, 21))
    assert read == [(lobby.pk, 0)]


async def test_a_room_keeps_no_more_than_so_many_events_that_came_too_early(alice, bob_client, lobby, monkeypatch):
    monkeypatch.setattr(feeds, "EARLY_EVENTS", 3)
    for event in (await in_thread(stored)(alice, lobby, *(str(number) for number in range(8))))[1:]:
        bob_client.connection.deliver(event)
        assert len(hub.feeds[lobby.pk]._early) <= 3
    assert await bob_client.messages_seen(8) == list(range(1, 9))


async def test_a_feed_ends_when_nothing_waits_in_it(alice, bob_client, lobby):
    one, two = await in_thread(stored)(alice, lobby, "1", "2")
    for event in (two, one):
        bob_client.connection.deliver(event)
    assert await bob_client.messages_seen(2) == [1, 2]
    async with asyncio.timeout(10):
        while hub.feeds:  # noqa: ASYNC110  What is waited for has no event of its own.
            await asyncio.sleep(0.01)


async def test_a_connection_that_ends_while_it_waits_is_let_go_of_at_once(alice, bob, admitted_bob, lobby):
    client = Client(admitted_bob)
    await client.connection.open()
    _, two = await in_thread(stored)(alice, lobby, "1", "2")
    client.connection.deliver(two)
    await client.connection.end()
    assert_gone(client)


async def test_a_message_that_is_missing_from_the_database_too_keeps_nobody_waiting(alice, bob_client, lobby):
    """As after somebody has deleted a row with SQL."""
    one, _, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    await in_thread(Message.objects.filter(room=lobby, number=2).delete)()
    for event in (one, three):
        bob_client.connection.deliver(event)
    assert await bob_client.messages_seen(2) == [1, 3]
    assert bob_client.connection.is_settled
    assert bob_client.connection.cursors[lobby.pk] == 3
