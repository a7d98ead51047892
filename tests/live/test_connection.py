"""One client's cursors and outbox, when all goes well and when the channel layer loses, doubles or reorders."""

import asyncio
import gc
import json
import time
import weakref

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError

from chat import queries
from chat.actions import leases, memberships, people, rooms
from chat.actions.messages import Draft, post_messages
from chat.consumers import websocket
from chat.consumers.websocket import ChatConsumer
from chat.layers.local import LocalChannelLayer
from chat.live import admission, feeds, outbox
from chat.live import connection as connection_module
from chat.live import hub as hub_module
from chat.live.admission import Admitted
from chat.live.connection import Connection
from chat.live.hub import Hub, hub
from chat.live.presence import Presence, presence
from chat.models import Message, Room
from chat.wire import events, protocol
from tests.live.far_end import Client, in_thread, stored

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_events_that_follow_one_another_pass_without_a_look_at_the_database(
    alice, bob_client, lobby, monkeypatch
):
    one, two = await in_thread(stored)(alice, lobby, "1", "2")
    monkeypatch.setattr(connection_module.queries, "changes_after", None)
    bob_client.connection.deliver(one)
    bob_client.connection.deliver(two)
    assert await bob_client.messages_seen(2) == [1, 2]


async def test_an_event_before_its_turn_waits_for_the_one_before_it(alice, bob_client, lobby, monkeypatch):
    one, two, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    monkeypatch.setattr(connection_module.queries, "changes_after", None)
    monkeypatch.setattr(connection_module.queries, "changes", None)
    for event in (three, two, one):
        bob_client.connection.deliver(event)
    assert await bob_client.messages_seen(3) == [1, 2, 3]


async def test_what_stays_missing_is_read_once_for_all_who_lack_it(alice, bob_client, admitted_bob, lobby, monkeypatch):
    tab = Client(admitted_bob)
    await tab.connection.open()
    read, changes = [], connection_module.queries.changes
    monkeypatch.setattr(connection_module.queries, "changes", lambda *place: read.append(place) or changes(*place))
    _, two = await in_thread(stored)(alice, lobby, "1", "2")
    for client in (bob_client, tab):
        client.connection.deliver(two)
    assert await bob_client.messages_seen(2) == [1, 2]
    assert await tab.messages_seen(2) == [1, 2]
    assert read == [(lobby.pk, 0)]
    await tab.connection.end()


async def test_frames_that_wait_leave_as_one_message(alice, bob_client, lobby):
    for event in await in_thread(stored)(alice, lobby, *"12345"):
        bob_client.connection.deliver(event)
    await bob_client.messages_seen(5)
    assert max(message.count('"type":"message"') for message in bob_client.messages) == 5


async def test_a_lost_event_is_read_from_the_database_when_the_next_one_comes(alice, bob_client, lobby):
    events = await in_thread(stored)(alice, lobby, *"1234")
    bob_client.connection.deliver(events[0])
    bob_client.connection.deliver(events[3])
    assert await bob_client.messages_seen(4) == [1, 2, 3, 4]


async def test_a_doubled_event_is_dropped(alice, bob_client, lobby):
    one, two = await in_thread(stored)(alice, lobby, "1", "2")
    for event in (one, one, two, one, two):
        bob_client.connection.deliver(event)
    await bob_client.connection.sync({lobby.pk: 2})
    assert await bob_client.messages_seen(2) == [1, 2]


async def test_events_in_the_wrong_order_leave_in_the_right_one(alice, bob_client, lobby):
    events = await in_thread(stored)(alice, lobby, *"123456")
    for place in (5, 0, 3, 1, 4, 2):
        bob_client.connection.deliver(events[place])
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
    await bob_client.connection.sync({lobby.pk: 0})
    await bob_client.messages_seen(2)
    told = events.messages(lobby, messages)["frames"].decode().split("\n")
    assert bob_client.of("message") == [json.loads(line) for line in told]


async def test_an_event_that_half_overlaps_is_told_once(alice, bob_client, lobby):
    one, *_ = await in_thread(stored)(alice, lobby, "1", "2", "3")
    bob_client.connection.deliver(one)
    bob_client.connection.deliver({**one, "first": 1, "last": 3})
    assert await bob_client.messages_seen(3) == [1, 2, 3]


