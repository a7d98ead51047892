"""The simple wire, end to end: programs that know nothing but a WebSocket, and people in browsers beside them."""

import asyncio
import contextlib
import json
import signal
import sqlite3
from contextlib import closing
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import websockets

from tests.clients import PATIENCE, Person, names
from tests.servers import NO_LIMITS, Cluster, Site, daphne, database_of_its_own

pytestmark = pytest.mark.one_database

_numbers = count(1)
NOT_AN_OBJECT = "[]"


class Program:
    """A client as the course has them: what it sends is text, what it hears is JSON."""

    def __init__(self, name: str, socket: websockets.ClientConnection) -> None:
        self.name = name
        self.socket = socket

    @classmethod
    async def open(cls, site: Site, path: str, **options: Any) -> "Program":
        url = f"ws://127.0.0.1:{site.port}{quote(path)}"
        return cls(path.removeprefix("/ws/"), await websockets.connect(url, max_size=None, **options))

    async def say(self, text: str | bytes) -> None:
        await self.socket.send(text)

    async def tell(self, to_user: Any, msg: Any) -> None:
        await self.say(json.dumps({"to_user": to_user, "msg": msg}))

    async def hear(self) -> dict[str, str]:
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.socket.recv())

    async def hear_of(self, sender: str) -> str:
        """The next words of this sender; the site is full of others."""
        while True:
            said = await self.hear()
            if said.get("sender") == sender:
                return said["msg"]

    async def error(self) -> str:
        while True:
            said = await self.hear()
            if "error" in said:
                return said["error"]

    async def so_far(self) -> list[dict[str, str]]:
        """All that the server has told up to now: what it answers comes after what it told before."""
        await self.say(NOT_AN_OBJECT)
        heard: list[dict[str, str]] = []
        while True:
            said = await self.hear()
            if "not an object" in said.get("error", ""):
                return heard
            heard.append(said)

    async def ended(self) -> tuple[str, int]:
        """Waits until the server closes: what it told last, and the code."""
        last = "{}"
        async with asyncio.timeout(2 * PATIENCE):
            try:
                while True:
                    last = str(await self.socket.recv())
            except websockets.ConnectionClosed as closed:
                told = json.loads(last)
                return told.get("error", "") if isinstance(
                    told, dict
                ) else "", closed.rcvd.code if closed.rcvd else 1006


@pytest.fixture
async def at(site):
    """Connects programs: `await at("/ws")`."""
    opened = []

    async def connect(path: str, where: Site = site) -> Program:
        opened.append(await Program.open(where, path))
        return opened[-1]

    yield connect
    await asyncio.gather(*(program.socket.close() for program in opened))


@pytest.fixture
def programs(site, at):
    """The same for guests: `await programs("robin")` speaks under a nickname that begins with robin."""

    async def connect(name: str, where: Site = site, *, exactly: bool = False) -> Program:
        return await at(f"/ws/{name}" if exactly else f"/ws/{name}-{next(_numbers)}", where)

    return connect


@pytest.fixture
async def echo(at):
    return await at("/ws")


# The echo.


@pytest.mark.parametrize(
    "said", ["hi", "", "你好", '{"to_user":"alice","msg":"hi"}', "line\nline", b"\x00\xff", "x" * 65_536]
)
async def test_the_echo_says_back_what_came_as_it_came(echo, said):
    await echo.say(said)
    assert await echo.socket.recv() == said


async def test_the_echo_keeps_the_order_of_many(echo):
    for number in range(500):
        await echo.say(str(number))
    assert [await echo.socket.recv() for _ in range(500)] == [str(number) for number in range(500)]


async def test_the_echo_says_back_only_so_much_and_lives(echo):
    await echo.say("聊" * 22_000)
    assert "64 KiB" in (await echo.hear())["error"]
    await echo.say("hi")
    assert await echo.socket.recv() == "hi"


# Talking.


async def test_a_text_goes_to_everybody_in_the_lobby_and_does_not_come_back(programs, joins):
    robin, wren = await programs("robin"), await programs("wren")
    reader = await (await joins("reader")).connect()
    await robin.say("hello 你好")
    assert await wren.hear_of(robin.name) == "hello 你好"
    message = (await reader.expect_body("hello 你好"))["message"]
    assert (message["sender"]["nickname"], message["sender"]["open"]) == (robin.name, True)
    assert robin.name not in {said.get("sender") for said in await robin.so_far()}


