"""The end of a process: who is connected is sent away, who has asked is answered, and newcomers are refused."""

import asyncio
import signal

import httpx
import pytest
import websockets

from chat.layers.local import LocalChannelLayer
from chat.live.hub import SHORTEST_STEP
from chat.live.node import Node
from tests.clients import Wire
from tests.patience import PATIENCE
from tests.server.sites import SmallSite, is_refused
from tests.servers import wait_for

pytestmark = pytest.mark.one_database


async def test_sigterm_sends_everybody_away_and_loses_nothing(own_site, joins_at):
    site = own_site
    people = [await joins_at("somebody", site) for _ in range(20)]
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


async def test_a_site_that_drains_says_so_and_takes_nobody_in(own_site, joins_at):
    people = [await joins_at("somebody", own_site) for _ in range(3)]
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
def own_small_site(tmp_path):
    site = SmallSite(tmp_path)
    site.start()
    yield site
    site.stop()


async def test_a_request_in_flight_is_answered_at_the_end_and_newcomers_are_refused(own_small_site):
    async with httpx.AsyncClient(base_url=own_small_site.url) as client:
        await client.get("/")
        answering = asyncio.create_task(client.get("/slow"))
        await asyncio.to_thread(wait_for, lambda: httpx.get(f"{own_small_site.url}/is-slow").json(), "The request")
        own_small_site.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(wait_for, lambda: is_refused(own_small_site), "The end of listening")
        assert own_small_site.process.poll() is None
        answer = await answering
    assert (answer.status_code, answer.content) == (200, b"x" * 1000)
    assert await asyncio.to_thread(own_small_site.process.wait, PATIENCE) == 0


async def test_who_keeps_a_connection_is_told_at_the_end_to_open_another(own_small_site):
    async with httpx.AsyncClient(base_url=own_small_site.url) as client, httpx.AsyncClient() as other:
        assert "connection" not in (await client.get("/")).headers
        answering = asyncio.create_task(other.get(f"{own_small_site.url}/slow"))
        await asyncio.to_thread(wait_for, lambda: httpx.get(f"{own_small_site.url}/is-slow").json(), "The request")
        own_small_site.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(wait_for, lambda: is_refused(own_small_site), "The end of listening")
        assert (await client.get("/")).headers["connection"] == "close"
        await answering
