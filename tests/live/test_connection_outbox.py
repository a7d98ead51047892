"""Frames that wait for a client: joined, in order, and bounded."""

import asyncio
import json

import pytest

from chat import queries
from chat.live import outbox
from chat.live.connection import Connection
from chat.wire import protocol
from tests.live.far_end import in_thread, stored
from tests.patience import PATIENCE

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_frames_that_wait_leave_as_one_message(alice, bob_client, lobby):
    for event in await in_thread(stored)(alice, lobby, *"12345"):
        bob_client.tell(event)
    await bob_client.messages_seen(5)
    assert max(message.count('"type":"message"') for message in bob_client.messages) == 5


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


async def test_a_client_that_does_not_read_is_cut_before_its_outbox_grows(alice, bob_client, lobby):
    await bob_client.connection.flushed()
    bob_client.reading.clear()
    bob_client.asked.clear()
    frame = b"x" * 100_000
    bob_client.connection.put(frame)
    put = 0
    async with asyncio.timeout(PATIENCE):
        await bob_client.asked.wait()  # The transport has taken it, and does not come back.
        while not bob_client.closed:
            bob_client.connection.put(frame)
            put += len(frame)
            await asyncio.sleep(0)
    assert put <= outbox.BURST_BYTES + 5 * len(frame)  # What comes while it is being closed is not kept.
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
