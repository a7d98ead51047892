"""Sending over plain HTTP."""

import json

from tests.clients import frames_of, names, post
from tests.consumers.frames import bodies, greeted, of


async def test_what_is_sent_is_answered_frame_by_frame_and_read_after_it_is_written(alice):
    lobby, _ = await greeted(alice)
    hi = post("hi", room=lobby)
    frames = await alice.say(hi, hi, {"type": "dance"}, post("x", room=10**9), {"type": "history", "room": lobby})
    first, second = of("ack", frames)
    assert first == second
    assert {(frame["code"], frame.get("frame")) for frame in of("error", frames)} == {
        ("unknown_type", "dance"),
        ("not_a_member", "post"),
    }
    [history] = of("history", frames)
    assert first["number"] in [message["number"] for message in history["messages"]]


async def test_joining_leaving_reading_and_typing_work_without_a_websocket(alice, bob):
    slug = await alice.create_room(f"Hall of {alice.nickname}")
    wire = await alice.connect()
    await bob.poll()
    assert await bob.say({"type": "join", "room": slug}) == []
    [room] = [room for room in (await bob.poll())[0]["rooms"] if room["slug"] == slug]
    assert await bob.say({"type": "typing", "room": room["id"]}) == []
    assert (await wire.expect("typing"))["person"]["nickname"] == bob.nickname
    await bob.say({"type": "leave", "room": room["id"]})
    assert slug not in [room["slug"] for room in (await bob.poll())[0]["rooms"]]


async def test_a_sync_tells_how_far_one_has_read_and_who_is_here(alice, bob):
    lobby, _ = await greeted(alice)
    wire = await alice.connect()
    await bob.connect()
    # Presence is stored soon after a connection has begun.
    while bob.nickname not in names((await wire.expect("presence", room=lobby))["here"]):
        pass
    await bob.say(post("one", room=lobby))
    await alice.say({"type": "read", "room": lobby, "number": 1})
    frames = await alice.say({"type": "sync"})
    assert bodies(frames) == []
    assert of("read", frames)[0]["room"] == lobby
    assert bob.nickname in names(of("presence", frames)[0]["here"])
    assert frames[-1] == {"type": "synced", "rooms": {}}


async def test_a_page_of_before_that_says_its_cursors_with_a_sync_is_told_to_begin_anew(alice):
    lobby, cursors = await greeted(alice)
    assert of("reset", await alice.say({"type": "sync", "rooms": cursors})) == [{"type": "reset", "room": lobby}]


async def test_a_post_without_a_line_end_or_with_empty_lines_is_understood(alice):
    lobby, _ = await greeted(alice)
    raw = f"\n{json.dumps(post('a', room=lobby))}\r\n\n{json.dumps(post('b', room=lobby))}"
    assert len(of("ack", frames_of(await alice.deliver(raw)))) == 2
    assert frames_of(await alice.deliver(b"")) == []
    assert frames_of(await alice.deliver(b"\xff{\x00"))[0]["code"] == "bad_frame"
