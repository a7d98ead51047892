"""What clients may ask of a site, by its work: over all connections of a person, and by address where there is none."""

import asyncio
import contextlib
import json
import socket
import time

import httpx
import pytest
import websockets

from chat import addresses
from chat.actions import people
from chat.consumers.http import ROOMS_IN_ID, id_line
from chat.limits import Buckets
from chat.live import metering
from chat.views import decorators
from chat.wire import protocol
from tests.clients import PATIENCE, Person, Wire, frames_of, post
from tests.pages import browser
from tests.servers import NO_LIMITS, daphne

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


# What a frame costs.


@pytest.mark.parametrize(
    ("frame", "times"),
    [
        (protocol.Read(1, 1), 2),
        (protocol.Typing(1), 2),
        (protocol.History(1), 6),
        (protocol.History(1, limit=100), 11),
        (protocol.Join("chess"), 10),
        (protocol.Leave(1), 10),
        (protocol.Probe(), 5),
        (protocol.Post(client_id="x", body="hi", room=1), 1),
        (protocol.Post(client_id="x", body="hi", to="bob"), 3),
        (protocol.Sync({}), 2),
        (protocol.Sync(dict.fromkeys(range(1, 501), 0)), 12),
        (None, 1),
    ],
)
def test_a_frame_costs_as_much_as_its_work(frame, times):
    assert metering.cost(0, frame) == times


def test_each_kind_of_frame_has_a_cost():
    for kind in protocol.ClientFrame.__args__:
        assert kind is protocol.Post or kind.__name__ in {"Sync", "Read", "Typing", "History", "Join", "Leave", "Probe"}


def test_a_large_frame_costs_more_than_a_small_one_whatever_is_in_it():
    assert metering.cost(protocol.FRAME_BYTES) == 17


def test_cursors_name_so_many_rooms_and_no_more():
    rooms = {str(room): 0 for room in range(1, protocol.ROOMS_NAMED + 1)}
    assert len(protocol.parse(json.dumps({"type": "sync", "rooms": rooms})).rooms) == protocol.ROOMS_NAMED
    rooms["999999"] = 0
    for parse, text in (
        (protocol.parse, {"type": "sync", "rooms": rooms}),
        (protocol.parse_cursors, rooms),
        (protocol.parse_listen, {"cursors": rooms}),
    ):
        with pytest.raises(protocol.Refusal) as refusal:
            parse(json.dumps(text).encode())
        assert refusal.value.code == "too_big"
        assert refusal.value.detail == "Cursors may name 2,000 rooms at most; these name 2,001."


# By person.


async def test_all_connections_and_requests_of_a_person_share_one_account(slow_site):
    alice = await Person.join(slow_site, "alice")
    began = time.monotonic()
    wires = [await alice.connect() for _ in range(4)]  # Four tokens each, with what they say first.
    lobby = wires[0].room("lobby")
    response = await alice.deliver("\n".join(json.dumps(post("x", room=lobby)) for _ in range(200)))
    answers = frames_of(response)
    assert {frame["code"] for frame in answers if frame["type"] == "error"} == {"too_fast"}
    assert sum(frame["type"] == "ack" for frame in answers) <= 4 + 10 * (time.monotonic() - began)
    polls = await asyncio.gather(*(alice.ask("poll", wait=0) for _ in range(30)))
    refused = [answer for answer in polls if answer.status_code == 429]
    assert refused
    assert all(float(answer.headers["retry-after"]) >= 1 for answer in refused)
    bob = await Person.join(slow_site, "bob")
    assert (await bob.ask("poll", wait=0)).status_code == 200
    await alice.close()
    await bob.close()


