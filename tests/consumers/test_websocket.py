"""The wire, end to end, by a real Daphne: coming in, who is here, and rubbish."""

import json

import pytest
import websockets

from tests.clients import Wire, names

pytestmark = pytest.mark.above_storage

ANYBODY = "http://127.0.0.1:1"


# Coming in.


async def test_hello_tells_who_one_is_and_where(alice):
    wire = await alice.connect()
    you = wire.hello["you"]
    assert (you["nickname"], you["kind"], you["id"] > 0) == (alice.nickname, "guest", True)
    assert wire.hello["heartbeat"] == 25
    lobby = wire.hello["rooms"][0]
    assert lobby["slug"] == "lobby"
    assert lobby["sequence"] >= lobby["message_count"] >= lobby["read_number"]


async def test_a_person_is_the_same_one_in_every_frame(two, alice, bob):
    one, other, room = two
    person = {"id": one.hello["you"]["id"], "nickname": alice.nickname}
    await one.send("typing", room=room)
    assert (await other.expect("typing", room=room))["person"] == person
    await one.post("it is me", room=room)
    assert (await other.expect_body("it is me"))["message"]["sender"] == person
    assert person in (await other.expect("presence", room=room, count=2))["here"]
    await one.post("and in private", to=bob.nickname)
    await other.expect_body("and in private")
    assert person in [room.get("other") for room in (await bob.connect()).hello["rooms"]]


async def test_who_is_not_signed_in_is_told_so(site):
    assert await (await Wire.open(site)).close_code() == 4401
    assert await (await Wire.open(site, {"Cookie": "sessionid=rubbish"})).close_code() == 4401


@pytest.mark.parametrize("origin", [ANYBODY, "https://evil.example", "null"])
async def test_another_sites_page_gets_nothing(site, alice, origin):
    wire = await Wire.open(site, {"Cookie": alice.cookie, "Origin": origin})
    assert await wire.close_code() == 4403
    assert not wire.frames


async def test_an_address_without_a_door_is_refused_in_the_handshake(site):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"ws://127.0.0.1:{site.port}/ws/elsewhere/")
    assert refused.value.response.status_code == 403


# Presence.


async def test_who_comes_and_goes_is_shown_to_the_others(two, bob, alice):
    one, other, room = two
    both = await one.expect("presence", room=room, count=2, members=2)
    assert names(both["here"]) == sorted([alice.nickname, bob.nickname])
    await other.close()
    left = await one.expect("presence", room=room, count=1, members=2)
    assert names(left["here"]) == [alice.nickname]


async def test_several_tabs_are_one_person_and_a_reload_is_no_departure(two, bob, alice):
    one, other, room = two
    await one.expect("presence", room=room, count=2)
    await one.so_far()  # Before that there may have been one without Bob.
    tab = await bob.connect()
    await tab.expect("presence", room=room, count=2)
    await other.close()
    await tab.close()
    back = await bob.connect()
    await back.expect("presence", room=room, count=2)
    assert [
        frame["count"] for frame in await one.so_far() if frame["type"] == "presence" and frame["room"] == room
    ] == []


# Rubbish.


RUBBISH = [
    ("not json", "bad_frame"),
    ("", "bad_frame"),
    ("[]", "bad_frame"),
    ("null", "bad_frame"),
    ("{}", "bad_frame"),
    ('{"type":"dance"}', "unknown_type"),
    ('{"type":"post"}', "bad_frame"),
    ('{"type":"post","room":"1","client_id":"x","body":"hi"}', "bad_frame"),
    ('{"type":"post","room":1,"client_id":"x","body":""}', "empty_body"),
    ('{"type":"post","room":1,"client_id":"x","body":"  \\n\\t "}', "empty_body"),
    ('{"type":"post","room":1,"client_id":"x","body":"a\\u0000b"}', "bad_body"),
    ('{"type":"post","room":1,"client_id":"x","body":"\\ud800"}', "bad_frame"),
    (json.dumps({"type": "post", "room": 1, "client_id": "x", "body": "x" * 10_001}), "body_too_long"),
    (json.dumps({"type": "post", "to": "no\0body", "client_id": "x", "body": "hi"}), "no_such_person"),
    (json.dumps({"type": "join", "room": "no\0where"}), "no_such_room"),
    (" " * (64 * 1024 + 1), "too_big"),
    ("[" * 60_000, "bad_frame"),
    (b"\x00\x01", "bad_frame"),
    (b'{"type":"sync"}', "bad_frame"),
]


async def test_rubbish_gets_an_error_and_the_connection_lives(alice, room):
    wire = await alice.connect()
    for raw, code in RUBBISH:
        await wire.send_raw(raw)
        error = await wire.expect("error")
        assert error["code"] == code, (raw[:60], error)
        assert error["detail"].endswith(".")
    await wire.post("still here", room=wire.room(room))


async def test_an_error_names_the_post_that_it_answers(alice):
    wire = await alice.connect()
    await wire.send("post", room=wire.room("lobby"), client_id="mine", body="")
    assert await wire.expect("error", client_id="mine", frame="post", code="empty_body")


async def test_a_frame_may_be_64_kib(two):
    one, other, room = two
    frame = json.dumps({"type": "post", "room": room, "client_id": "big", "body": "hi", "pad": ""})
    await one.send_raw(frame.replace('"pad": ""', f'"pad": "{"x" * (64 * 1024 - len(frame))}"'))
    await one.expect("ack", client_id="big")
    await other.expect_body("hi")


async def test_ten_thousand_characters_of_any_width_arrive(two):
    one, other, room = two
    body = "聊🙂" * 5_000
    await one.post(body, room=room)
    await other.expect_body(body)
