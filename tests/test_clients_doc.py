"""Every example of docs/clients.md does what the document says, as it stands there. The console's runs in Chromium."""

import asyncio
import json
import os
import re

import pytest

from tests.servers import daphne
from tests.snippets import examples, running

pytestmark = [pytest.mark.one_database, pytest.mark.proof]

BOTS = ("A bot in Python alone", "A bot on a WebSocket")
OTHERS = (
    "", "Join", "Hear, now and then", "Hear, poll by poll", "Hear a stream", "Speak", "A WebSocket in the shell",
    "Under an open name", "The browser's console",
)  # fmt: skip
SAYS = 'type":"message'


@pytest.fixture
def program(tmp_path, site):
    """Runs examples: `program("polly 1", "Join", "Speak")`. Those of one test share a folder, and so a session."""
    return lambda nickname, *headings, at=site: running(tmp_path, at.url, nickname, *headings)


@pytest.fixture
async def bob(joins):
    """Somebody to talk to, live in the lobby."""
    return await (await joins("bob")).connect()


def test_each_example_has_a_test():
    assert set(examples()) == {*BOTS, *OTHERS}


def test_the_document_begins_with_what_the_examples_want_to_know():
    language, text = examples()[""]
    assert language == "sh"
    assert re.fullmatch(r"export SITE=http://127\.0\.0\.1:8000 NICKNAME=\w+\n", text)


async def test_joining_by_the_form_is_answered_by_302_and_a_taken_nickname_by_422(program, tmp_path):
    async with program("polly joins", "Join") as polly:
        assert await polly.ended() == ["302"]
    (tmp_path / "jar").unlink()
    async with program("polly joins", "Join") as another:
        assert await another.ended() == ["422"]


async def test_a_poll_begins_with_hello_and_ends_with_synced(program):
    async with program("polly polls", "Join", "Hear, now and then") as polly:
        await polly.ended()
    hello, *_, synced = polly.frames
    assert (hello["type"], hello["you"]["nickname"]) == ("hello", "polly polls")
    assert synced["type"] == "synced"
    assert synced["rooms"].keys() == {str(room["id"]) for room in hello["rooms"]}


@pytest.mark.parametrize("heading", ["Hear, poll by poll", "Hear a stream"])
async def test_who_listens_hears_everything_once_and_in_order(heading, program, bob):
    async with program(f"polly {heading[-6:]}", "Join", heading) as polly:
        await polly.line('"type":"presence"')
        said = [f"{heading} {number}" for number in range(5)]
        for body in said:
            await bob.post(body, room=bob.room("lobby"))
        while said[-1] not in polly.bodies:
            await polly.line(SAYS)
    assert [body for body in polly.bodies if body.startswith(heading)] == said


async def test_what_is_sent_is_acknowledged_and_heard_by_others(program, bob):
    async with program("polly speaks", "Join", "Speak") as polly:
        ack = json.loads((await polly.ended())[-1])
    assert ack["type"] == "ack"
    frame = await bob.expect("message", room=ack["room"], sequence=ack["sequence"])
    assert frame["message"]["sender"]["nickname"] == "polly speaks"
    assert frame["message"]["body"] == "Hello from a shell."


@pytest.mark.parametrize("heading", BOTS)
async def test_a_bot_answers_and_goes_on_after_a_restart(heading, program, joins, tmp_path):
    with daphne(tmp_path / "site") as site:
        bob = await joins("bob", site)
        if heading == "A bot on a WebSocket":
            async with program("polly", "Join", at=site) as polly:
                await polly.ended()
        async with program("polly", heading, at=site) as polly:
            await polly.line("Listening as polly.")
            await answered(await bob.connect(), "first")
            site.stop()
            site.start()
            await answered(await bob.connect(), "second")
        async with program("polly", heading, at=site) as polly:  # The nickname is its own: it has kept the jar.
            await polly.line("Listening as polly.")
            await answered(await bob.connect(), "third")


async def answered(wire, word: str) -> None:
    """Asks the bot for a word, which may be on its way back at that moment: then it hears what it missed."""
    await wire.post(f"!say {word}", room=wire.room("lobby"))
    frame = await wire.expect_body(word)
    assert frame["message"]["sender"]["nickname"] == "polly"


async def test_a_websocket_can_be_spoken_to_by_hand(program, bob):
    async with program("polly types", "Join", "A WebSocket in the shell") as polly:
        await needs_npm(polly)
        room = polly.frames[0]["rooms"][0]["id"]
        await polly.type(json.dumps({"type": "post", "room": room, "client_id": "by-hand", "body": "Typed."}))
        await polly.line('"type":"ack"')
    assert (await bob.expect_body("Typed."))["message"]["sender"]["nickname"] == "polly types"


async def test_an_open_name_needs_nothing_but_its_address(program, bob):
    async with program("polly talks", "Under an open name") as polly:
        assert (await bob.expect_body("Ask me for the time."))["message"]["sender"]["nickname"] == "polly talks"
        await bob.post("What is the time?", room=bob.room("lobby"))
        await polly.line("What is the time?")
        answer = await bob.expect_body("Time for a break.")
    assert answer["room"] != bob.room("lobby")


async def needs_npm(program) -> None:
    """Begins, once the WebSocket is open. Skips where npx could not fetch its program, except where all must run."""

    async def begin() -> None:
        """Text that is typed before it is open is lost, and nothing says when it is."""
        while True:
            await program.type('{"type":"sync"}')
            await asyncio.sleep(1)

    beginning = asyncio.create_task(begin())
    try:
        await program.line('"type":"hello"', patience=90)  # It is fetched first.
    except AssertionError:
        if os.environ.get("CI") or not any("npm error" in line for line in program.output):
            raise
        pytest.skip("npm could not get wscat.")
    finally:
        beginning.cancel()
