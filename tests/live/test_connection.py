"""One client's cursors, when all goes well and when the channel layer loses, doubles or reorders."""

import json

import msgspec
import pytest

from chat.actions import people
from chat.actions.messages import Draft, post_messages
from chat.live import connection as connection_module
from chat.wire import events
from tests.live.far_end import in_thread, stored

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


async def test_a_kind_of_event_from_a_newer_process_is_ignored(alice, bob_client, lobby):
    group, layer = events.room_group(lobby.pk), bob_client.layer
    layer.deliver(group, {"type": events.TYPE, "event": msgspec.msgpack.encode({"type": "from the future"})})
    (event,) = await in_thread(stored)(alice, lobby, "1")
    layer.deliver(group, events.pack(event))
    assert await bob_client.messages_seen(1) == [1]
