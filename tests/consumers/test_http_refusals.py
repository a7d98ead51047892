"""Refusals over plain HTTP: by person, and by amount."""

import json

import pytest

from tests.clients import Person, frames_of, post
from tests.consumers.frames import bodies, greeted, of
from tests.servers import daphne

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


async def test_who_asks_too_often_is_told_to_wait(tmp_path, joins_at):
    with daphne(tmp_path, FRAME_RATE="5", POST_RATE="0", JOIN_RATE="0") as site:
        alice = await joins_at("alice", site)
        lobby, _ = await greeted(alice)
        answers = await alice.say(*(post(str(number), room=lobby) for number in range(200)))
        slowed = of("error", answers)
        assert {(frame["code"], frame["frame"]) for frame in slowed} == {("too_fast", "post")}
        assert all(frame["client_id"] and frame["retry_after"] for frame in slowed)
        assert len(of("ack", answers)) + len(slowed) == 200
        response = await alice.ask_too_often()
        await refused(response, 429, "too_fast")
        assert int(response.headers["retry-after"]) >= 1