async def test_what_people_in_browsers_say_arrives(programs, joins):
    robin, alice = await programs("robin"), await joins("alice")
    wire = await alice.connect()
    await wire.post("hello, robin", room=wire.room("lobby"))
    assert await robin.hear_of(alice.nickname) == "hello, robin"


@pytest.mark.parametrize("name", ["O'Neil", "d’Arc", "阿凡提·买买提"])
async def test_a_name_may_have_an_apostrophe_or_a_middle_dot(programs, name):
    one, other = await programs(name), await programs("robin")
    await other.tell(one.name, "hi")
    assert await one.hear_of(other.name) == "hi"
    await one.say("hello")
    assert await other.hear_of(one.name) == "hello"


async def test_words_of_which_nothing_can_be_seen_are_refused_with_a_sentence(programs):
    robin = await programs("robin")
    await robin.say("\u3164\u200b")
    assert await robin.error() == "A message needs some text that can be seen."


async def test_words_keep_their_order(programs):
    robin, wren = await programs("robin"), await programs("wren")
    for number in range(50):
        await robin.say(f"number {number}")
    assert [await wren.hear_of(robin.name) for _ in range(50)] == [f"number {number}" for number in range(50)]


async def test_private_words_reach_one_person_and_nobody_else(programs, joins):
    robin, wren, other = await programs("robin"), await programs("wren"), await programs("other")
    await robin.tell(wren.name, "psst")
    assert await wren.hear() == {"sender": robin.name, "msg": "psst"}
    outsider = await (await joins("mallory")).connect()
    for heard in (await robin.so_far(), await other.so_far(), await outsider.so_far()):
        assert "psst" not in json.dumps(heard)


async def test_private_words_go_to_and_fro_with_somebody_in_a_browser(programs, joins):
    robin, alice = await programs("robin"), await joins("alice")
    wire = await alice.connect()
    await robin.tell(alice.nickname.upper(), "psst")
    assert (await wire.expect_body("psst"))["message"]["sender"]["nickname"] == robin.name
    await wire.post("what?", to=robin.name)
    assert await robin.hear() == {"sender": alice.nickname, "msg": "what?"}


async def test_words_for_somebody_who_is_away_wait_for_them(programs, joins):
    robin, wren, alice = await programs("robin"), await programs("wren"), await joins("alice")
    await robin.tell(alice.nickname, "see you later")
    await robin.say("that is stored then")
    await wren.hear_of(robin.name)
    missed = next(room for room in (await alice.poll())[0]["rooms"] if room["title"] == robin.name)
    wire = await alice.connect({missed["id"]: 0})
    room = next(room for room in wire.hello["rooms"] if room["title"] == robin.name)
    assert (room["message_count"], room["read_number"], room["other"]["open"]) == (1, 0, True)
    assert (await wire.expect_body("see you later"))["message"]["sender"]["nickname"] == robin.name


async def test_a_chinese_name_is_as_good_as_any(programs):
    ming, robin = await programs("小明"), await programs("robin")
    await ming.tell(robin.name, "你好")
    assert await robin.hear() == {"sender": ming.name, "msg": "你好"}
    await robin.tell(ming.name, "好")
    assert await ming.hear() == {"sender": robin.name, "msg": "好"}


async def test_an_open_name_stands_in_the_list_of_who_is_here_and_is_marked(programs, joins):
    robin, alice = await programs("robin"), await joins("alice")
    wire = await alice.connect()
    while True:
        presence = await wire.expect("presence", room=wire.room("lobby"))
        if robin.name in names(presence["here"]):
            break
    assert {person["nickname"] for person in presence["here"] if person.get("open")} >= {robin.name}
    assert not any(person.get("open") for person in presence["here"] if person["nickname"] == alice.nickname)


# What is refused.


@pytest.mark.parametrize("said", ["[1]", '"hi"', "42", "null", "{}", '{"msg":"hi"}', '{"to_user":7,"msg":"hi"}',
                                  '{"to_user":"nobody at all","msg":"hi"}', '{"to_user":"","msg":"hi"}',
                                  "{'to_user': 'wren', 'msg': 'hi'}", b"binary", ""])  # fmt: skip