async def test_many_sockets_of_one_person_are_not_taken_more_frames_from_than_one(slow_site):
    carol = await Person.join(slow_site, "carol")
    wires = [await carol.connect() for _ in range(4)]

    async def ask(wire: Wire) -> int:
        answered = 0
        for _ in range(100):
            await wire.send("dance")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                while await wire.expect("error"):
                    answered += 1
        return answered

    began = time.monotonic()
    answered = sum(await asyncio.gather(*map(ask, wires)))
    assert 0 < answered <= 20 + 10 * (time.monotonic() - began)
    await carol.close()


async def test_whoever_opens_connections_too_fast_is_closed_with_4429(slow_site):
    dave = await Person.join(slow_site, "dave")

    async def code() -> int:
        wire = await Wire.open(slow_site, {"Cookie": dave.cookie, "Origin": slow_site.url})
        dave.wires.append(wire)
        with contextlib.suppress(websockets.ConnectionClosed):
            await wire.begin()
            return 0
        return await wire.close_code()

    assert set(await asyncio.gather(*(code() for _ in range(30)))) == {0, 4429}
    await dave.close()


async def test_a_person_holds_so_many_connections_and_a_closed_one_makes_room(narrow_site):
    alice, bob = await Person.join(narrow_site, "alice"), await Person.join(narrow_site, "bob")
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
                "too_many_connections", "You have 3 connections open already. Close some of them.",
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
    await alice.close()
    await bob.close()


# By address.


async def test_an_echo_is_counted_by_address_over_all_its_sockets(slow_site):
    address = f"ws://127.0.0.1:{slow_site.port}/ws"
    sockets = [await websockets.connect(address) for _ in range(4)]  # Of 200 tokens each takes three.

    async def talk(echo: websockets.ClientConnection) -> int:
        heard = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.5):
                for _ in range(16):
                    await echo.send("x" * 40_000)  # Ten tokens and a bit.
                while await echo.recv():
                    heard += 1
        return heard

    assert 0 < sum(await asyncio.gather(*map(talk, sockets))) < 64
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


async def test_looking_for_nobody_is_charged_to_the_address_and_known_people_are_let_in_all_the_same(tmp_path):
    with daphne(tmp_path, FRAME_RATE="2", JOIN_RATE="0") as site:  # An address has 40 tokens, and 20 a second.
        alice = await Person.join(site, "alice")
        await alice.connect()
        answers: list[httpx.Response] = []

        async def ask_without_end() -> None:
            async with httpx.AsyncClient(
                base_url=site.url, cookies={"sessionid": "rubbish"}, timeout=PATIENCE
            ) as nobody:
                while True:
                    answers.append(await nobody.get("/live/poll"))

        asking = [asyncio.create_task(ask_without_end()) for _ in range(20)]
        try:
            async with asyncio.timeout(2 * PATIENCE):
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
        await alice.close()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/live/seen", "/ws", "/ws/robin", "/connection/echo"])
def test_pages_for_strangers_are_counted_by_address(visitor, monkeypatch, path):
    monkeypatch.setattr(addresses, "anonymous", Buckets(20, 0.01))
    answers = [visitor.get(path) for _ in range(11)]
    assert answers[0].status_code != 429
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) >= 1
    assert "from your address" in answers[-1].content.decode()


@pytest.mark.django_db
def test_pages_of_people_are_counted_by_person(monkeypatch):
    monkeypatch.setattr(decorators, "pages", Buckets(5, 0.01))
    alice, bob = browser(people.join("alice")), browser(people.join("bob"))
    answers = [alice.get(path) for path in ("/rooms/", "/rooms/lobby/", "/people/", "/connection/", "/rooms/new/")]
    assert {answer.status_code for answer in answers} == {200}
    slowed = alice.get("/rooms/lobby/")
    assert slowed.status_code == 429
    assert 50 < int(slowed["Retry-After"]) <= 100
    assert f"Wait {slowed['Retry-After']} seconds and try again." in slowed.content.decode()
    assert bob.get("/rooms/lobby/").status_code == 200


