"""Limits on a person's work over all their connections, and on an address's where there is no person."""

import asyncio
import contextlib
import json
import time
from collections.abc import Coroutine

import httpx
import pytest
import websockets

from tests.clients import Wire, frames_of, post
from tests.patience import PATIENCE
from tests.servers import NO_LIMITS, daphne
from tests.tools import until

pytestmark = pytest.mark.above_storage

LIMITS_BUT = {name: value for name, value in NO_LIMITS.items() if name not in ("FRAME_RATE", "CONNECTIONS")}


@pytest.fixture(scope="module")
def slow_site(tmp_path_factory):
    """Twenty tokens at once and ten a second for a person; ten times as many for an address."""
    with daphne(tmp_path_factory.mktemp("slow"), FRAME_RATE="10", CONNECTIONS="0", **LIMITS_BUT) as site:
        yield site


@pytest.fixture(scope="module")
def narrow_site(tmp_path_factory):
    """Three connections for a person, thirty for an address."""
    with daphne(tmp_path_factory.mktemp("narrow"), FRAME_RATE="0", CONNECTIONS="3", **LIMITS_BUT) as site:
        yield site


async def for_a_second(answers: list, *asking: Coroutine) -> None:
    """Has them ask until a second after the first answer."""
    tasks = [asyncio.create_task(each) for each in asking]
    await until(lambda: answers)
    await asyncio.wait(tasks, timeout=1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


# By person.


async def test_all_connections_and_requests_of_a_person_share_one_account(slow_site, joins_at):
    alice = await joins_at("alice", slow_site)
    began = time.monotonic()
    wires = [await alice.connect() for _ in range(4)]  # Four tokens each, with what they say first.
    lobby = wires[0].room("lobby")
    response = await alice.deliver("\n".join(json.dumps(post("x", room=lobby)) for _ in range(200)))
    answers = frames_of(response)
    assert {frame["code"] for frame in answers if frame["type"] == "error"} == {"too_fast"}
    assert sum(frame["type"] == "ack" for frame in answers) <= 4 + 10 * (time.monotonic() - began)
    assert float((await alice.ask_too_often()).headers["retry-after"]) >= 1
    bob = await joins_at("bob", slow_site)
    assert (await bob.ask("poll", wait=0)).status_code == 200


async def test_many_sockets_of_one_person_are_not_taken_more_frames_from_than_one(slow_site, joins_at):
    carol = await joins_at("carol", slow_site)
    wires = [await carol.connect() for _ in range(4)]
    answers: list[dict] = []

    async def ask(wire: Wire) -> None:
        for _ in range(100):
            await wire.send("dance")
        while True:
            answers.append(await wire.expect("error"))

    began = time.monotonic()
    await for_a_second(answers, *map(ask, wires))
    assert len(answers) <= 20 + 10 * (time.monotonic() - began)
    for wire in wires:  # Their goodbyes would be read after all the rest.
        wire.socket.transport.abort()


async def test_whoever_opens_connections_too_fast_is_closed_with_4429(slow_site, joins_at):
    dave = await joins_at("dave", slow_site)

    async def code() -> int:
        wire = await Wire.open(slow_site, {"Cookie": dave.cookie, "Origin": slow_site.url})
        dave.wires.append(wire)
        with contextlib.suppress(websockets.ConnectionClosed):
            await wire.begin()
            return 0
        return await wire.close_code()

    codes: set[int] = set()
    async with asyncio.timeout(PATIENCE):
        while 4429 not in codes:
            codes.update(await asyncio.gather(*(code() for _ in range(30))))
    assert codes == {0, 4429}


async def test_a_person_holds_so_many_connections_and_a_closed_one_makes_room(narrow_site, joins_at):
    alice, bob = await joins_at("alice", narrow_site), await joins_at("bob", narrow_site)
    wires = [await alice.connect() for _ in range(2)]
    headers = {"Cookie": alice.cookie, "Origin": narrow_site.url}
    async with alice.stream() as stream:
        await stream.expect("hello")
        assert await (await Wire.open(narrow_site, headers)).close_code() == 4429
        for door in ("stream", "poll"):
            response = await alice.ask(door, wait=30)
            assert response.status_code == 429
            (frame,) = frames_of(response)
            assert (frame["code"], frame["detail"]) == (
                "too_many_connections", "You already have 3 connections open. Close some of them.",
            )  # fmt: skip
        assert (await alice.ask("poll", wait=0)).status_code == 200
        await bob.connect()
    await wires[0].close()
    async with asyncio.timeout(PATIENCE):
        while True:  # The server hears of it in its own time.
            wire = await Wire.open(narrow_site, headers)
            with contextlib.suppress(websockets.ConnectionClosed):
                await wire.begin()
                break
    await wire.close()


# By address.


async def test_an_echo_is_counted_by_address_over_all_its_sockets(slow_site):
    address = f"ws://127.0.0.1:{slow_site.port}/ws"
    sockets = [await websockets.connect(address) for _ in range(4)]
    heard: list[str] = []

    async def talk(echo: websockets.ClientConnection) -> None:
        for _ in range(16):
            await echo.send("x" * 40_000)  # Ten tokens and a bit.

    async def hear(echo: websockets.ClientConnection) -> None:
        while True:
            heard.append(await echo.recv())

    began = time.monotonic()
    await for_a_second(heard, *map(talk, sockets), *map(hear, sockets))
    assert len(heard) <= (200 + 100 * (time.monotonic() - began)) / 10
    for echo in sockets:
        await echo.close()


async def test_an_address_holds_so_many_nameless_connections_and_no_more(narrow_site):
    async with contextlib.AsyncExitStack() as stack:
        address = f"ws://127.0.0.1:{narrow_site.port}/ws"
        sockets = [await stack.enter_async_context(websockets.connect(address)) for _ in range(30)]
        for path in ("", "/robin"):
            late = await stack.enter_async_context(websockets.connect(address + path))
            assert json.loads(await late.recv()) == {
                "error": "Too many connections are open from your address already. Close some of them."
            }
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await late.recv()
            assert closed.value.rcvd.code == 4429
        await sockets[0].send("hi")
        assert await sockets[0].recv() == "hi"
        await sockets[0].close()
        async with asyncio.timeout(PATIENCE):
            while True:
                again = await stack.enter_async_context(websockets.connect(address))
                await again.send("hi")
                if await again.recv() == "hi":
                    break


@pytest.mark.proof
async def test_looking_for_nobody_is_charged_to_the_address_and_known_people_are_let_in_all_the_same(
    tmp_path, joins_at
):
    with daphne(tmp_path, FRAME_RATE="2", JOIN_RATE="0") as site:  # An address has 40 tokens, and 20 a second.
        alice = await joins_at("alice", site)
        await alice.connect()
        answers: list[httpx.Response] = []

        async def ask_without_end() -> None:
            async with httpx.AsyncClient(base_url=site.url, cookies={"sessionid": "rubbish"}) as nobody:
                while True:
                    answers.append(await nobody.get("/live/poll"))

        asking = [asyncio.create_task(ask_without_end()) for _ in range(20)]
        try:
            async with asyncio.timeout(PATIENCE):
                while await (await Wire.open(site)).close_code() != 4429:
                    pass
                wire = None
                while wire is None:  # What she has spent on her first connection comes back to her with time.
                    with contextlib.suppress(websockets.ConnectionClosed):
                        wire = await alice.connect()
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        assert {answer.status_code for answer in answers} == {401, 429}
        slowed = next(answer for answer in answers if answer.status_code == 429)
        assert slowed.json()["code"] == "too_fast"
        await wire.so_far()
