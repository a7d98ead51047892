"""People talk over WebSockets."""

import asyncio
import json

import pytest

pytestmark = pytest.mark.above_storage


async def test_a_post_is_acknowledged_and_reaches_everybody_once(two):
    one, other, room = two
    ack = await one.post("hello 你好", room=room)
    assert (ack["room"], ack["number"], ack["sequence"]) == (room, 1, 1)
    for wire in (one, other):
        frame = await wire.expect("message", room=room)
        assert frame["sequence"] == 1
        assert frame["message"]["body"] == "hello 你好"
        assert frame["message"]["client_id"] == ack["client_id"]
        assert [frame for frame in await wire.so_far() if frame["type"] == "message"] == []


async def test_a_resent_post_is_acknowledged_with_its_first_place_and_told_nobody(two):
    one, other, room = two
    first = await one.post("once", room=room, client_id="again")
    again = await one.post("once", room=room, client_id="again")
    assert first == again
    assert [frame["type"] for frame in await other.so_far()].count("message") == 1


async def test_many_posts_in_a_row_are_numbered_in_their_order(two):
    one, other, room = two
    for number in range(50):
        await one.send("post", room=room, body=str(number), client_id=f"{room}-{number}")
    bodies = [(await other.expect("message"))["message"]["body"] for _ in range(50)]
    assert bodies == [str(number) for number in range(50)]


async def test_everybody_sees_twenty_writers_in_one_order(site, joins, room):
    writers = [await joins("writer") for _ in range(20)]
    for writer in writers:
        await writer.submit(f"/rooms/{room}/join/")
    wires = [await writer.connect() for writer in writers]

    async def write(wire):
        for number in range(5):
            await wire.post(str(number), room=wire.room(room))

    async def view(wire):
        return [(await wire.expect("message"))["message"] for _ in range(100)]

    await asyncio.gather(*(write(wire) for wire in wires))
    views = await asyncio.gather(*(view(wire) for wire in wires))
    assert [message["number"] for message in views[0]] == list(range(1, 101))
    assert all(own == views[0] for own in views)


async def test_a_private_message_reaches_both_people_and_nobody_else(alice, bob, joins):
    one, tab, other = await alice.connect(), await alice.connect(), await bob.connect()
    outsider = await (await joins("mallory")).connect()
    ack = await one.post("psst", to=bob.nickname)
    for wire, title in ((one, bob.nickname), (tab, bob.nickname), (other, alice.nickname)):
        summary = (await wire.expect("room"))["room"]
        assert (summary["kind"], summary["title"], summary["id"]) == ("direct", title, ack["room"])
        assert (await wire.expect("message", room=ack["room"]))["message"]["body"] == "psst"
    assert "psst" not in json.dumps(await outsider.so_far())


async def test_a_private_message_waits_for_who_is_away(alice, bob):
    one = await alice.connect()
    ack = await one.post("see you", to=bob.nickname)
    other = await bob.connect({ack["room"]: 0})
    summary = next(room for room in other.hello["rooms"] if room["id"] == ack["room"])
    assert (summary["title"], summary["message_count"], summary["read_number"]) == (alice.nickname, 1, 0)
    assert (await other.expect("message"))["message"]["body"] == "see you"


async def test_notes_to_oneself_come_once_to_each_tab(alice):
    one, tab = await alice.connect(), await alice.connect()
    await one.post("milk", to=alice.nickname)
    for wire in (one, tab):  # Each reads the room that is new to it by itself, and neither waits for the other.
        await wire.expect_body("milk")
        assert "message" not in [frame["type"] for frame in await wire.so_far()]


async def test_a_reply_carries_what_it_replies_to(two):
    one, other, room = two
    await one.post("question", room=room)
    await other.post("answer", room=room, reply_to=1)
    assert (await one.expect_body("answer"))["message"]["reply_to"] == 1


async def test_typing_is_told_to_the_others(two):
    one, other, room = two
    await one.send("typing", room=room)
    await other.expect("typing", room=room)
    assert "typing" not in [frame["type"] for frame in await one.so_far()]


async def test_read_state_is_shared_by_all_tabs_of_a_person_and_never_goes_back(two, bob):
    one, other, room = two
    for body in "abc":
        await one.post(body, room=room)
    tab = await bob.connect()
    await one.so_far()
    await other.send("read", room=room, number=2)
    assert (await tab.expect("read", room=room))["number"] == 2
    await other.send("read", room=room, number=1)
    await other.send("read", room=room, number=99)
    assert (await tab.expect("read", room=room))["number"] == 3
    assert "read" not in [frame["type"] for frame in await one.so_far()]
