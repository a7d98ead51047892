"""Rooms that a connection gets, loses or never had, and the open name that it speaks under."""

import asyncio

import pytest

from chat.actions import memberships, people, rooms
from chat.actions.messages import Draft, post_messages
from chat.models import Room
from chat.wire import events, protocol
from tests.live.far_end import in_thread, stored
from tests.patience import PATIENCE

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_a_room_that_the_connection_has_not_heard_of_is_shown_with_its_message(alice, bob, bob_client):
    def secret():
        room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
        memberships.add(alice, room, "bob")
        return room, stored(alice, room, "1")[0]

    room, event = await in_thread(secret)()
    bob_client.tell(event)
    assert await bob_client.messages_seen(1) == [1]
    assert bob_client.of("room")[0]["room"]["id"] == room.pk


async def test_a_direct_room_whose_first_event_was_lost_is_found_with_all_that_was_said_in_it(alice, bob, bob_client):
    drafts = [Draft(alice.pk, f"direct-{number}", str(number), to="bob") for number in (1, 2)]
    outcomes = await in_thread(post_messages)(drafts)
    await bob_client.connection.check()
    assert await bob_client.messages_seen(2) == [1, 2]
    assert bob_client.of("room")[0]["room"]["id"] == outcomes[0].room.pk


async def test_a_room_that_one_is_not_in_stays_unheard_of(alice, bob_client):
    def secret():
        room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
        return room, stored(alice, room, "canary")[0]

    room, event = await in_thread(secret)()
    bob_client.tell(event)
    await bob_client.connection.sync()
    await bob_client.until(lambda: bob_client.of("synced"))
    assert "canary" not in "".join(bob_client.messages)
    assert room.pk not in bob_client.connection.cursors


async def test_what_is_said_after_a_removal_that_nobody_told_of_is_not_caught_up(alice, bob, bob_client):
    def removed_without_a_word():
        room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
        memberships.enter(bob, room)
        return room

    room = await in_thread(removed_without_a_word)()
    await bob_client.connection.check()
    await bob_client.connection.settled()
    await in_thread(memberships.remove)(alice, room, "bob")
    await in_thread(stored)(alice, room, "canary")
    await bob_client.node.feeds.rooms[room.pk].catch_up(1)
    await bob_client.until(lambda: bob_client.of("removed"))
    assert "canary" not in "".join(bob_client.messages)


async def test_memberships_whose_events_were_lost_are_found_by_the_heartbeat(alice, bob, bob_client):
    room = await in_thread(rooms.create)(alice, Room.Kind.PUBLIC, "Den", "")
    await in_thread(memberships.join)(bob, room.slug)
    await bob_client.connection.sync()
    await bob_client.until(lambda: any(frame["room"]["id"] == room.pk for frame in bob_client.of("room")))
    await in_thread(memberships.leave)(bob, room.pk)
    await bob_client.connection.sync()
    await bob_client.until(lambda: bob_client.of("removed"))
    assert bob_client.of("removed") == [{"type": "removed", "room": room.pk}]


async def test_a_read_mark_whose_event_was_lost_is_found_by_the_heartbeat(alice, bob, bob_client, lobby):
    await in_thread(stored)(alice, lobby, "1", "2")
    await in_thread(memberships.mark_read)(bob.pk, lobby.pk, 2)
    await bob_client.connection.sync()
    await bob_client.until(lambda: bob_client.of("read"))
    assert bob_client.of("read") == [{"type": "read", "room": lobby.pk, "number": 2}]


async def test_nothing_of_a_room_leaves_after_its_membership_has_ended(alice, bob, den_client):
    room, client = den_client
    await in_thread(memberships.leave)(bob, room.pk)
    client.tell(events.Removed(room.pk))
    for event in await in_thread(stored)(alice, room, "canary", "second canary"):
        client.tell(event)
    client.tell(events.typing(room.pk, alice))
    await client.connection.sync()
    await client.until(lambda: client.of("synced"))
    assert "canary" not in "".join(client.messages)
    assert client.of("typing") == []


async def test_who_holds_an_open_name_stays_whoever_says_otherwise(robin_client, lobby):
    await robin_client.node.presence.take_over(robin_client.connection)
    for holder in ("first", "one that came before"):
        robin_client.tell(events.TakenOver(holder))
    await robin_client.connection.sync()
    await robin_client.until(lambda: robin_client.of("synced"))
    assert robin_client.closed == []


async def test_who_holds_an_open_name_no_more_goes_when_told(robin_client):
    await in_thread(people.join_open)("robin", "second")
    robin_client.tell(events.TakenOver("second"))
    async with asyncio.timeout(PATIENCE):
        await robin_client.gone.wait()
    assert robin_client.closed == [protocol.NOT_SIGNED_IN]


async def test_who_comes_too_late_to_be_told_looks_for_themselves(robin_client):
    """The next one has taken the name and told of it before this connection could hear it."""
    await in_thread(people.join_open)("robin", "second")
    await robin_client.connection.check()
    async with asyncio.timeout(PATIENCE):
        await robin_client.gone.wait()
    assert robin_client.closed == [protocol.NOT_SIGNED_IN]
