"""Polls that wait until something comes."""

import asyncio
import json

import psutil
import pytest
from asgiref.testing import ApplicationCommunicator

from chat.actions import people
from chat.consumers import http
from chat.live.node import node
from chat.models import LOBBY, Room
from tests.clients import post
from tests.consumers.by_hand import poll_by_hand, scope_of
from tests.consumers.frames import bodies, greeted
from tests.patience import PATIENCE

A_MINUTE = 60


async def test_a_poll_waits_until_something_comes(alice, bob):
    lobby, cursors = await greeted(alice)

    async def heard() -> list[str]:
        while not (said := bodies(await alice.poll(cursors, wait=25))):
            pass  # That bob has come is told as well.
        return said

    waiting = asyncio.create_task(heard())
    wire = await bob.connect()
    while not waiting.done():
        await wire.post("now", room=lobby)
    assert "now" in await waiting


async def test_a_poll_that_waits_answers_when_more_comes_than_one_answer_holds(alice, bob):
    lobby, cursors = await greeted(alice)

    async def heard():
        while not bodies(frames := await alice.poll(cursors, wait=15)):
            pass  # That bob has come is told as well.
        return frames

    waiting = asyncio.create_task(heard())
    texts = [f"{number} {'a' * 9900}" for number in range(80)]
    await bob.say(*[post(text, room=lobby) for text in texts])
    frames, read = await waiting, []
    while said := bodies(frames):
        read += said
        frames = await alice.poll(frames[-1]["rooms"])
    assert read == texts


@pytest.mark.proof
async def test_two_thousand_polls_wait_without_a_thread_or_a_database_connection_each(own_site, joins_at):
    alice, bob = await joins_at("alice", own_site), await joins_at("bob", own_site)
    lobby, cursors = await greeted(alice)
    wire = await bob.connect()
    process = psutil.Process(own_site.process.pid)
    # A connection that has not asked for anything yet may be closed where very many are such.
    opening = asyncio.Semaphore(200)
    polls = [asyncio.create_task(poll_by_hand(alice, cursors, opening)) for _ in range(2000)]
    async with asyncio.timeout(PATIENCE):
        while process.num_fds() < 2000:  # noqa: ASYNC110  The system has no event for this.
            await asyncio.sleep(0.1)
    assert process.num_threads() < 40
    files = [file.path for file in process.open_files()]
    assert len([path for path in files if path.endswith(".sqlite3")]) < 20
    await wire.post("everybody", room=lobby)
    assert all(heard == ["everybody"] for heard in await asyncio.gather(*polls))
    assert "Traceback" not in own_site.log.read_text()


async def test_a_poll_ends_at_once_when_its_client_goes(live_threads, bobs_session, lobby_cursors):
    poll = ApplicationCommunicator(http.poll, scope_of(bobs_session))
    body = json.dumps({"wait": A_MINUTE, "cursors": lobby_cursors})
    await poll.send_input({"type": "http.request", "body": body.encode()})
    async with asyncio.timeout(PATIENCE):
        while not node().hub.connections:  # noqa: ASYNC110  What is waited for has no event of its own.
            await asyncio.sleep(0)
    await poll.send_input({"type": "http.disconnect"})
    await poll.wait(A_MINUTE - 1)
    assert not node().hub.connections


@pytest.fixture
def bobs_session(transactional_db, client):
    client.force_login(people.join("bob").user)
    return client.cookies["sessionid"].value


@pytest.fixture
def lobby_cursors(transactional_db):
    room = Room.objects.get(slug=LOBBY)
    return {room.pk: room.sequence}