@pytest.mark.django_db
def test_pages_of_people_are_not_charged_to_their_address(monkeypatch):
    monkeypatch.setattr(addresses, "anonymous", Buckets(1, 1e-9))
    addresses.anonymous.consume("127.0.0.1")
    alice = people.join("alice")
    assert browser(alice).get("/rooms/").status_code == 200
    assert browser(alice).get("/").status_code == 302


# Cursors in the body.


async def test_a_poll_of_two_thousand_rooms_is_answered(joins):
    alice = await joins("alice")
    frames = await alice.poll()
    cursors = {**{str(10**9 + number): 1 for number in range(1999)}, **frames[-1]["rooms"]}
    response = await alice.listen("poll", cursors=cursors, wait=0)
    assert response.status_code == 200, response.text
    answers = frames_of(response)
    assert sum(frame["type"] == "removed" for frame in answers) == 1999
    assert answers[-1] == frames[-1]


async def test_a_body_asks_for_what_a_query_can_ask_for(joins):
    alice, bob = await joins("alice"), await joins("bob")
    frames = await alice.poll()
    lobby = frames[0]["rooms"][0]["id"]
    await bob.say(post("hi", room=lobby))
    response = await alice.listen("poll", cursors=frames[-1]["rooms"], wait=5, probe=0)
    assert "hi" in [frame["message"]["body"] for frame in frames_of(response) if frame["type"] == "message"]
    response = await alice.listen("poll", **{"as": "somebody else"})
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")
    assert frames_of(await alice.listen("poll"))[0]["type"] == "hello"


@pytest.mark.parametrize(
    "body", [{"wait": 61}, {"wait": -1}, {"wait": "soon"}, {"cursors": 7}, {"cursors": {"x": 1}}, {"probe": -1}, [], 7]
)
@pytest.mark.parametrize("door", ["poll", "stream"])
async def test_a_body_that_is_not_understood_is_refused_in_a_sentence(joins, body, door):
    response = await (await joins("alice")).listen(door, body)
    assert response.status_code == 400
    assert response.json()["code"] == "bad_request"
    assert response.json()["detail"].endswith(".")


async def test_a_body_without_end_is_refused(joins):
    response = await (await joins("alice")).listen("poll", {"pad": "x" * 200_000})
    assert (response.status_code, response.json()["detail"]) == (413, "A request may have 128 KiB at most.")


async def test_an_address_that_is_too_long_is_refused_in_a_sentence(joins):
    alice = await joins("alice")
    for door in ("poll", "stream"):
        response = await alice.http.get(f"/live/{door}", params={"wait": "1" * 8_000})
        assert response.status_code == 414
        assert response.json()["detail"] == "This address is too long. Send the cursors in the body of a POST."


async def test_a_stream_is_opened_by_post_and_goes_on_from_its_cursors(joins):
    alice, bob = await joins("alice"), await joins("bob")
    frames = await alice.poll()
    lobby = frames[0]["rooms"][0]["id"]
    await bob.say(post("missed", room=lobby))
    cursors = {**{str(10**9 + number): 1 for number in range(1000)}, **frames[-1]["rooms"]}
    async with alice.stream_by_post(cursors=cursors) as stream:
        assert (await stream.expect("message"))["message"]["body"] == "missed"


def test_an_event_of_many_rooms_has_an_empty_id():
    """Browsers say it back in a header, which no proxy takes without end; an empty one makes them begin anew."""
    few, many = dict.fromkeys(range(ROOMS_IN_ID), 10**9), dict.fromkeys(range(ROOMS_IN_ID + 1), 10**9)
    assert len(id_line(few)) < 4096
    assert json.loads(id_line(few).removeprefix(b"\nid: ")) == {str(room): 10**9 for room in few}
    assert id_line(many) == b"\nid:"
    assert id_line(None) == b""


def test_a_request_line_that_the_site_cannot_read_is_not_needed(site):
    """The door that answers in words takes longer addresses than proxies do."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE) as line:
        line.sendall(b"GET /live/poll?cursors=" + b"x" * 8_001 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 414 ")