async def test_what_is_not_understood_gets_a_sentence_and_the_connection_lives(programs, said):
    robin, wren = await programs("robin"), await programs("wren")
    await robin.say(said)
    assert (await robin.error()).endswith((".", "”."))
    await robin.say("still here")
    assert await wren.hear_of(robin.name) == "still here"


@pytest.mark.parametrize("name", ["admin", "chat", "a!b", " ", "x" * 40, "\N{REPLACEMENT CHARACTER}"])
async def test_a_name_that_cannot_be_one_is_refused_in_each_answer(programs, name):
    robin = await programs(name, exactly=True)
    first = await robin.error()
    await robin.say("hi")
    assert await robin.error() == first


async def test_the_name_of_somebody_with_a_cookie_is_theirs(programs, joins):
    alice, witness = await joins("alice"), await programs("witness")
    mallory = await programs(alice.nickname.upper(), exactly=True)
    assert "taken" in await mallory.error()
    for said in ("I am alice", '{"to_user":"%s","msg":"I am alice"}' % witness.name):  # noqa: UP031
        await mallory.say(said)
        assert "taken" in await mallory.error()
    wire = await alice.connect()
    await wire.post("for members only", to=alice.nickname)
    assert await witness.so_far() == []
    assert alice.nickname not in {room["title"] for room in wire.hello["rooms"]}


async def test_words_for_an_open_name_that_has_gone_are_refused(programs, joins):
    robin, alice = await programs("robin"), await joins("alice")
    wire = await alice.connect()
    await robin.tell(alice.nickname, "bye")
    room = (await wire.expect("room"))["room"]
    assert (room["title"], room["other"]["open"]) == (robin.name, True)
    await robin.socket.close()
    while robin.name in names((await wire.expect("presence", room=room["id"]))["here"]):
        pass
    for place in ({"room": room["id"]}, {"to": robin.name}):
        await wire.send("post", body="are you there?", client_id=f"gone-{next(iter(place))}", **place)
        error = await wire.expect("error")
        assert error["code"] == "not_here"
        assert f"Nobody is connected as “{robin.name}”" in error["detail"]


async def test_no_history_is_told_to_who_comes_next(programs, joins):
    robin, alice = await programs("robin"), await joins("alice")
    wire = await alice.connect()
    await wire.post("a secret of the first", to=robin.name)
    assert await robin.hear_of(alice.nickname) == "a secret of the first"
    await wire.post("said in the lobby", room=wire.room("lobby"))
    await robin.socket.close()
    after = await programs(robin.name, exactly=True)
    await wire.post("for the second", to=robin.name)
    assert [said for said in await after.so_far() if said["sender"] == alice.nickname] == [
        {"sender": alice.nickname, "msg": "for the second"}
    ]


# One connection at a time.


async def test_a_newcomer_takes_over_and_the_older_one_is_told_and_closed(programs):
    older, wren = await programs("robin"), await programs("wren")
    newer = await programs(older.name.upper(), exactly=True)
    assert await older.ended() == ("Somebody else has connected under this nickname, so this connection ends.", 4409)
    await wren.tell(older.name, "which one?")
    assert await newer.hear_of(wren.name) == "which one?"
    await newer.say("the newer one")
    assert await wren.hear_of(older.name) == "the newer one"


@pytest.fixture(scope="module")
def two(tmp_path_factory, redis):
    """Two processes of one site."""
    database = database_of_its_own().get("DATABASE_URL", "")
    cluster = Cluster(tmp_path_factory.mktemp("two"), 2, redis, database, **NO_LIMITS)
    cluster.migrate()
    cluster.start()
    yield cluster
    cluster.stop()


async def test_a_newcomer_takes_over_from_another_process(two, programs):
    one, other = two.sites
    older, wren = await programs("robin", one), await programs("wren", one)
    newer = await programs(older.name, other, exactly=True)
    assert (await older.ended())[1] == 4409
    await wren.tell(older.name, "hi")
    assert await newer.hear_of(wren.name) == "hi"


async def test_of_many_who_come_at_once_exactly_one_stays(two, programs):
    witness = await programs("witness", two.sites[0])
    for round_ in range(5):
        name = f"robin-of-round-{round_}"
        crowd = await asyncio.gather(*(programs(name, two.next_door(), exactly=True) for _ in range(6)))
        endings = [asyncio.create_task(program.ended()) for program in crowd]
        async with asyncio.timeout(PATIENCE):
            while sum(ending.done() for ending in endings) < 5:
                await asyncio.wait([ending for ending in endings if not ending.done()], return_when="FIRST_COMPLETED")
        (survivor,) = (ending for ending in endings if not ending.done())
        survivor.cancel()
        await asyncio.wait([survivor])
        assert {ending.result()[1] for ending in endings if ending is not survivor} == {4409}
        await witness.tell(name, "who is it?")
        assert await crowd[endings.index(survivor)].hear_of(witness.name) == "who is it?"


