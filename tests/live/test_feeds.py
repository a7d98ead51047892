"""Feeds of rooms: changes in their order, once for all connections of a process."""

import asyncio

import pytest
from django.db import OperationalError

from chat import queries
from chat.actions import memberships
from chat.actions.messages import Draft, post_messages
from chat.live import feeds
from chat.models import Message
from chat.wire import events
from tests.live.far_end import Client, assert_gone, in_thread, opened, stored
from tests.tools import until

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


@pytest.fixture
def read(monkeypatch):
    """Which pages of changes were read: their rooms, and the cursors after which."""
    read, changes = [], queries.changes
    monkeypatch.setattr(queries, "changes", lambda *place: read.append(place) or changes(*place))
    return read


def numbered(count):
    return [str(number) for number in range(count)]


async def test_an_early_event_keeps_its_deadline_however_busy_the_room_is(alice, bob_client, lobby, monkeypatch):
    monkeypatch.setattr(feeds, "EARLY_SECONDS", 0.05)
    told = await in_thread(stored)(alice, lobby, *numbered(50))
    for event in told[1:]:
        bob_client.tell(event)
        await asyncio.sleep(0.02)
        if bob_client.of("message"):
            break
    assert [frame["sequence"] for frame in bob_client.of("message")][:2] == [1, 2]


async def test_many_early_events_are_read_at_once_when_the_first_is_overdue(alice, bob_client, lobby, read):
    for event in (await in_thread(stored)(alice, lobby, *numbered(20)))[1:]:
        bob_client.tell(event)
    assert await bob_client.messages_seen(20) == list(range(1, 21))
    assert read == [(lobby.pk, 0)]


async def test_more_early_events_than_a_room_buffers_are_read_with_what_they_wait_for(
    alice, bob_client, tab, lobby, read, monkeypatch
):
    monkeypatch.setattr(feeds, "EARLY_EVENTS", 3)
    monkeypatch.setattr(feeds, "EARLY_SECONDS", 60)
    for event in (await in_thread(stored)(alice, lobby, *numbered(8)))[1:]:
        bob_client.tell(event)
    for client in (bob_client, tab):
        assert await client.messages_seen(8) == list(range(1, 9))
    assert read == [(lobby.pk, 0)]


async def test_what_arrives_while_a_gap_is_read_is_given_in_its_turn_and_once(alice, bob_client, lobby, monkeypatch):
    """The missing event, the one after the gap again, and one more."""
    one, two, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    changes, loop = queries.changes, asyncio.get_running_loop()

    def changes_late(*place):
        found = changes(*place)
        for event in (one, two, three):
            loop.call_soon_threadsafe(bob_client.tell, event)
        return found

    monkeypatch.setattr(queries, "changes", changes_late)
    monkeypatch.setattr(feeds, "EARLY_SECONDS", 0.01)
    bob_client.tell(two)
    assert await bob_client.messages_seen(3) == [1, 2, 3]
    await bob_client.connection.sync()
    assert [frame["sequence"] for frame in bob_client.of("message")] == [1, 2, 3]


async def test_a_gap_that_could_not_be_read_is_read_again(alice, bob_client, lobby, monkeypatch):
    fails, changes = [OperationalError("away")], queries.changes

    def changes_sometimes(*place):
        if fails:
            raise fails.pop()
        return changes(*place)

    monkeypatch.setattr(queries, "changes", changes_sometimes)
    monkeypatch.setattr(feeds, "EARLY_SECONDS", 0.01)
    monkeypatch.setattr(feeds, "RETRY_SECONDS", 0.01)
    _, two = await in_thread(stored)(alice, lobby, "1", "2")
    bob_client.tell(two)
    assert await bob_client.messages_seen(2) == [1, 2]


async def test_a_connection_that_resumes_behind_its_room_reads_on_alone(
    alice, admitted_bob, bob_client, lobby, node, read
):
    for event in await in_thread(stored)(alice, lobby, "1", "2"):
        bob_client.tell(event)
    late = Client(admitted_bob, node)
    await late.connection.sync({lobby.pk: 1})
    (three,) = await in_thread(stored)(alice, lobby, "3")
    late.tell(three)
    assert await bob_client.messages_seen(3) == [1, 2, 3]
    assert await late.messages_seen(2) == [2, 3]
    assert read == []
    late.connection.end()


