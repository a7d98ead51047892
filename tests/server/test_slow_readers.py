"""Clients that read slowly or not at all: the server buffers little, and they get everything or are cut off."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
import websockets

from tests.clients import Wire
from tests.patience import PATIENCE
from tests.server.by_hand import CLOSE, PING, PONG, TEXT, framed, heard, line_to, narrow_line_to
from tests.server.deaf import TOO_SLOW, closed_with, deaf, deaf_stream
from tests.server.sites import MIB, LaxSite, PatientSite, highest_memory
from tests.servers import NO_LIMITS, Site
from tests.tools import memory

pytestmark = [pytest.mark.one_database, pytest.mark.proof]


async def talk(talking: Wire, posts: int) -> None:
    """Long messages, one after the other."""
    for _ in range(posts):
        await talking.post("聊" * 10_000, room=talking.room("lobby"))
        talking.frames.clear()


@pytest.fixture
def patient_site(tmp_path) -> Iterator[Site]:
    site = PatientSite(tmp_path, **NO_LIMITS)
    site.migrate()
    with site:
        yield site


async def test_clients_that_do_not_read_are_cut_while_the_server_stays_small(patient_site, joins_at):
    """They read on when all has been said, however long that takes, and then learn why: elsewhere the server would have
    ended their lines by then.
    """
    talker, sleeper = await joins_at("talker", patient_site), await joins_at("sleeper", patient_site)
    talking = await talker.connect()

    await talk(talking, 50)  # What long messages cost by themselves is not at stake.
    sleeping = [await deaf(patient_site, sleeper) for _ in range(20)]
    before = memory(patient_site)
    await talk(talking, 300)
    assert memory(patient_site) - before < 20 * MIB
    assert await asyncio.gather(*map(closed_with, sleeping)) == [4408] * 20


async def test_large_messages_that_are_not_taken_wait_with_the_client(own_site):
    """With a character of four bytes in it Python keeps each of the others in four bytes as well."""
    text = "a" * (128 * 1024 - 8) + "😀"
    before = highest_memory(own_site)
    async with websockets.connect(f"ws://127.0.0.1:{own_site.port}/ws", ping_interval=None) as client:
        client.transport.pause_reading()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                for _ in range(480):
                    await client.send(text)
        client.transport.abort()
    assert highest_memory(own_site) - before < 64 * MIB


async def test_streams_that_are_not_read_are_ended_while_the_server_stays_small(patient_site, joins_at):
    talker, sleeper = await joins_at("talker", patient_site), await joins_at("sleeper", patient_site)
    talking = await talker.connect()

    await talk(talking, 50)
    streams = [await deaf_stream(patient_site, sleeper) for _ in range(20)]
    before = memory(patient_site)
    await talk(talking, 300)
    assert memory(patient_site) - before < 20 * MIB
    async with asyncio.timeout(PATIENCE):
        ends = await asyncio.gather(*(reader.read(-1) for reader, _ in streams))
    assert {end[-len(TOO_SLOW) :] for end in ends} == {TOO_SLOW}
    for _, writer in streams:
        writer.close()


async def test_a_client_that_reads_gets_long_pages_and_long_absences(own_site, joins_at):
    talker, reader = await joins_at("talker", own_site), await joins_at("reader", own_site)
    talking = await talker.connect()
    lobby = talking.room("lobby")
    for number in range(60):
        await talking.send("post", room=lobby, body="聊" * 10_000, client_id=f"long-{number}")
    for number in range(60):
        await talking.expect("ack", client_id=f"long-{number}")
    reading = await reader.connect()
    await reading.send("history", room=lobby, limit=100)
    page = await reading.expect("history")
    assert [message["number"] for message in page["messages"]] == list(range(51, 61))
    assert page["more"]
    back = await reader.connect({lobby: 0})
    assert [(await back.expect("message"))["sequence"] for _ in range(60)] == list(range(1, 61))
    assert back.synced == {str(lobby): 60}


async def test_a_slow_reader_gets_everything_whole_and_in_order(joins):
    """Some leaves straight, some waits in Twisted, some in the outbox: it is one stream all the same."""
    alice, bob = await joins("alice"), await joins("bob")
    talking = await alice.connect()
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.connect(("127.0.0.1", bob.site.port))
    reading = await Wire.open(bob.site, {"Cookie": bob.cookie, "Origin": bob.site.url}, sock=small, max_queue=1)
    await reading.begin()
    lobby = reading.room("lobby")
    bodies = [f"{number} " + "聊" * (number % 7 * 900) for number in range(120)]
    for place, body in enumerate(bodies):
        await talking.post(body, room=lobby)
        if place % 10 == 0:
            assert (await reading.expect("message"))["message"]["body"] == bodies[place // 10]
    for body in bodies[12:]:
        assert (await reading.expect("message"))["message"]["body"] == body
    await reading.close()


@pytest.fixture
def impatient_site(tmp_path) -> Iterator[Site]:
    """It waits a second for a pong, half a second for the answer to its goodbye, and no longer."""
    site = LaxSite(tmp_path, IMPATIENT="1")
    site.start()
    yield site
    site.kill()


def test_who_does_not_answer_a_goodbye_is_waited_for_no_longer(impatient_site):
    with line_to(impatient_site) as line:
        assert line.ask("/fails-later")[0] == 101
        line.send(b"hello")
        while (frame := line.receive())[0] == PING:
            pass
        assert frame == (CLOSE, (1011).to_bytes(2, "big"))
        assert line.is_at_its_end()


@pytest.mark.parametrize("is_read", [True, False])
def test_a_line_that_is_slow_is_told_from_a_dead_one(impatient_site, is_read):
    """A pong comes after all that was written before its ping, however long that takes on its way."""
    count = 5000
    with narrow_line_to(impatient_site, 16_384) as line:
        assert line.ask("/")[0] == 101
        line.connection.sendall(framed(b"x" * 100) * count)
        if not is_read:
            assert heard(impatient_site, "/")[-1] == {"type": "websocket.disconnect", "code": 1006}
            return
        codes: list[int] = []
        while codes.count(TEXT) < count or PING not in codes:
            codes.append(line.receive()[0])
            if codes[-1] == PING:
                line.send(b"", PONG)
            if len(codes) % 100 == 0:
                time.sleep(0.1)  # The line's own time.
        line.send(b"still here")
        while line.receive() != (TEXT, b"still here"):
            pass