async def test_even_a_lost_last_event_is_found_by_the_heartbeat(alice, bob_client, lobby):
    await in_thread(stored)(alice, lobby, "1")
    await bob_client.connection.sync({lobby.pk: 0})
    assert await bob_client.messages_seen(1) == [1]
    await bob_client.until(lambda: bob_client.of("synced"))
    assert bob_client.of("synced")[-1]["rooms"] == {str(lobby.pk): 1}


async def test_what_happens_while_the_connection_opens_is_not_lost(alice, bob, admitted_bob, lobby, monkeypatch):
    client = Client(admitted_bob)
    own_rooms_of = queries.own_rooms_of

    def own_rooms_then_news(profile_ids):
        rooms = own_rooms_of(profile_ids)
        if profile_ids == [bob.pk]:
            (event,) = stored(alice, lobby, "news")
            loop.call_soon_threadsafe(client.layer.deliver, events.room_group(lobby.pk), event)
        return rooms

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(connection_module.own_rooms, "function", own_rooms_then_news)
    await client.connection.open()
    assert await client.messages_seen(1) == [1]
    assert client.frames[0]["type"] == "hello"
    await client.connection.end()


async def test_a_room_that_the_connection_has_not_heard_of_is_shown_with_its_message(alice, bob, bob_client):
    def secret():
        room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
        memberships.add(alice, room, "bob")
        return room, stored(alice, room, "1")[0]

    room, event = await in_thread(secret)()
    bob_client.connection.deliver(event)
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
    bob_client.connection.deliver(event)
    await bob_client.connection.sync({room.pk: 0})
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
    hub.connections.add(bob_client.connection)
    try:
        await hub._catch_up()
    finally:
        hub.discard(bob_client.connection)
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
    await client.connection.end()
    may_go_on.set()
    await looking
    assert client.layer._groups == {}


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


