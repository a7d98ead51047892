"""Rooms over a WebSocket: who gets into them, and who out, and what ends a session."""

import json

import pytest

pytestmark = pytest.mark.above_storage


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
