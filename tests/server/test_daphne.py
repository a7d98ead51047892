"""What Daphne is kept from: holding without end what a client sends or does not read, and ending abruptly."""

import asyncio
import contextlib
import signal
import socket
from pathlib import Path

import httpx
import pytest
import websockets

from chat.layers.local import LocalChannelLayer
from chat.live.hub import SHORTEST_STEP
from chat.live.node import Node
from tests.clients import PATIENCE, Person, Wire
from tests.server.sites import SmallSite, asked
from tests.servers import NO_LIMITS, Site, daphne, wait_for
from tests.tools import memory

pytestmark = pytest.mark.one_database

MIB = 1024 * 1024


async def upload(site, head: str, chunks) -> bytes:
    """Sends a request until the server has answered; the answer. What it does not read is not sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"POST /join/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n{head}\r\n\r\n".encode())

    async def send() -> None:
        with contextlib.suppress(ConnectionError):
            for chunk in chunks:
                writer.write(chunk)
                await writer.drain()

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(PATIENCE):
            return await reader.read(65536)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.transport.abort()


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(site):
    before = memory(site)
    chunks = (b"x" * MIB for _ in range(1024))
    answer = await upload(site, f"Content-Length: {1024 * MIB}", chunks)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert memory(site) - before < 32 * MIB


async def test_a_body_that_does_not_say_how_large_it_is_is_refused_when_it_is_too_large(site):
    before = memory(site)
    chunks = (b"100000\r\n" + b"x" * MIB + b"\r\n" for _ in range(1024))
    answer = await upload(site, "Transfer-Encoding: chunked", chunks)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert memory(site) - before < 32 * MIB


async def test_a_body_of_a_form_is_taken(site):
    async with httpx.AsyncClient(base_url=site.url) as client:
        answer = await client.post("/join/", data={"nickname": "x" * 1000})
    assert answer.status_code == 403  # Taken, and found to lack the CSRF token.


async def test_a_client_cannot_move_the_site_to_another_path(site, joins):
    alice = await joins("alice")
    await alice.connect(**{"Daphne-Root-Path": "/elsewhere"})
    for path in ("/rooms/", "/live/poll"):
        answer = await alice.http.get(path, headers={"Daphne-Root-Path": path.rstrip("/")})
        assert answer.status_code == 200


async def talk(talking: Wire, posts: int) -> None:
    """Long messages, one after the other."""
    for _ in range(posts):
        await talking.post("聊" * 10_000, room=talking.room("lobby"))
        talking.frames.clear()


async def test_clients_that_do_not_read_are_cut_while_the_server_stays_small(own_site):
    talker, sleeper = await Person.join(own_site, "talker"), await Person.join(own_site, "sleeper")
    talking = await talker.connect()

    await talk(talking, 50)  # What long messages cost by themselves is not at stake.
    sleeping = [await deaf(own_site, sleeper) for _ in range(20)]
    before = memory(own_site)
    await talk(talking, 300)
    assert memory(own_site) - before < 20 * MIB
    assert await asyncio.gather(*map(closed_with, sleeping)) == [4408] * 20
    await talker.close()
    await sleeper.close()


def highest_memory(site) -> int:
    """The most that the process has had so far."""
    (line,) = [line for line in Path(f"/proc/{site.process.pid}/status").read_text().splitlines() if "VmHWM" in line]
    return int(line.split()[1]) * 1024


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


async def test_streams_that_are_not_read_are_ended_while_the_server_stays_small(own_site):
    talker, sleeper = await Person.join(own_site, "talker"), await Person.join(own_site, "sleeper")
    talking = await talker.connect()

    await talk(talking, 50)
    streams = [await deaf_stream(own_site, sleeper) for _ in range(20)]
    before = memory(own_site)
    await talk(talking, 300)
    assert memory(own_site) - before < 20 * MIB
    async with asyncio.timeout(PATIENCE):
        ends = await asyncio.gather(*(reader.read(-1) for reader, _ in streams))
    assert {end[-len(TOO_SLOW) :] for end in ends} == {TOO_SLOW}
    for _, writer in streams:
        writer.close()
    await talker.close()
    await sleeper.close()


TOO_SLOW = b"event: close\ndata: 4408\n\n\r\n0\r\n\r\n"


async def deaf_stream(site, person) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An event stream whose far end takes in little and does not read on. The server closes behind it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.connect(("127.0.0.1", site.port))
    reader, writer = await asyncio.open_connection(sock=listener, limit=1024)
    head = f"GET /live/stream HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nCookie: {person.cookie}\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    await reader.readuntil(b"hello")
    return reader, writer


async def deaf(site, person) -> websockets.ClientConnection:
    """A connection whose far end takes in little and does not read on."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.connect(("127.0.0.1", site.port))
    headers = {"Cookie": person.cookie, "Origin": site.url}
    wire = await websockets.connect(
        site.socket_url, sock=listener, additional_headers=headers, max_size=None, max_queue=1
    )
    await wire.send('{"type":"sync"}')
    await wire.recv()
    wire.transport.pause_reading()
    return wire


async def closed_with(wire) -> int:
    """Reads on to the end."""
    wire.transport.resume_reading()
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                await wire.recv()
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@pytest.fixture
def own_site(tmp_path):
    """A site of the test's own, because it is treated badly."""
    with daphne(tmp_path, **NO_LIMITS) as site:
        yield site


