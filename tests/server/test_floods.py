"""Floods, and messages that never end: the server slows them, and then ends the connection."""

import asyncio
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import websockets

from tests.server.by_hand import CLOSE, CONTINUATION, PING, PONG, TEXT, framed, heard, line_to, narrow_line_to, pour
from tests.server.sites import MIB, LaxSite, asked
from tests.servers import Site, daphne
from tests.tools import memory

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def strict_site(tmp_path_factory) -> Iterator[Site]:
    """It bears a flood, and waits for the end of a message, half a second long."""
    site = LaxSite(tmp_path_factory.mktemp("strict"), STRICT="1")
    site.start()
    yield site
    site.kill()


FLOODS = {
    "pings": framed(b"", PING),
    "long pings": framed(b"x" * 125, PING),
    "pongs": framed(b"", PONG),
    "empty fragments": framed(b"", CONTINUATION, last=False),
    "fragments": framed(b"x", CONTINUATION, last=False),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_of_what_is_no_message_is_read_slowly_and_then_ended(strict_site, kind):
    """Of each kind a thousand are taken at once, and 200 a second after that, of which half a second passes here."""
    path = f"/floods-{kind.replace(' ', '-')}"
    with line_to(strict_site) as line:
        assert line.ask(path)[0] == 101
        begun = framed(b"x", last=False) if "fragments" in kind else b""
        with ThreadPoolExecutor(1) as pool:
            pouring = pool.submit(pour, line, begun + FLOODS[kind] * 10_000, 1)
            pouring = pool.submit(pour, line, FLOODS[kind] * 10_000, 1000)
            answers = 0
            while (frame := line.receive())[0] == PONG:
                answers += 1
            assert frame == (CLOSE, (4429).to_bytes(2, "big"))
            line.connection.shutdown(socket.SHUT_RDWR)
            assert pouring.result() < 1000
        assert answers < 3000
    assert heard(strict_site, path)[1:] == [{"type": "websocket.disconnect", "code": 4429}]


def test_who_pings_and_reads_no_answers_is_given_no_more_of_them(strict_site):
    with narrow_line_to(strict_site, 4096) as line:
        assert line.ask("/pings")[0] == 101
        before = memory(strict_site)
        pour(line, framed(b"x" * 125, PING) * 1000, 100)
        assert heard(strict_site, "/pings")[-1] == {"type": "websocket.disconnect", "code": 4429}
        assert memory(strict_site) - before < 4 * 1024 * 1024


def test_who_floods_on_after_the_end_still_learns_why_the_line_ends(small_site):
    """Its close frame waits behind pongs that have not been read, where an abort would discard it."""
    ping = framed(b"x" * 125, PING)
    with narrow_line_to(small_site, 4096) as line:
        assert line.ask("/closes")[0] == 101
        for sent in (ping * 400 + framed(b"hello"), ping * 2000):
            line.connection.sendall(sent)
            for _ in range(2):
                assert asked(small_site, "/status-200") == 200  # By then all of it has been read.
        while (frame := line.receive())[0] == PONG:
            pass
        assert frame == (CLOSE, (4000).to_bytes(2, "big"))


def test_a_flood_of_single_bytes_is_ended_too(strict_site):
    with line_to(strict_site) as line:
        assert line.ask("/floods-bytes")[0] == 101
        line.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with ThreadPoolExecutor(1) as pool:
            pouring = pool.submit(lambda: all(pour(line, bytes([byte]), 1) for byte in framed(b"x" * 125) * 5000))
            while (frame := line.receive())[0] != CLOSE:
                pass
            line.connection.shutdown(socket.SHUT_RDWR)
            assert not pouring.result()
        assert frame == (CLOSE, (4429).to_bytes(2, "big"))


@pytest.mark.parametrize("cut", [1, 5, 50], ids=["in its head", "after its head", "in its middle"])
@pytest.mark.parametrize("last", [True, False])
def test_a_message_that_does_not_come_to_an_end_ends_the_line(strict_site, cut, last):
    with line_to(strict_site) as line:
        assert line.ask("/half")[0] == 101
        frame = framed(b"x" * 100, last=last)
        line.connection.sendall(frame[:cut] if last else frame + framed(b"x" * 100, CONTINUATION)[:cut])
        assert line.receive() == (CLOSE, (4408).to_bytes(2, "big"))
        assert line.is_at_its_end()


def test_a_ping_does_not_give_a_message_more_time(strict_site):
    with line_to(strict_site) as line:
        assert line.ask("/half")[0] == 101
        line.send(b"x", last=False)
        while True:
            line.send(b"", PING)
            frame = line.receive()
            if frame[0] != PONG:
                break
            time.sleep(0.02)
        assert frame == (CLOSE, (4408).to_bytes(2, "big"))


def test_messages_on_a_line_that_is_never_idle_are_none_that_does_not_end(strict_site):
    """Each segment ends within a frame."""
    with line_to(strict_site) as line:
        assert line.ask("/")[0] == 101
        frame = framed(b"hello")
        line.connection.sendall(frame[:3])
        end = time.monotonic() + 3  # Of which half a second is what one message may take; it is looked at each 2 s.
        while time.monotonic() < end:
            line.connection.sendall(frame[3:] + frame[:3])
            assert line.receive() == (TEXT, b"hello")
            time.sleep(0.01)


@pytest.mark.proof
async def test_a_flood_of_frames_is_slowed_and_then_ended(tmp_path, joins_at):
    with daphne(tmp_path, FRAME_RATE="50") as site:
        alice, bob = await joins_at("alice", site), await joins_at("bob", site)
        flooding, other = await alice.connect(), await bob.connect()
        before = memory(site)

        async def flood() -> None:
            while True:
                await flooding.send_raw("x" * 1000)

        flood_task = asyncio.create_task(flood())
        await other.post("still here", room=other.room("lobby"))
        assert await flooding.close_code() == 4429
        with pytest.raises(websockets.ConnectionClosed):
            await flood_task
        assert memory(site) - before < 32 * MIB