async def test_a_takeover_that_was_not_heard_is_found_when_redis_is_back(two, redis, programs):
    one, other = two.sites
    older = await programs("robin", one)
    redis.kill()
    try:
        newer = await programs(older.name, other, exactly=True)
    finally:
        redis.start()
    assert (await older.ended())[1] == 4409
    assert await newer.so_far() == []


async def test_a_handshake_waits_for_a_busy_database(tmp_path, programs):
    """As long as a write may: after 5 s it would be told to come back later."""
    with daphne(tmp_path, DATABASE_URL="", **NO_LIMITS) as site:
        with closing(sqlite3.connect(tmp_path / "chatsite.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            coming = asyncio.create_task(programs("robin", site))
            done, _ = await asyncio.wait([coming], timeout=3)
            assert not done
            other.execute("ROLLBACK")
        assert await (await coming).so_far() == []


# The end, and too much.


@pytest.fixture
def own_site(tmp_path):
    with daphne(tmp_path, **NO_LIMITS) as site:
        yield site


async def test_everybody_is_told_of_a_restart(own_site, programs, at):
    robin, refused = await programs("robin", own_site), await programs("admin", own_site, exactly=True)
    echo = await at("/ws", own_site)
    own_site.process.send_signal(signal.SIGTERM)
    for program in (robin, refused, echo):
        assert await program.ended() == ("The site is restarting. Connect again in a moment.", 4412)
    assert await asyncio.to_thread(own_site.process.wait, PATIENCE) == 0
    assert "Traceback" not in own_site.log.read_text()
    own_site.start()
    again = await programs(robin.name, own_site, exactly=True)
    assert await again.so_far() == []


async def test_who_sends_without_end_is_slowed_and_then_sent_away(tmp_path, programs, at):
    with daphne(tmp_path, FRAME_RATE="50") as site:
        flooding = [
            await programs("robin", site),
            await programs("admin", site, exactly=True),
            await at("/ws", site),
        ]
        witness = await programs("witness", site)

        async def flood(program: Program) -> None:
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    await program.say(json.dumps(["x" * 1000]))

        floods = [asyncio.create_task(flood(program)) for program in flooding]
        endings = await asyncio.gather(*(program.ended() for program in flooding))
        assert {code for _, code in endings} == {4429}
        await asyncio.gather(*floods)
        assert await witness.so_far() == []
        assert "Traceback" not in site.log.read_text()


async def test_who_writes_faster_than_can_be_read_is_told_to_wait(tmp_path, programs):
    with daphne(tmp_path, POST_BURST="2", POST_RATE="0.1") as site:
        robin = await programs("robin", site)
        for text in ("one", "two", "three"):
            await robin.say(text)
        assert "Wait" in await robin.error()


async def test_an_address_may_use_only_so_many_new_names(tmp_path, programs):
    with daphne(tmp_path, JOIN_RATE="2") as site:
        first = await programs("one", site)
        await programs("two", site)
        third = await programs("three", site)
        assert "Too many people are joining from your address" in await third.error()
        again = await programs(first.name, site, exactly=True)
        assert await again.so_far() == []
        async with httpx.AsyncClient(base_url=site.url) as browser:
            await browser.get("/")
            fields = {"nickname": "four", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            assert (await browser.post("/join/", data=fields)).status_code == 429


# Switched off.


async def test_a_site_can_switch_names_by_address_off(tmp_path, at):
    with daphne(tmp_path, SIMPLE_WIRE="off") as site:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await at("/ws/robin", site)
        assert refused.value.response.status_code == 403
        echo = await at("/ws", site)
        await echo.say("hi")
        assert await echo.socket.recv() == "hi"
        async with httpx.AsyncClient(base_url=site.url) as browser:
            page = await browser.get("/ws/robin")
        assert page.status_code == 404
        assert "switched off" in page.text
        assert "upgrade" not in page.headers
        await (await Person.join(site, "robin")).close()