async def test_sigterm_sends_everybody_away_and_loses_nothing(own_site):
    site = own_site
    people = [await Person.join(site, f"p{number}") for number in range(20)]
    wires = [await person.connect() for person in people]
    lobby = wires[0].room("lobby")
    acked = []

    async def talk(wire: Wire, number: int) -> None:
        for count in range(1000):
            try:
                ack = await wire.post(f"{number}-{count}", room=lobby)
            except websockets.ConnectionClosed:
                return
            acked.append(ack["client_id"])

    listener, *talkers = wires
    talking = [asyncio.create_task(talk(wire, number)) for number, wire in enumerate(talkers)]
    await listener.expect("message", sequence=100)
    site.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*talking)
    assert {await wire.close_code() for wire in wires} == {4412}
    assert await asyncio.to_thread(site.process.wait, PATIENCE) == 0
    assert "Traceback" not in site.log.read_text()
    site.start()
    back = await people[0].connect({lobby: 0})
    stored = [frame["message"]["client_id"] for frame in back.frames if frame["type"] == "message"]
    assert set(acked) <= set(stored)
    assert len(stored) == len(set(stored))
    for person in people:
        await person.close()


async def test_a_site_that_drains_says_so_and_takes_nobody_in(own_site):
    people = [await Person.join(own_site, f"p{number}") for number in range(3)]
    wires = [await person.connect() for person in people]
    async with httpx.AsyncClient(base_url=own_site.url) as client:
        assert (await client.get("/readyz")).status_code == 200  # And keeps its connection.
        own_site.process.send_signal(signal.SIGTERM)
        assert await wires[0].close_code() == 4412
        with pytest.raises((OSError, websockets.InvalidHandshake)):
            await Wire.open(own_site)
    for wire in wires[1:]:
        assert await wire.close_code() == 4412
    assert await asyncio.to_thread(own_site.process.wait, PATIENCE) == 0
    for person in people:
        await person.close()


async def test_a_flood_of_frames_is_slowed_and_then_ended(tmp_path):
    with daphne(tmp_path, FRAME_RATE="50") as site:
        alice, bob = await Person.join(site, "alice"), await Person.join(site, "bob")
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
        await alice.close()
        await bob.close()


async def test_a_client_that_reads_gets_long_pages_and_long_absences(own_site):
    talker, reader = await Person.join(own_site, "talker"), await Person.join(own_site, "reader")
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
    await talker.close()
    await reader.close()


async def test_thousands_are_sent_away_in_the_time_that_this_may_take(monkeypatch):
    """A pause cannot be as short as it would have to be between ten thousand."""
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    class Client:
        code = 0

        def close(self, code: int) -> None:
            self.code = code

    monkeypatch.setattr(asyncio, "sleep", sleep)
    hub = Node(LocalChannelLayer()).hub
    clients = [Client() for _ in range(10_000)]
    hub.others.update(clients)
    await hub.drain(0.5)
    assert {client.code for client in clients} == {4412}
    assert min(pause for pause in pauses if pause) >= SHORTEST_STEP


# The end of a process that answers and accepts.


@pytest.fixture
def small_site(tmp_path):
    site = SmallSite(tmp_path)
    site.start()
    yield site
    site.stop()


async def test_a_request_in_flight_is_answered_at_the_end_and_newcomers_are_refused(small_site):
    async with httpx.AsyncClient(base_url=small_site.url, timeout=PATIENCE) as client:
        await client.get("/")
        answering = asyncio.create_task(client.get("/slow"))
        await asyncio.to_thread(wait_for, lambda: httpx.get(f"{small_site.url}/is-slow").json(), "The request")
        small_site.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(wait_for, lambda: is_refused(small_site), "The end of listening")
        assert small_site.process.poll() is None
        answer = await answering
    assert (answer.status_code, answer.content) == (200, b"x" * 1000)
    assert await asyncio.to_thread(small_site.process.wait, PATIENCE) == 0


async def test_who_keeps_a_connection_is_told_at_the_end_to_open_another(small_site):
    async with httpx.AsyncClient(base_url=small_site.url, timeout=PATIENCE) as client, httpx.AsyncClient() as other:
        assert "connection" not in (await client.get("/")).headers
        answering = asyncio.create_task(other.get(f"{small_site.url}/slow", timeout=PATIENCE))
        await asyncio.to_thread(wait_for, lambda: httpx.get(f"{small_site.url}/is-slow").json(), "The request")
        small_site.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(wait_for, lambda: is_refused(small_site), "The end of listening")
        assert (await client.get("/")).headers["connection"] == "close"
        await answering


def is_refused(site) -> bool:
    try:
        socket.create_connection(("127.0.0.1", site.port), PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


# What Daphne decides by itself.


@pytest.mark.parametrize(("options", "timeout"), [([], -1), (["--websocket_timeout", "3600"], 3600)])
def test_websockets_end_after_a_time_only_where_that_is_asked_for(tmp_path, options, timeout):
    class Timed(SmallSite):
        @property
        def command(self) -> list[str]:
            return [*super().command, *options]

    site = Timed(tmp_path)
    site.start()
    try:
        assert httpx.get(f"{site.url}/websocket-timeout").json() == timeout
    finally:
        site.kill()


class NamedLogSite(Site):
    @property
    def command(self) -> list[str]:
        return [*super().command, "--access-log", str(self.data_dir / "access.log")]


@pytest.mark.parametrize(("kind", "switch"), [(Site, "on"), (Site, "off"), (NamedLogSite, "off")])
def test_the_access_log_can_be_switched_off_and_one_that_is_named_is_kept(tmp_path, kind, switch):
    site = kind(tmp_path, ACCESS_LOG=switch)
    site.migrate()
    site.start()
    try:
        assert asked(site, "/healthz") == 200
    finally:
        site.stop()
    log = tmp_path / "access.log" if kind is NamedLogSite else site.log
    assert ("GET /healthz" in log.read_text()) is (switch == "on" or kind is NamedLogSite)
