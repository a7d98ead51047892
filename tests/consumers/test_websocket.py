"""The wire, end to end: a real Daphne, and people who talk over it."""

import asyncio
import json

import pytest
import websockets

from tests.clients import Wire, names

pytestmark = pytest.mark.above_storage

ANYBODY = "http://127.0.0.1:1"


@pytest.fixture
async def room(alice, bob):
    """The slug of a room of these two."""
    slug = await alice.create_room(f"Room of {alice.nickname}")
    await bob.submit(f"/rooms/{slug}/join/")
    return slug


@pytest.fixture
async def two(alice, bob, room):
    """Both people's connections, and the room's id."""
    one, other = await alice.connect(), await bob.connect()
    return one, other, one.room(room)


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


# Talking.


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


# Coming back.


async def test_what_was_missed_comes_after_the_cursors_of_the_next_connection(two, bob):
    one, other, room = two
    await one.post("before", room=room)
    await other.expect_body("before")
    await other.close()
    for number in range(3):
        await one.post(f"missed {number}", room=room)
    back = await bob.connect({room: 1})
    assert [(await back.expect("message"))["sequence"] for _ in range(3)] == [2, 3, 4]
    assert back.synced == {str(room): 4}


async def test_a_long_absence_is_replayed_to_its_end(two, bob):
    one, other, room = two
    await other.close()
    for number in range(450):
        await one.send("post", room=room, body=str(number), client_id=f"{room}-{number}")
    await one.expect("ack", client_id=f"{room}-449")
    back = await bob.connect({room: 0})
    assert [(await back.expect("message"))["sequence"] for _ in range(450)] == list(range(1, 451))
    assert back.synced == {str(room): 450}


async def test_who_comes_back_again_and_again_to_a_lively_room_is_given_all_of_it_once_and_in_order(two, bob):
    one, _, room = two

    async def talk():
        for number in range(200):
            await one.post(str(number), room=room)

    async def come_and_go():
        seen = [0]
        while seen[-1] < 200:
            back = await bob.connect({room: seen[-1]})
            for _ in range(3):
                frame = await back.expect("message")
                assert frame["after"] == seen[-1]
                seen.append(frame["sequence"])
                if seen[-1] == 200:
                    break
            await back.close()
        return seen

    _, seen = await asyncio.gather(talk(), come_and_go())
    assert seen == list(range(201))


async def test_a_cursor_from_the_future_is_reset(two, bob):
    *_, room = two
    back = await bob.connect({room: 99})
    await back.expect("reset", room=room)
    assert back.synced == {str(room): 0}


async def test_history_comes_in_pages_in_ascending_numbers(two):
    one, other, room = two
    for number in range(1, 8):
        await one.post(str(number), room=room)
    await other.send("history", room=room, before=6, limit=3)
    page = await other.expect("history")
    assert [message["number"] for message in page["messages"]] == [3, 4, 5]
    assert page["more"]
    assert all(message["sequence"] == message["number"] for message in page["messages"])
    await other.send("history", room=room, before=3)
    page = await other.expect("history")
    assert ([message["number"] for message in page["messages"]], page["more"]) == ([1, 2], False)


# Rooms.


async def test_joining_and_leaving_reach_all_tabs(alice, bob):
    slug = await alice.create_room(f"Open house of {alice.nickname}")
    one, tab, host = await bob.connect(), await bob.connect(), await alice.connect()
    await one.send("join", room=slug)
    for wire in (one, tab):
        assert (await wire.expect("room"))["room"]["slug"] == slug
    room = host.room(slug)
    await host.post("welcome", room=room)
    await tab.expect_body("welcome")
    await tab.send("leave", room=room)
    for wire in (one, tab):
        await wire.expect("removed", room=room)
    await host.post("gone?", room=room)
    for wire in (one, tab):
        assert "gone?" not in json.dumps(await wire.so_far(), ensure_ascii=False)


async def test_who_is_added_to_a_private_room_gets_it_at_once_and_who_is_removed_loses_it(alice, bob):
    slug = await alice.create_room(f"Secret of {alice.nickname}", "private")
    one, other = await alice.connect(), await bob.connect()
    room = one.room(slug)
    await one.post("before", room=room)
    await alice.submit(f"/rooms/{slug}/members/", nickname=bob.nickname)
    summary = (await other.expect("room"))["room"]
    assert (summary["slug"], summary["message_count"], summary["read_number"]) == (slug, 1, 1)
    await one.post("hello", room=room)
    await other.expect_body("hello")
    await alice.submit(f"/rooms/{slug}/members/remove/", nickname=bob.nickname)
    await other.expect("removed", room=room)
    await one.post("canary", room=room)
    assert "canary" not in json.dumps(await other.so_far())


async def test_a_new_topic_reaches_the_members(alice, two, room):
    _, other, room_id = two
    await alice.submit(f"/rooms/{room}/edit/", title="Renamed", topic="News")
    summary = (await other.expect("room"))["room"]
    assert (summary["id"], summary["title"], summary["topic"], summary["slug"]) == (room_id, "Renamed", "News", room)
    assert "read_number" not in summary


async def test_a_private_room_is_closed_on_every_frame(alice, joins):
    slug = await alice.create_room(f"Secret of {alice.nickname}", "private")
    host = await alice.connect()
    room = host.room(slug)
    await host.post("canary", room=room)
    outsider = await (await joins("mallory")).connect({room: 0})
    await outsider.expect("removed", room=room)
    await outsider.send("sync", rooms={str(room): 0})
    for frame in (
        {"type": "post", "room": room, "client_id": "x", "body": "hi"},
        {"type": "history", "room": room},
        {"type": "read", "room": room, "number": 1},
        {"type": "typing", "room": room},
        {"type": "leave", "room": room},
    ):
        await outsider.send(**frame)
        assert (await outsider.expect("error", frame=frame["type"]))["code"] == "not_a_member"
    await outsider.send("join", room=slug)
    assert (await outsider.expect("error", frame="join"))["code"] == "no_such_room"
    assert "canary" not in json.dumps(await outsider.so_far())


async def test_signing_out_closes_this_sessions_connections_and_no_others(alice, bob):
    one, tab, other = await alice.connect(), await alice.connect(), await bob.connect()
    await alice.submit("/sign-out/", at="/sign-out/")
    assert [await one.close_code(), await tab.close_code()] == [4401, 4401]
    await other.so_far()


async def test_a_session_that_has_ended_is_noticed_at_the_next_heartbeat(site, alice):
    wire = await alice.connect()
    session = alice.http.cookies["sessionid"]
    site.manage(
        "shell",
        "--verbosity",
        "0",
        "-c",
        f"from django.contrib.sessions.models import Session; Session.objects.filter(pk='{session}').delete()",
    )
    await wire.send("sync")
    assert await wire.close_code() == 4401


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
