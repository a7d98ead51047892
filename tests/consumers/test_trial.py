"""Trial messages: stored and told like others by all four ways, to nobody but who sent them."""

import asyncio
import base64
import json
from types import SimpleNamespace

import pytest
import websockets

from chat import queries
from chat.actions import people
from chat.limits import Buckets
from chat.live import commands
from tests.clients import Wire
from tests.patience import PATIENCE

pytestmark = pytest.mark.above_storage

PROBE = {"type": "probe"}
A_MINUTE = 60
NEVER = 1e-9
"""A rate at which nothing comes back while a test runs."""


async def trial_wire(person, **headers: str) -> Wire:
    """A WebSocket to the door of the connection page."""
    site = person.site
    url = site.socket_url.replace("/ws/chat/", "/ws/connection/")
    named = {"Cookie": person.cookie, "Origin": site.url, **headers}
    wire = Wire(await websockets.connect(url, additional_headers=named))
    person.wires.append(wire)
    return wire


def numbers(frames, kind):
    return [frame["number"] for frame in frames if frame["type"] == kind]


async def polled_probe(person, cursors) -> list[int]:
    """The first probes that come by waiting polls, which bring other things too."""
    async with asyncio.timeout(PATIENCE):
        while not (found := numbers(frames := await person.poll(cursors, wait=25, probe=0), "probe")):
            cursors = frames[-1]["rooms"]
    return found


# Probes.


async def test_a_probe_is_answered_and_told_to_each_connection_of_its_sender(alice):
    sending, listening = await alice.connect(), await alice.connect()
    async with alice.stream() as stream:
        await stream.expect("hello")
        cursors = (await alice.poll())[-1]["rooms"]
        polling = asyncio.create_task(polled_probe(alice, cursors))
        await sending.send("probe")
        assert await sending.expect("probed") == {"type": "probed", "number": 1}
        for wire in (sending, listening, stream):
            assert await wire.expect("probe") == {"type": "probe", "number": 1}
        assert set(await polling) == {1}


async def test_a_probe_over_http_is_answered_with_its_number(alice):
    assert [numbers(await alice.say(PROBE), "probed") for _ in range(2)] == [[1], [2]]


async def test_nobody_else_hears_of_a_probe(alice, bob):
    wire = await bob.connect()
    await alice.say(PROBE)
    assert numbers(await wire.so_far(), "probe") == []
    assert numbers(await bob.poll(probe=0), "probe") == []


async def test_a_probe_is_in_no_room(alice):
    hello = (await alice.poll())[0]
    await alice.say(PROBE)
    assert (await alice.poll())[0]["rooms"] == hello["rooms"]


async def test_a_poll_brings_at_once_a_probe_from_between_two_polls(alice):
    cursors = (await alice.poll())[-1]["rooms"]
    await alice.say(PROBE)
    async with asyncio.timeout(A_MINUTE - 1):
        assert numbers(await alice.poll(cursors, wait=A_MINUTE, probe=0), "probe") == [1]
    assert numbers(await alice.poll(cursors, wait=0, probe=1), "probe") == []


@pytest.mark.parametrize("probe", ["-1", "one", "1.5", "9" * 11])
async def test_a_poll_that_names_no_probe_is_told_so(alice, probe):
    answer = await alice.ask("poll", probe=probe)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


async def test_too_many_probes_at_once_are_refused(live_threads, alice_profile, monkeypatch):
    monkeypatch.setattr(commands, "_probes", Buckets(2, NEVER))
    frames: list[dict] = []

    async def spend(tokens: float) -> None:
        """They cost nothing else here."""

    for _ in range(4):
        client = SimpleNamespace(admitted=SimpleNamespace(profile=alice_profile, address=""))
        await commands.handle(client, json.dumps(PROBE), lambda frame: frames.append(json.loads(frame)), spend)
    assert numbers(frames, "probed") == [1, 2]
    assert [(frame["code"], frame["frame"]) for frame in frames[2:]] == [("too_fast", "probe")] * 2


def test_a_person_s_probes_are_numbered_by_themselves(alice_profile, bob_profile):
    assert [people.probe(alice_profile), people.probe(alice_profile), people.probe(bob_profile)] == [1, 2, 1]
    assert queries.last_probe(alice_profile.pk) == 2


@pytest.fixture
def alice_profile(person):
    return person("alice")


@pytest.fixture
def bob_profile(person):
    return person("bob")


# The door that tells of itself.


async def test_the_trial_door_tells_the_key_that_came_and_no_cookie(alice):
    wire = await trial_wire(alice)
    shown = await wire.expect("handshake")
    sent = wire.socket.request.headers
    assert shown["key"] == sent["Sec-WebSocket-Key"]
    assert len(base64.b64decode(shown["key"])) == 16
    assert dict(shown["headers"])["origin"] == alice.site.url
    assert alice.cookie not in str(shown)
    assert "cookie" not in dict(shown["headers"])


async def test_the_trial_door_is_a_chat_s(alice):
    wire = await trial_wire(alice)
    await wire.begin()
    assert wire.hello["you"]["nickname"] == alice.nickname
    lobby = (await alice.connect()).room("lobby")
    assert (await wire.post("by the other door", room=lobby))["room"] == lobby


async def test_the_trial_door_lets_nobody_in_whom_the_chat_does_not(site, alice):
    url = site.socket_url.replace("/ws/chat/", "/ws/connection/")
    assert await Wire(await websockets.connect(url)).close_code() == 4401
    wire = await trial_wire(alice, Origin="https://evil.example")
    assert await wire.close_code() == 4403
    assert not wire.frames


async def test_bytes_are_counted_as_they_pass_the_socket(alice):
    """Each text has a head before it (RFC 6455, 5.2), and what tells of the count is not in it."""
    wire = await trial_wire(alice)
    sent = ['{"type":"sync","rooms":{}}', '{"type":"probe"}']
    for text in sent:
        await wire.send_raw(text)
    total = sum(6 + len(text) for text in sent)
    heard = 0
    async with asyncio.timeout(PATIENCE):
        while True:
            text = await wire.socket.recv()
            frame = json.loads(text.split("\n")[0])
            if frame["type"] != "traffic":
                heard += len(text.encode()) + (2 if len(text.encode()) < 126 else 4)
            elif frame["received"] == total:
                break
    assert frame["sent"] == heard


# Things that a page cannot see of its own requests.


async def test_the_echo_tells_how_long_the_head_of_a_request_was_and_not_what_was_in_it(site):
    lines = ["GET /connection/echo?a=%E4%BD%A0 HTTP/1.1", f"Host: 127.0.0.1:{site.port}", "Cookie: sessionid=secret"]
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(head)
    answer = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"bytes": len(head)}


async def test_the_echo_takes_no_post_of_another_site(alice):
    assert (await alice.http.post("/connection/echo")).status_code == 403
    assert (await alice.submit("/connection/echo")).status_code == 200


def test_a_probe_for_nobody_is_no_profile_s(db):
    assert queries.last_probe(12345) == 0
