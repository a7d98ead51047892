"""The event stream, and what ends it and the polls beside it."""

import asyncio
import json
import signal

from tests.clients import Person, frames_of, post
from tests.consumers.frames import bodies, greeted
from tests.patience import PATIENCE


async def test_a_stream_says_hello_and_brings_what_is_said(alice, bob):
    async with alice.stream() as stream:
        assert stream.response.headers["content-type"] == "text/event-stream"
        hello = await stream.frame()
        assert hello["you"]["nickname"] == alice.nickname
        lobby = next(room["id"] for room in hello["rooms"] if room["slug"] == "lobby")
        await bob.say(post("hi", room=lobby))
        while (await stream.expect("message"))["message"]["sender"]["nickname"] != bob.nickname:
            pass
        assert stream.comments == 1  # It begins with one: whoever hears it knows that nothing keeps the stream back.


async def test_an_event_names_what_to_go_on_from(alice, bob):
    lobby, cursors = await greeted(alice)
    async with alice.stream(cursors) as stream:
        assert (await stream.expect("synced"))["rooms"] == cursors
        await bob.say(post("one", room=lobby))
        await stream.expect("message")
        last_id = stream.last_id
    await bob.say(post("two", room=lobby), post("three", room=lobby))
    async with alice.stream(cursors, last_id) as stream:
        missed = [await stream.expect("message") for _ in range(2)]
        assert bodies(missed) == ["two", "three"]
        await stream.expect("synced")
        assert json.loads(stream.last_id) == {str(lobby): json.loads(last_id)[str(lobby)] + 2}


async def test_much_that_was_missed_names_no_place_that_the_client_has_not_reached(alice, bob):
    lobby, cursors = await greeted(alice)
    wire = await bob.connect()
    for number in range(100):
        await wire.post(f"{number} {'聊' * 5000}", room=lobby)
    heard, begun = [], cursors[str(lobby)]
    while len(heard) < 100:
        async with alice.stream(cursors) as stream:
            while True:
                event = await stream.event()
                heard += bodies(json.loads(line) for line in event["data"].split("\n"))
                if "id" in event and (reached := json.loads(event["id"])) != cursors:
                    break
            cursors = reached
            assert cursors[str(lobby)] == begun + len(heard)
    assert [int(body.split()[0]) for body in heard] == list(range(100))


async def test_signing_out_ends_streams_and_polls(alice, site):
    _, cursors = await greeted(alice)
    tab = Person(site, alice.nickname)
    tab.http.cookies.update(alice.http.cookies)

    async def poll_on() -> int:
        while (answer := await tab.ask("poll", cursors, wait=60)).status_code == 200:
            cursors.update(frames_of(answer)[-1]["rooms"])
        return answer.status_code

    async with tab.stream(cursors) as stream:
        await stream.expect("synced")
        polling = asyncio.create_task(poll_on())
        await alice.submit("/sign-out/")
        while event := await stream.event():
            last = event
    assert last == {"event": "close", "data": "4401"}
    assert await polling == 401
    await tab.close()


async def test_a_restart_sends_streams_and_polls_away_and_they_come_back_to_everything(own_site, joins_at):
    alice, bob = await joins_at("alice", own_site), await joins_at("bob", own_site)
    lobby, cursors = await greeted(alice)
    async with alice.stream(cursors) as stream:
        await stream.expect("synced")
        waiting = asyncio.create_task(alice.ask("poll", cursors, wait=60))
        wire = await bob.connect()
        await wire.post("last words", room=lobby)
        await stream.expect("message")
        own_site.process.send_signal(signal.SIGTERM)
        while event := await stream.event():
            last = event
        assert last == {"event": "close", "data": "4412"}
        assert (await waiting).status_code in (200, 503)
    assert await asyncio.to_thread(own_site.process.wait, PATIENCE) == 0
    assert "Traceback" not in own_site.log.read_text()
    own_site.start()
    assert bodies(await alice.poll(cursors)) == ["last words"]
