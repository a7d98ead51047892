"""One client's cursors and outbox, when all goes well and when the channel layer loses, doubles or reorders."""

import asyncio
import json

import msgspec
import pytest
from django.db import OperationalError

from chat import queries
from chat.actions import memberships, people, rooms
from chat.actions.messages import Draft, post_messages
from chat.layers.local import LocalChannelLayer
from chat.live import admission, feeds, outbox
from chat.live import connection as connection_module
from chat.live import hub as hub_module
from chat.live.connection import Connection
from chat.live.node import Node
from chat.models import Room
from chat.wire import events, protocol
from tests.live.far_end import Client, assert_gone, in_thread, opened, stored

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_events_that_follow_one_another_pass_without_a_look_at_the_database(
    alice, bob_client, lobby, monkeypatch
):
    one, two = await in_thread(stored)(alice, lobby, "1", "2")
    monkeypatch.setattr(connection_module.queries, "changes_after", None)
    bob_client.tell(one)
    bob_client.tell(two)
    assert await bob_client.messages_seen(2) == [1, 2]


async def test_an_event_before_its_turn_waits_for_the_one_before_it(alice, bob_client, lobby, monkeypatch):
    one, two, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    monkeypatch.setattr(connection_module.queries, "changes_after", None)
    monkeypatch.setattr(connection_module.queries, "changes", None)
    for event in (three, two, one):
        bob_client.tell(event)
    assert await bob_client.messages_seen(3) == [1, 2, 3]


async def test_what_stays_missing_is_read_once_for_all_who_lack_it(alice, bob_client, tab, lobby, monkeypatch):
    read, changes = [], connection_module.queries.changes
    monkeypatch.setattr(connection_module.queries, "changes", lambda *place: read.append(place) or changes(*place))
    _, two = await in_thread(stored)(alice, lobby, "1", "2")
    bob_client.tell(two)
    assert await bob_client.messages_seen(2) == [1, 2]
    assert await tab.messages_seen(2) == [1, 2]
    assert read == [(lobby.pk, 0)]


async def test_frames_that_wait_leave_as_one_message(alice, bob_client, lobby):
    for event in await in_thread(stored)(alice, lobby, *"12345"):
        bob_client.tell(event)
    await bob_client.messages_seen(5)
    assert max(message.count('"type":"message"') for message in bob_client.messages) == 5


async def test_a_lost_event_is_read_from_the_database_when_the_next_one_comes(alice, bob_client, lobby):
    events = await in_thread(stored)(alice, lobby, *"1234")
    bob_client.tell(events[0])
    bob_client.tell(events[3])
    assert await bob_client.messages_seen(4) == [1, 2, 3, 4]


async def test_a_doubled_event_is_dropped(alice, bob_client, lobby):
    one, two = await in_thread(stored)(alice, lobby, "1", "2")
    for event in (one, one, two, one, two):
        bob_client.tell(event)
    await bob_client.connection.sync()
    assert await bob_client.messages_seen(2) == [1, 2]


async def test_events_in_the_wrong_order_leave_in_the_right_one(alice, bob_client, lobby):
    events = await in_thread(stored)(alice, lobby, *"123456")
    for place in (5, 0, 3, 1, 4, 2):
        bob_client.tell(events[place])
    assert await bob_client.messages_seen(6) == [1, 2, 3, 4, 5, 6]


async def test_what_is_read_from_the_database_equals_what_an_event_tells(alice, bob_client, lobby, person):
    def talk():
        guest = people.join_open("robin", "holder")
        drafts = [
            Draft(alice.pk, "one", "see https://example.org", room_id=lobby.pk),
            Draft(guest.pk, "two", "你好", room_id=lobby.pk, reply_to=1),
        ]
        return [outcome.message for outcome in post_messages(drafts)]

    messages = await in_thread(talk)()
    await bob_client.connection.sync()
    await bob_client.messages_seen(2)
    told = events.messages(lobby, messages).frames.decode().split("\n")
    assert bob_client.of("message") == [json.loads(line) for line in told]


async def test_an_event_that_half_overlaps_is_told_once(alice, bob_client, lobby):
    one, *_ = await in_thread(stored)(alice, lobby, "1", "2", "3")
    bob_client.tell(one)
    bob_client.tell(events.Messages(lobby.pk, 0, 3, one.frames))
    assert await bob_client.messages_seen(3) == [1, 2, 3]


async def test_even_a_lost_last_event_is_found_by_the_heartbeat(alice, bob_client, lobby):
    await in_thread(stored)(alice, lobby, "1")
    await bob_client.connection.sync()
    assert await bob_client.messages_seen(1) == [1]
    await bob_client.until(lambda: bob_client.of("synced"))
    assert bob_client.of("synced") == [{"type": "synced", "rooms": {}}]


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
    await in_thread(admission._store(admitted_bob.session_key).flush)()
    await client.connection.sync({lobby.pk: 0})
    async with asyncio.timeout(10):
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
    async with asyncio.timeout(10):
        await client.gone.wait()
    assert client.closed == [protocol.RESTARTING]
    client.connection.end()


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


