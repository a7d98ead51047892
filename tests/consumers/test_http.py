"""The doors of plain HTTP: the same frames, permissions and promises as a WebSocket's."""

import asyncio
import json
import re
import signal

import psutil
import pytest
from asgiref.testing import ApplicationCommunicator

from chat.actions import people
from chat.consumers import http
from chat.live.node import node
from chat.models import LOBBY, Room
from tests.clients import PATIENCE, Person, frames_of, names, post
from tests.servers import NO_LIMITS, Cluster, Redis, daphne


@pytest.fixture
def own_site(tmp_path):
    """A site of the test's own, because it is treated badly."""
    with daphne(tmp_path, **NO_LIMITS) as site:
        yield site


def bodies(frames):
    return [frame["message"]["body"] for frame in frames if frame["type"] == "message"]


def of(kind, frames):
    return [frame for frame in frames if frame["type"] == kind]


async def greeted(person):
    """Their lobby's id, and the cursors that the first poll gives."""
    frames = await person.poll()
    lobby = next(room["id"] for room in frames[0]["rooms"] if room["slug"] == "lobby")
    return lobby, frames[-1]["rooms"]


# Polls.


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


@pytest.mark.parametrize("wait", [0, 0.2])
async def test_a_poll_to_which_nothing_comes_gives_the_cursors_back(own_site, wait):
    alice = await Person.join(own_site, "alice")
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


async def test_nothing_is_lost_or_doubled_between_polls_whichever_process_answers(tmp_path):
    redis = Redis()
    redis.start()
    cluster = Cluster(tmp_path, 2, redis=redis, **NO_LIMITS)
    cluster.migrate()
    try:
        cluster.start()
        talker = await Person.join(cluster.sites[0], "talker")
        poller = await Person.join(cluster.sites[0], "poller")
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
        await talker.close()
        await poller.close()
    finally:
        cluster.stop()
        redis.stop()


@pytest.mark.proof
async def test_two_thousand_polls_wait_without_a_thread_or_a_database_connection_each(own_site):
    alice, bob = await Person.join(own_site, "alice"), await Person.join(own_site, "bob")
    lobby, cursors = await greeted(alice)
    wire = await bob.connect()
    process = psutil.Process(own_site.process.pid)
    # A connection that has not asked for anything yet may be closed where very many are such.
    opening = asyncio.Semaphore(200)
    polls = [asyncio.create_task(poll_by_hand(alice, cursors, opening)) for _ in range(2000)]
    async with asyncio.timeout(60):
        while process.num_fds() < 2000:  # noqa: ASYNC110  The system has no event for this.
            await asyncio.sleep(0.1)
    assert process.num_threads() < 40
    files = [file.path for file in process.open_files()]
    assert len([path for path in files if path.endswith(".sqlite3")]) < 20
    await wire.post("everybody", room=lobby)
    assert all(heard == ["everybody"] for heard in await asyncio.gather(*polls))
    assert "Traceback" not in own_site.log.read_text()
    await alice.close()
    await bob.close()


async def poll_by_hand(person, cursors, opening) -> list[str]:
    """What is said next: by a bare connection, of which there may be many, and poll after poll.

    Who is here may change meanwhile, and ends a poll like anything else.
    """

    def ask() -> None:
        body = json.dumps({"wait": 60, "cursors": cursors})
        own = f"X-CSRFToken: {person.http.cookies['csrftoken']}\r\nContent-Length: {len(body)}"
        head = f"POST /live/poll HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {person.cookie}\r\n{own}\r\n\r\n"
        writer.write((head + body).encode())

    async with opening:
        reader, writer = await asyncio.open_connection("127.0.0.1", person.site.port)
        ask()
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            frames = [json.loads(line) for line in (await reader.readexactly(length)).splitlines()]
            if heard := bodies(frames):
                return heard
            cursors = frames[-1]["rooms"]
            ask()
    finally:
        writer.close()


def scope_of(session):
    token = b"t" * 32
    cookie = b"sessionid=%s; csrftoken=%s" % (session.encode(), token)
    headers = [(b"cookie", cookie), (b"x-csrftoken", token), (b"host", b"localhost")]
    return {"type": "http", "method": "POST", "path": "/live/poll", "query_string": b"", "headers": headers}


async def test_a_poll_ends_at_once_when_its_client_goes(live_threads, bobs_session, lobby_cursors):
    poll = ApplicationCommunicator(http.poll, scope_of(bobs_session))
    body = json.dumps({"wait": 60, "cursors": lobby_cursors})
    await poll.send_input({"type": "http.request", "body": body.encode()})
    async with asyncio.timeout(PATIENCE):
        while not node().hub.connections:  # noqa: ASYNC110  What is waited for has no event of its own.
            await asyncio.sleep(0)
    await poll.send_input({"type": "http.disconnect"})
    await poll.wait(PATIENCE)
    assert not node().hub.connections


@pytest.fixture
def bobs_session(transactional_db, client):
    client.force_login(people.join("bob").user)
    return client.cookies["sessionid"].value


@pytest.fixture
def lobby_cursors(transactional_db):
    room = Room.objects.get(slug=LOBBY)
    return {room.pk: room.sequence}


