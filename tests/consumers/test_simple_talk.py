"""Talk on the simple wire: programs, and people in browsers beside them."""

import json

import pytest

from tests.clients import names

pytestmark = pytest.mark.one_database


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
    assert await robin.error() == "Write something first."


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
