"""The simple wire, end to end: the echo, and what is refused."""

import pytest

from tests.clients import names

pytestmark = pytest.mark.one_database


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


# Refusals.


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
        assert f"“{robin.name}” isn't connected" in error["detail"]


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