# The event stream.


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


async def test_a_restart_sends_streams_and_polls_away_and_they_come_back_to_everything(own_site):
    alice, bob = await Person.join(own_site, "alice"), await Person.join(own_site, "bob")
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
    await alice.close()
    await bob.close()


# Sending.


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
    await bob.connect()
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


# Who may not.

DOORS = [
    ("GET", "/live/stream"), ("POST", "/live/stream"), ("GET", "/live/poll"), ("POST", "/live/poll"),
    ("POST", "/live/send"),
]  # fmt: skip


async def refused(response, status, code):
    assert response.status_code == status
    [frame] = frames_of(response)
    assert (frame["type"], frame["code"]) == ("error", code)
    return frame["detail"]


async def request(person, method, path, **headers):
    token = {"X-CSRFToken": person.http.cookies.get("csrftoken", "")} if method == "POST" else {}
    return await person.http.request(method, path, headers={**token, **headers})


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_who_is_not_signed_in_is_not_let_in(site, method, path):
    stranger = Person(site, "stranger")
    await stranger.http.get("/")
    assert await refused(await request(stranger, method, path), 401, "not_signed_in")
    await stranger.close()


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_a_page_of_another_site_is_not_let_in(alice, method, path):
    response = await request(alice, method, path, Origin="https://evil.example")
    assert await refused(response, 403, "forbidden")


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_a_page_of_somebody_else_on_this_browser_neither_hears_nor_speaks(alice, bob, method, path):
    response = await request(alice, method, f"{path}?as={bob.nickname}")
    assert alice.nickname in await refused(response, 401, "not_signed_in")


@pytest.mark.parametrize(
    ("path", "methods"), [("/live/stream", "GET, POST"), ("/live/poll", "GET, POST"), ("/live/send", "POST")]
)
async def test_another_method_is_refused(alice, path, methods):
    response = await request(alice, "PUT", path)
    await refused(response, 405, "bad_method")
    assert response.headers["allow"] == methods


@pytest.mark.parametrize("token", ["", "x" * 32])
@pytest.mark.parametrize("path", [path for method, path in DOORS if method == "POST"])
async def test_posting_needs_the_csrf_token(alice, path, token):
    response = await request(alice, "POST", path, **{"X-CSRFToken": token})
    assert await refused(response, 403, "forbidden")


@pytest.mark.parametrize(
    "query",
    ["wait=soon", "wait=-1", "wait=61", "wait=nan", "cursors=7", "cursors={", 'cursors={"x":1}', 'cursors={"1":-1}'],
)
async def test_a_query_that_is_not_understood_is_refused_in_a_sentence(alice, query):
    detail = await refused(await alice.http.get(f"/live/poll?{query}"), 400, "bad_request")
    assert detail.endswith(".")


async def test_a_last_event_id_that_is_not_understood_is_refused(alice):
    response = await alice.http.get("/live/stream", headers={"Last-Event-ID": "yesterday"})
    await refused(response, 400, "bad_request")


async def test_no_byte_of_a_private_room_reaches_who_is_not_in_it(alice, bob):
    slug = await alice.create_room(f"Vault of {alice.nickname}", "private")
    vault = next(room["id"] for room in (await alice.poll())[0]["rooms"] if room["slug"] == slug)
    await alice.say(post("secret", room=vault))
    _, cursors = await greeted(bob)
    asked = {**cursors, str(vault): 0}
    answers = [(await bob.ask("poll", asked)).text]
    answers += [(await bob.deliver(json.dumps({"type": "sync", "rooms": asked}))).text]
    answers += [(await bob.deliver(json.dumps({"type": "history", "room": vault}))).text]
    async with bob.stream(asked) as stream:
        while (event := await stream.event()) and "synced" not in event["data"]:
            answers.append(json.dumps(event))
    assert "secret" not in "".join(answers)
    assert "Vault" not in "".join(answers)


async def test_too_many_frames_at_once_are_refused_and_nothing_is_stored(alice, bob):
    lobby, cursors = await greeted(bob)
    raw = "\n".join(json.dumps(post("flood", room=lobby)) for _ in range(257))
    await refused(await alice.deliver(raw), 413, "too_big")
    assert "flood" not in bodies(await bob.poll(cursors, wait=0))


async def test_who_asks_too_often_is_told_to_wait(tmp_path):
    with daphne(tmp_path, FRAME_RATE="5", POST_RATE="0", JOIN_RATE="0") as site:
        alice = await Person.join(site, "alice")
        lobby, cursors = await greeted(alice)
        answers = await alice.say(*(post(str(number), room=lobby) for number in range(20)))
        slowed = of("error", answers)
        assert {(frame["code"], frame["frame"]) for frame in slowed} == {("too_fast", "post")}
        assert all(frame["client_id"] and frame["retry_after"] for frame in slowed)
        assert len(of("ack", answers)) + len(slowed) == 20
        response = await alice.ask("poll", cursors, wait=0)
        await refused(response, 429, "too_fast")
        assert int(response.headers["retry-after"]) >= 1
        await alice.close()