async def test_nothing_is_read_for_a_client_before_it_has_taken_what_came_before(alice, bob_client, lobby, monkeypatch):
    """A page of long messages is several MiB, and who does not read would have it held for as long as they stay."""
    steps = []
    flushed, changes_after = Connection.flushed, queries.changes_after

    async def waits(connection):
        steps.append("waits")
        await flushed(connection)

    def reads(*args):
        steps.append("reads")
        return changes_after(*args)

    monkeypatch.setattr(Connection, "flushed", waits)
    monkeypatch.setattr(queries, "changes_after", reads)
    await in_thread(stored)(alice, lobby, "1", "2")
    await bob_client.connection.check()
    assert await bob_client.messages_seen(2) == [1, 2]
    assert steps[:2] == ["waits", "reads"]


async def test_a_doubt_that_could_not_be_resolved_stays(node, monkeypatch):
    doubtful, looked = node.hub, []

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
    watching = asyncio.create_task(doubtful._watch())
    async with asyncio.timeout(10):
        await resolved.wait()
    watching.cancel()
    assert looked[:2] == ["missed", "missed"]


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
    async with asyncio.timeout(10):
        await robin_client.gone.wait()
    assert robin_client.closed == [protocol.NOT_SIGNED_IN]


async def test_who_comes_too_late_to_be_told_looks_for_themselves(robin_client):
    """The next one has taken the name and told of it before this connection could hear it."""
    await in_thread(people.join_open)("robin", "second")
    await robin_client.connection.check()
    async with asyncio.timeout(10):
        await robin_client.gone.wait()
    assert robin_client.closed == [protocol.NOT_SIGNED_IN]


async def test_a_kind_of_event_from_a_newer_process_is_ignored(alice, bob_client, lobby):
    group, layer = events.room_group(lobby.pk), bob_client.layer
    layer.deliver(group, {"type": events.TYPE, "event": msgspec.msgpack.encode({"type": "from the future"})})
    (event,) = await in_thread(stored)(alice, lobby, "1")
    layer.deliver(group, events.pack(event))
    assert await bob_client.messages_seen(1) == [1]


async def test_a_client_that_does_not_read_is_cut_before_its_outbox_grows(alice, bob_client, lobby):
    await bob_client.connection.flushed()
    bob_client.reading.clear()
    frame = b"x" * 100_000
    bob_client.connection.put(frame)
    while not bob_client.connection._outbox._sending_since:  # noqa: ASYNC110
        await asyncio.sleep(0)  # Until the transport has taken it, and does not come back.
    for _ in range(50):
        bob_client.connection.put(frame)
        assert bob_client.connection._outbox._bytes <= outbox.BURST_BYTES + len(frame)
    async with asyncio.timeout(10):
        await bob_client.gone.wait()
    assert bob_client.closed == [protocol.TOO_SLOW]


async def test_much_at_once_is_not_the_clients_doing(alice, bob_client, lobby):
    """Far more than an outbox holds, put in one turn: a client that reads gets all of it, in pieces and in order."""
    await bob_client.connection.flushed()
    frames = [json.dumps({"type": "x", "number": number, "pad": "x" * 100_000}) for number in range(50)]
    for frame in frames:
        bob_client.connection.put(frame.encode())
    await bob_client.until(lambda: len(bob_client.of("x")) == 50)
    assert [frame["number"] for frame in bob_client.of("x")] == list(range(50))
    assert max(map(len, bob_client.messages)) <= outbox.MESSAGE_BYTES
    assert bob_client.closed == []


async def test_a_connection_that_has_ended_is_gone_without_the_garbage_collector(admitted_bob):
    """Collecting what thousands leave behind would keep everybody else waiting."""
    client = Client(admitted_bob)
    await client.connection.open()
    client.connection.end()
    assert_gone(client)


async def test_who_reads_nothing_while_it_is_read_on_is_kept_and_then_given_all_in_order(bob_client, bob, lobby):
    connection = bob_client.connection
    bob_client.reading.clear()
    await in_thread(stored)(bob, lobby, "untold")
    connection.put(b'{"type":"filler"}')  # So that something is on its way that is not taken.
    await connection.check()
    bodies = [f"{number} " + "x" * 9_000 for number in range(outbox.BURST_BYTES // 9_000 + 10)]
    for event in await in_thread(stored)(bob, lobby, *bodies):
        bob_client.tell(event)
    assert not bob_client.closed
    bob_client.reading.set()
    sequences = await bob_client.messages_seen(1 + len(bodies))
    assert sequences == list(range(sequences[0], sequences[0] + 1 + len(bodies)))
    assert not bob_client.closed