async def test_a_connection_that_opens_ahead_of_its_room_is_given_nothing_twice(
    alice, admitted_bob, bob_client, lobby, node
):
    """It has read a change whose event is still on its way."""
    one, two = await in_thread(stored)(alice, lobby, "1", "2")
    async with opened(admitted_bob, node) as late:
        for event in (one, two):
            late.tell(event)
        assert await bob_client.messages_seen(2) == [1, 2]
        (three,) = await in_thread(stored)(alice, lobby, "3")
        late.tell(three)
        assert await late.messages_seen(1) == [3]


async def test_who_is_not_in_the_room_any_more_gets_nothing_of_a_gap(alice, bob, den_client, node):
    """The event that ended the membership was lost together with the event that is missing."""
    room, client = den_client
    await in_thread(memberships.remove)(alice, room, "bob")
    await in_thread(stored)(alice, room, "canary")
    (event,) = await in_thread(stored)(alice, room, "second canary")
    client.tell(event)
    await client.until(lambda: client.of("removed"))
    assert "canary" not in "".join(client.messages)
    assert room.pk not in node.feeds.rooms


async def test_a_direct_room_has_one_feed_whoever_of_its_two_people_an_event_is_for(alice, bob, bob_client, node):
    (first,) = await in_thread(post_messages)([Draft(alice.pk, "one", "psst", to="bob")])
    event = events.messages(first.room, [first.message])
    bob_client.tell(event)
    assert await bob_client.messages_seen(1) == [1]
    (second,) = await in_thread(post_messages)([Draft(alice.pk, "two", "psst", to="bob")])
    event = events.messages(second.room, [second.message])
    for _ in range(2):
        node.feeds.people[bob.pk].on_event(event)
    await bob_client.connection.sync()
    assert [frame["sequence"] for frame in bob_client.of("message")] == [1, 2]
    assert set(node.feeds.rooms) >= {first.room.pk}


async def test_one_connection_that_fails_keeps_nobody_else_from_an_event(alice, bob_client, tab, lobby, monkeypatch):
    def fail(event):
        raise ValueError("broken")

    class Broken:
        profile, cursors, is_flushed, hear = alice, {}, True, staticmethod(fail)

    broken = Broken()
    feed = bob_client.node.feeds.enter(broken, lobby.pk)
    (one,) = await in_thread(stored)(alice, lobby, "1")
    feed.on_event(one)
    for client in (bob_client, tab):
        assert await client.messages_seen(1) == [1]
    bob_client.node.feeds.leave(broken, lobby.pk)


# Coming and going.


async def test_a_room_is_one_subscription_however_many_connections_are_in_it(
    admitted_bob, bob, lobby, node, monkeypatch
):
    groups, add = [], node.layer.group_add

    async def noted(group, channel):
        groups.append(group)
        await add(group, channel)

    monkeypatch.setattr(node.layer, "group_add", noted)
    async with opened(admitted_bob, node) as client, opened(admitted_bob, node) as tab:
        for one in (client, tab):
            await one.connection.settled()
        assert sorted(groups) == sorted([events.room_group(lobby.pk), events.user_group(bob.pk)])


async def test_a_feed_ends_with_its_last_connection(admitted_bob, lobby, node):
    async with opened(admitted_bob, node):
        assert lobby.pk in node.feeds.rooms
        async with opened(admitted_bob, node):
            pass
        assert lobby.pk in node.feeds.rooms
    assert (node.feeds.rooms, node.feeds.people) == ({}, {})
    await until(lambda: not node.layer.has_local(events.room_group(lobby.pk)))


async def test_who_comes_back_at_once_hears_all_the_same(alice, admitted_bob, lobby, node):
    """The subscription of before ends while the new one begins."""
    async with opened(admitted_bob, node):
        pass
    async with opened(admitted_bob, node) as client:
        await asyncio.sleep(0.01)
        (one,) = await in_thread(stored)(alice, lobby, "1")
        node.layer.deliver(events.room_group(lobby.pk), events.pack(one))
        assert await client.messages_seen(1) == [1]


async def test_a_connection_that_ends_while_an_event_waits_is_let_go_of_at_once(alice, admitted_bob, lobby):
    client = Client(admitted_bob)
    await client.connection.open()
    _, two = await in_thread(stored)(alice, lobby, "1", "2")
    client.tell(two)
    client.connection.end()
    assert_gone(client)


async def test_a_message_that_is_missing_from_the_database_too_keeps_nobody_waiting(alice, bob_client, lobby):
    """As after somebody has deleted a row with SQL."""
    one, _, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    await in_thread(Message.objects.filter(room=lobby, number=2).delete)()
    for event in (one, three):
        bob_client.tell(event)
    assert await bob_client.messages_seen(2) == [1, 3]
    assert bob_client.connection.is_settled
    assert bob_client.connection.cursors[lobby.pk] == 3