async def test_a_doubt_that_could_not_be_resolved_stays(monkeypatch):
    doubtful, looked = Hub(), []

    async def catch_up():
        looked.append("missed")
        if len(looked) == 1:
            raise OperationalError("away")

    resolved = asyncio.Event()

    async def check(connections):
        if connections is doubtful.connections:
            resolved.set()

    monkeypatch.setattr(hub_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(doubtful, "_catch_up", catch_up)
    monkeypatch.setattr(doubtful, "_check", check)
    doubtful._doubt.set()
    watching = asyncio.create_task(doubtful._watch())
    async with asyncio.timeout(10):
        await resolved.wait()
    watching.cancel()
    assert looked[:2] == ["missed", "missed"]


async def test_memberships_whose_events_were_lost_are_found_by_the_heartbeat(alice, bob, bob_client):
    room = await in_thread(rooms.create)(alice, Room.Kind.PUBLIC, "Den", "")
    await in_thread(memberships.join)(bob, room.slug)
    await bob_client.connection.sync({})
    await bob_client.until(lambda: any(frame["room"]["id"] == room.pk for frame in bob_client.of("room")))
    await in_thread(memberships.leave)(bob, room.pk)
    await bob_client.connection.sync({})
    await bob_client.until(lambda: bob_client.of("removed"))
    assert bob_client.of("removed") == [{"type": "removed", "room": room.pk}]


async def test_a_read_mark_whose_event_was_lost_is_found_by_the_heartbeat(alice, bob, bob_client, lobby):
    await in_thread(stored)(alice, lobby, "1", "2")
    await in_thread(memberships.mark_read)(bob.pk, lobby.pk, 2)
    await bob_client.connection.sync({})
    await bob_client.until(lambda: bob_client.of("read"))
    assert bob_client.of("read") == [{"type": "read", "room": lobby.pk, "number": 2}]


async def test_nothing_of_a_room_leaves_after_its_membership_has_ended(alice, bob, den_client):
    room, client = den_client
    await in_thread(memberships.leave)(bob, room.pk)
    client.connection.deliver(events.removed(room.pk))
    for event in await in_thread(stored)(alice, room, "canary", "second canary"):
        client.connection.deliver(event)
    client.connection.deliver(events.typing(room.pk, alice.pk, "canary"))
    await client.connection.sync({room.pk: 0})
    await client.until(lambda: client.of("synced"))
    assert "canary" not in "".join(client.messages)


@pytest.fixture
async def den_client(alice, bob, admitted_bob):
    def make():
        room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
        memberships.add(alice, room, "bob")
        return room

    room = await in_thread(make)()
    client = Client(admitted_bob)
    await client.connection.open()
    yield room, client
    await client.connection.end()


@pytest.fixture
async def robin_client(transactional_db, lobby):
    """The connection called `first`, under an open name."""
    robin = await in_thread(people.join_open)("robin", "first")
    client = Client(Admitted(robin, None, (lobby.pk,), "first"))
    await client.connection.open()
    yield client
    await client.connection.end()


async def test_who_holds_an_open_name_stays_whoever_says_otherwise(robin_client, lobby):
    await presence.hold(robin_client.connection)
    for holder in ("first", "one that came before"):
        robin_client.connection.deliver(events.taken_over(holder))
    await robin_client.connection.sync({lobby.pk: 0})
    await robin_client.until(lambda: robin_client.of("synced"))
    assert robin_client.closed == []


async def test_who_holds_an_open_name_no_more_goes_when_told(robin_client):
    await in_thread(people.join_open)("robin", "second")
    robin_client.connection.deliver(events.taken_over("second"))
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
    bob_client.connection.deliver({"type": events.TYPE, "kind": "from the future"})
    (event,) = await in_thread(stored)(alice, lobby, "1")
    bob_client.connection.deliver(event)
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
    await client.connection.end()
    client.layer.detach("specific.test!channel")
    gone = weakref.ref(client.connection)
    gc.disable()
    try:
        del client.connection
        assert gone() is None
    finally:
        gc.enable()


async def test_who_reads_nothing_while_it_is_read_on_is_kept_and_then_given_all_in_order(bob_client, bob, lobby):
    connection = bob_client.connection
    bob_client.reading.clear()
    await in_thread(stored)(bob, lobby, "untold")
    connection.put(b'{"type":"filler"}')  # So that something is on its way that is not taken.
    await connection.check()
    bodies = [f"{number} " + "x" * 9_000 for number in range(outbox.BURST_BYTES // 9_000 + 10)]
    for event in await in_thread(stored)(bob, lobby, *bodies):
        connection.deliver(event)
    assert not bob_client.closed
    bob_client.reading.set()
    sequences = await bob_client.messages_seen(1 + len(bodies))
    assert sequences == list(range(sequences[0], sequences[0] + 1 + len(bodies)))
    assert not bob_client.closed


# What has come before its turn.


@pytest.fixture
async def tab(admitted_bob):
    """Another connection of bob's."""
    client = Client(admitted_bob)
    await client.connection.open()
    yield client
    await client.connection.end()


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
    client.layer.detach("specific.test!channel")
    gone = weakref.ref(client.connection)
    gc.disable()
    try:
        del client.connection
        assert gone() is None
    finally:
        gc.enable()


async def test_a_message_that_is_missing_from_the_database_too_keeps_nobody_waiting(alice, bob_client, lobby):
    """As after somebody has deleted a row with SQL."""
    one, _, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    await in_thread(Message.objects.filter(room=lobby, number=2).delete)()
    for event in (one, three):
        bob_client.connection.deliver(event)
    assert await bob_client.messages_seen(2) == [1, 3]
    assert bob_client.connection.is_settled
    assert bob_client.connection.cursors[lobby.pk] == 3


# What the database says, and when it was asked.


def answered_late(monkeypatch, happens):
    """Something happens between the look at the database and the answer: as when the look takes a while."""
    heads = admission.heads

    async def slow(admitted):
        found = await heads(admitted)
        await happens()
        return found

    monkeypatch.setattr(admission, "heads", slow)


async def test_a_room_that_one_comes_into_during_a_check_is_not_taken_away_by_it(alice, bob_client, monkeypatch):
    room = await in_thread(rooms.create)(alice, Room.Kind.PRIVATE, "Den", "")

    async def bring_in():
        await in_thread(memberships.add)(alice, room, "bob")
        bob_client.connection.deliver(events.joined(room.pk))
        await bob_client.until(lambda: bob_client.of("room"))

    answered_late(monkeypatch, bring_in)
    await bob_client.connection.sync({})
    await bob_client.until(lambda: bob_client.of("synced"))
    assert bob_client.of("removed") == []
    assert room.pk in bob_client.connection.cursors


async def test_one_who_is_back_before_their_removal_is_heard_of_stays(alice, bob, den_client):
    """Two processes tell of the two, and each is heard at its own time."""
    room, client = den_client
    client.connection.deliver(events.joined(room.pk))
    client.connection.deliver(events.removed(room.pk))
    await client.until(lambda: client.of("room"))
    (event,) = await in_thread(stored)(alice, room, "welcome back")
    client.connection.deliver(event)
    assert await client.messages_seen(1) == [1]


async def test_what_comes_during_a_sync_is_part_of_what_it_brings(alice, bob_client, lobby, monkeypatch):
    """Else the connection would stand behind what it has sent already, until the next heartbeat."""
    first = await in_thread(stored)(alice, lobby, *(str(number) for number in range(queries.REPLAY_PAGE)))
    for event in first:
        bob_client.connection.deliver(event)

    async def talk_on():
        for event in await in_thread(stored)(alice, lobby, "more", "and more"):
            bob_client.connection.deliver(event)

    answered_late(monkeypatch, talk_on)
    await bob_client.connection.sync({lobby.pk: 0})
    await bob_client.until(lambda: bob_client.of("synced"))
    assert bob_client.connection.cursors == {lobby.pk: 52}
    assert bob_client.of("synced")[-1]["rooms"] == {str(lobby.pk): 52}


# The hub, in doubt or without a channel layer.


@pytest.fixture
def kept_by_hub():
    """Gives clients to a hub of their own, which no one watches."""
    own = Hub()

    def keep(*clients):
        own.connections.update(client.connection for client in clients)
        return own

    return keep


@pytest.fixture
def without_layer(monkeypatch):
    monkeypatch.setattr(LocalChannelLayer, "is_whole", property(lambda layer: False))


async def test_a_client_that_does_not_read_keeps_nobody_else_from_what_they_lack(
    alice, bob, bob_client, tab, kept_by_hub
):
    tab.reading.clear()
    tab.connection.put(b'{"type":"filler"}')  # So that something is on its way that is not taken.
    await in_thread(post_messages)([Draft(alice.pk, "untold", "psst", to="bob")])
    own = kept_by_hub(tab, bob_client)
    own._doubt.set()
    async with asyncio.timeout(10):
        await own._put_right()
    assert await bob_client.messages_seen(1) == [1]
    tab.reading.set()
    assert await tab.messages_seen(1) == [1]


async def test_however_much_is_missing_it_is_read_once_for_all_and_to_its_end(
    alice, bob_client, tab, lobby, kept_by_hub, monkeypatch
):
    read, changes = [], queries.changes
    monkeypatch.setattr(queries, "changes", lambda *place: read.append(place) or changes(*place))
    await in_thread(stored)(alice, lobby, *(str(number) for number in range(2 * queries.REPLAY_PAGE + 1)))
    await kept_by_hub(bob_client, tab)._catch_up()
    for client in (bob_client, tab):
        assert await client.messages_seen(101) == list(range(1, 102))
    assert read == [(lobby.pk, cursor) for cursor in (0, 50, 100)]


async def test_who_takes_longer_for_a_page_reads_on_alone(alice, bob_client, tab, lobby, kept_by_hub, monkeypatch):
    monkeypatch.setattr(hub_module, "PAGE_SECONDS", 0.01)
    await bob_client.connection.flushed()
    tab.reading.clear()
    await in_thread(stored)(alice, lobby, *(str(number) for number in range(queries.REPLAY_PAGE + 1)))
    own = kept_by_hub(bob_client, tab)
    async with asyncio.timeout(10):
        await own._catch_up()
    assert await bob_client.messages_seen(51) == list(range(1, 52))
    assert not tab.connection.is_settled
    tab.reading.set()
    assert await tab.messages_seen(51) == list(range(1, 52))


async def test_without_a_channel_layer_a_removal_is_found_by_the_next_look(
    alice, bob, den_client, kept_by_hub, without_layer
):
    room, client = den_client
    await in_thread(memberships.remove)(alice, room, "bob")
    await kept_by_hub(client)._put_right()
    assert room.pk not in client.connection.cursors
    for event in await in_thread(stored)(alice, room, "canary"):
        client.connection.deliver(event)
    await client.until(lambda: client.of("removed"))
    assert "canary" not in "".join(client.messages)


async def test_without_a_channel_layer_a_room_one_was_brought_into_is_found_by_the_next_look(
    alice, bob, bob_client, kept_by_hub, without_layer
):
    room = await in_thread(rooms.create)(alice, Room.Kind.PRIVATE, "Den", "")
    await in_thread(memberships.add)(alice, room, "bob")
    await kept_by_hub(bob_client)._put_right()
    await bob_client.until(lambda: bob_client.of("room"))
    assert room.pk in bob_client.connection.cursors


async def test_without_a_channel_layer_a_sign_out_is_found_by_the_next_look(
    bob_client, admitted_bob, kept_by_hub, without_layer
):
    await in_thread(admission._store(admitted_bob.session_key).flush)()
    await kept_by_hub(bob_client)._put_right()
    async with asyncio.timeout(10):
        await bob_client.gone.wait()
    assert bob_client.closed == [protocol.NOT_SIGNED_IN]


async def test_without_a_channel_layer_an_open_name_that_was_taken_over_is_found_by_the_next_look(
    robin_client, kept_by_hub, without_layer
):
    await in_thread(people.join_open)("robin", "second")
    await kept_by_hub(robin_client)._put_right()
    async with asyncio.timeout(10):
        await robin_client.gone.wait()
    assert robin_client.closed == [protocol.NOT_SIGNED_IN]


async def test_looking_at_everybody_costs_few_queries_and_checks_nobody_who_is_where_they_may_be(
    bob, admitted_bob, lobby, kept_by_hub, without_layer, monkeypatch
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
    own = kept_by_hub()
    own.connections.update(Quiet() for _ in range(2 * hub_module.PIECE + 1))
    await own._put_right()
    assert sorted(asked) == ["room_heads", *["room_ids_of"] * 3, *["standing"] * 3]


# Who is here.


async def test_who_comes_into_a_room_first_is_not_told_that_nobody_is_here(admitted_bob, bob, monkeypatch):
    taken = leases.take

    def take_late(*args):
        time.sleep(0.3)  # As on a disk that is slow.
        taken(*args)

    monkeypatch.setattr(leases, "take", take_late)
    client = Client(admitted_bob, get_channel_layer())
    await client.connection.open()
    await client.until(lambda: client.of("presence"))
    assert all(bob.nickname in frame["here"] for frame in client.of("presence"))
    await client.connection.end()


async def test_a_connection_that_the_server_kills_leaves_nothing_behind(admitted_bob, monkeypatch):
    """As Daphne does with one that has not ended some seconds after its client."""

    async def admit(scope):
        return admitted_bob

    async def send(message):
        if "hello" in message.get("text", ""):
            is_open.set()

    monkeypatch.setattr(websocket.admission, "let_in", admit)
    monkeypatch.setattr(websocket.admission, "is_trusted_origin", lambda scope: True)
    is_open, inbox = asyncio.Event(), asyncio.Queue()
    inbox.put_nowait({"type": "websocket.connect"})
    serving = asyncio.create_task(ChatConsumer.as_asgi()({"type": "websocket"}, inbox.get, send))
    await is_open.wait()
    serving.cancel()
    await asyncio.wait([serving])
    assert hub.connections == set()


async def test_of_many_connections_that_waited_and_ended_nothing_is_left(alice, bob, admitted_bob, lobby, monkeypatch):
    """Not in the hub, its feeds, presence or the channel layer, and no connection itself."""
    layer, own = get_channel_layer(), Presence()
    for module in (connection_module, hub_module):
        monkeypatch.setattr(module, "presence", own)

    async def unread(text):
        await asyncio.get_running_loop().create_future()

    async def close(code):
        pass

    connections = []
    for number in range(200):
        connection = Connection(admitted_bob, layer, f"specific.local!{number}", unread, close)
        layer.attach(f"specific.local!{number}", connection.deliver)
        await connection.open()
        connections.append(connection)
    one, two, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    layer.deliver(events.room_group(lobby.pk), three)
    assert len(hub.feeds[lobby.pk]._early[3].connections) == 200
    layer.deliver(events.room_group(lobby.pk), one)
    for number, connection in enumerate(connections):
        connection.read_on(lobby.pk, 3)
        connection.close(protocol.RESTARTING)
        layer.detach(f"specific.local!{number}")
        await connection.end(0)
    gone = [weakref.ref(connection) for connection in connections]
    del connection, connections, one, two, three
    async with asyncio.timeout(10):
        while own._departures or own._due or not own._settling.done() or hub.feeds:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    gc.collect()  # A repair that was cancelled is a circle with its own traceback.
    assert [one for one in gone if one()] == []
    assert (hub.connections, own._connections) == (set(), {})
    assert not layer.has_local(events.room_group(lobby.pk))
    assert not layer.has_local(events.user_group(bob.pk))
    assert not [channel for channel in layer._sinks if channel.startswith("specific.local!")]
    own._renewing.cancel()
