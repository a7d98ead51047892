"""Cursors in the body of a request, which may name more rooms than an address has place for."""

import json
import socket

import pytest

from chat.consumers.http import ROOMS_IN_ID, id_line
from chat.wire import protocol
from tests.clients import frames_of, post
from tests.patience import PATIENCE

pytestmark = pytest.mark.above_storage


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
        assert refusal.value.detail == "Cursors can name 2,000 rooms at most; these name 2,001."


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
    assert (response.status_code, response.json()["detail"]) == (413, "A request can have 128 KiB at most.")


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
