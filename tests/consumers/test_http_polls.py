"""Polls: the same frames, permissions and promises as a WebSocket's."""

import asyncio

import pytest

from tests.clients import post
from tests.consumers.frames import bodies, greeted, of
from tests.servers import NO_LIMITS, Redis, cluster_of


async def test_a_poll_without_cursors_says_hello_as_a_websocket_does(alice):
    wire = await alice.connect()
    hello, *_, synced = await alice.poll()
    assert hello == wire.hello
    assert synced == {"type": "synced", "rooms": {str(room["id"]): room["sequence"] for room in hello["rooms"]}}


async def test_a_poll_brings_at_once_what_was_missed_and_the_next_one_goes_on(alice, bob):
    lobby, cursors = await greeted(alice)
    await bob.say(post("one", room=lobby), post("two", room=lobby))
    frames = await alice.poll(cursors)
    assert bodies(frames) == ["one", "two"]
    assert frames[-1] == {"type": "synced", "rooms": {str(lobby): cursors[str(lobby)] + 2}}
    await bob.say(post("three", room=lobby))
    assert bodies(await alice.poll(frames[-1]["rooms"])) == ["three"]


@pytest.mark.parametrize("wait", [0, 0.2])
async def test_a_poll_to_which_nothing_comes_gives_the_cursors_back(own_site, joins_at, wait):
    alice = await joins_at("alice", own_site)
    _, cursors = await greeted(alice)
    while (frames := await alice.poll(cursors, wait=wait))[:-1]:
        assert [frame["type"] for frame in frames[:-1]] == ["presence"]
    assert frames == [{"type": "synced", "rooms": cursors}]
    await alice.close()


async def test_private_words_come_to_both_by_poll(alice, bob):
    _, cursors = await greeted(alice)
    await bob.say(post("psst", to=alice.nickname))
    frames = await alice.poll(cursors)
    [room] = of("room", frames)
    assert (room["room"]["title"], room["room"]["message_count"]) == (bob.nickname, 1)
    frames = await alice.say({"type": "history", "room": room["room"]["id"]})
    assert [message["body"] for message in frames[0]["messages"]] == ["psst"]


async def test_a_room_that_one_was_let_into_or_shown_out_of_between_two_polls_is_told(alice, bob):
    slug = await alice.create_room(f"Den of {alice.nickname}", "private")
    _, cursors = await greeted(bob)
    await alice.submit(f"/rooms/{slug}/members/", nickname=bob.nickname)
    frames = await bob.poll(cursors)
    [room] = of("room", frames)
    assert room["room"]["slug"] == slug
    await alice.submit(f"/rooms/{slug}/members/remove/", nickname=bob.nickname)
    frames = await bob.poll(frames[-1]["rooms"])
    assert of("removed", frames) == [{"type": "removed", "room": room["room"]["id"]}]
    assert str(room["room"]["id"]) not in frames[-1]["rooms"]


async def test_a_cursor_beyond_a_room_is_reset(alice):
    lobby, cursors = await greeted(alice)
    frames = await alice.poll({str(lobby): cursors[str(lobby)] + 1000})
    assert of("reset", frames) == [{"type": "reset", "room": lobby}]


async def test_very_much_that_was_missed_comes_in_several_answers_whole_and_in_order(alice, bob):
    lobby, cursors = await greeted(alice)
    wire = await bob.connect()
    for number in range(120):
        await wire.post(f"{number} {'聊' * 5000}", room=lobby)
    heard, answers = [], 0
    while len(heard) < 120:
        frames = await alice.poll(cursors, wait=1)
        mine = [body for body in bodies(frames) if body.endswith("聊")]
        heard, cursors, answers = heard + mine, frames[-1]["rooms"], answers + 1
    assert [int(body.split()[0]) for body in heard] == list(range(120))
    assert answers > 1


@pytest.mark.proof
async def test_nothing_is_lost_or_doubled_between_polls_whichever_process_answers(tmp_path, joins_at):
    with Redis() as redis, cluster_of(tmp_path, 2, redis=redis, **NO_LIMITS) as cluster:
        talker = await joins_at("talker", cluster.sites[0])
        poller = await joins_at("poller", cluster.sites[0])
        lobby, cursors = await greeted(poller)
        wire = await talker.connect()

        async def talk():
            for number in range(300):
                await wire.post(str(number), room=lobby)

        talking, heard, doors = asyncio.create_task(talk()), [], 0
        while len(heard) < 300:
            poller.http.base_url = cluster.sites[doors % 2].url
            frames = await poller.poll(cursors)
            heard, cursors, doors = heard + bodies(frames), frames[-1]["rooms"], doors + 1
        assert heard == [str(number) for number in range(300)]
        await talking
