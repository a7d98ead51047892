"""The channel layer between processes, on a real Redis: messages and groups. Each layer here stands for a process."""

import asyncio

import pytest
from channels_redis.serializers import MsgPackSerializer

from chat.layers.redis import RedisChannelLayer
from tests.layers.processes import heard_by, received
from tests.layers.waits import kept
from tests.tools import until


async def test_a_message_reaches_a_channel_of_another_process(process):
    one, other = await process(), await process()
    channel = await other.new_channel()
    await one.send(channel, {"type": "test", "text": "聊天", "bytes": b"\x00"})
    assert await received(other, channel) == {"type": "test", "text": "聊天", "bytes": b"\x00"}


async def test_messages_to_one_channel_keep_their_order(process):
    one, other = await process(), await process()
    channel = await other.new_channel()
    for number in range(50):
        await one.send(channel, {"type": "test", "number": number})
    assert [(await received(other, channel))["number"] for _ in range(50)] == list(range(50))


async def test_a_general_channel_reaches_each_process_that_receives_on_it(process, redis):
    one, other = await process(), await process()
    waiting = [asyncio.create_task(received(layer, "worker")) for layer in (one, other)]
    await until(lambda: redis.command("PUBSUB", "NUMSUB", "chatsiteworker")[1] == 2)
    await one.send("worker", {"type": "test"})
    assert await asyncio.gather(*waiting) == [{"type": "test"}] * 2


async def test_a_worker_that_is_busy_between_messages_gets_them_all(process, redis):
    one, other = await process(), await process()
    got = []

    async def work():
        while True:
            got.append((await other.receive("worker"))["number"])
            await asyncio.sleep(0.01)

    working = asyncio.create_task(work())
    await until(lambda: redis.command("PUBSUB", "NUMSUB", "chatsiteworker")[1] == 1)
    for number in range(50):
        await one.send("worker", {"type": "t", "number": number})
        await asyncio.sleep(0.003)
    await until(lambda: len(got) == 50)
    assert got == list(range(50))
    working.cancel()


async def test_a_general_channel_that_nobody_receives_on_any_more_is_not_heard_of(process, redis, clock):
    one, other = await process(), await process()
    receiving = asyncio.create_task(received(other, "worker"))
    await until(lambda: redis.command("PUBSUB", "NUMSUB", "chatsiteworker")[1] == 1)
    for _ in range(2):
        await one.send("worker", {"type": "test"})
    await receiving
    await until(lambda: kept(other) == 1)
    clock.pass_by(61)
    await other.send(await other.new_channel(), {"type": "test"})
    assert kept(other) == 1  # The last message, and not that of the worker.
    await until(lambda: redis.command("PUBSUB", "NUMSUB", "chatsiteworker")[1] == 0)


async def test_that_a_channel_is_full_is_logged_once(process, caplog):
    one, other = await process(), await process(capacity=3)
    channel, later = await other.new_channel(), await other.new_channel()
    for _ in range(6):
        await one.send(channel, {"type": "test"})
    await one.send(later, {"type": "test"})
    await received(other, later)
    assert caplog.text.count(f"Messages for {channel} are dropped") == 1


async def test_what_comes_for_a_channel_that_was_never_made_is_not_kept(process):
    one, other = await process(), await process()
    channel = await other.new_channel()
    for name in (f"{other.process}1000000", f"{other.process}x", f"{other.process}"):
        await one.send(name, {"type": "test"})
    await one.send(channel, {"type": "last"})
    assert await received(other, channel) == {"type": "last"}
    assert kept(other) == 0


async def test_a_group_reaches_its_members_in_all_processes_and_nobody_else(process):
    one, other = await process(), await process()
    (_, here), (_, there), (_, elsewhere) = (
        await heard_by(one, "room.1"),
        await heard_by(other, "room.1"),
        await heard_by(other, "room.2"),
    )
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: here and there)
    await one.group_send("room.2", {"type": "last"})
    await until(lambda: elsewhere)
    assert (here, there, elsewhere) == ([{"type": "test"}], [{"type": "test"}], [{"type": "last"}])


async def test_a_process_subscribes_once_and_decodes_once_however_many_listen(process, redis, monkeypatch):
    one, other = await process(), await process()
    members = [await heard_by(other, "room.1") for _ in range(20)]
    decoded = []
    deserialize = MsgPackSerializer.deserialize
    monkeypatch.setattr(
        MsgPackSerializer, "deserialize", lambda self, data: decoded.append(1) or deserialize(self, data)
    )
    assert redis.command("PUBSUB", "NUMSUB", "chatsite__group__room.1")[1] == 1
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: all(heard for _, heard in members))
    assert len(decoded) == 1


async def test_who_has_left_a_group_hears_no_more_of_it(process, redis):
    one, other = await process(), await process()
    (stays, kept), (leaves, lost) = await heard_by(other, "room.1"), await heard_by(other, "room.1")
    await other.group_discard("room.1", leaves)
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: kept)
    assert lost == []
    await other.group_discard("room.1", stays)
    await until(lambda: redis.command("PUBSUB", "NUMSUB", "chatsite__group__room.1")[1] == 0)


async def test_joining_and_leaving_in_a_hurry_ends_as_the_last_word_says(process):
    one, other = await process(), await process()
    channel, heard = await heard_by(other, "room.1")
    for _ in range(20):
        await asyncio.gather(other.group_discard("room.1", channel), other.group_add("room.1", channel))
    await one.group_send("room.1", {"type": "test"})
    await until(lambda: heard)


async def test_groups_that_are_joined_while_the_line_is_being_opened_are_heard(process, redis):
    one = await process()
    cold = RedisChannelLayer(hosts=[redis.url])
    joined = await asyncio.gather(*(heard_by(cold, f"room.{number}") for number in range(10)))
    for number in range(10):
        await one.group_send(f"room.{number}", {"type": "test"})
    await until(lambda: all(heard for _, heard in joined))
    await cold.flush()


@pytest.mark.parametrize("name", ["with space", "聊天", "x" * 101, "", 7])
async def test_names_that_are_none_are_refused(process, name):
    layer = await process()
    for call in (
        layer.send(name, {"type": "x"}),
        layer.group_send(name, {"type": "x"}),
        layer.group_add(name, await layer.new_channel()),
        layer.group_discard(name, await layer.new_channel()),
    ):
        with pytest.raises(TypeError):
            await call


async def test_flush_forgets_and_the_layer_can_be_used_again(process):
    layer = await process()
    _, heard = await heard_by(layer, "room.1")
    await layer.flush()
    await layer.group_send("room.1", {"type": "lost"})
    _, again = await heard_by(layer, "room.1")
    await until(lambda: layer.is_whole)
    await layer.group_send("room.1", {"type": "test"})
    await until(lambda: again)
    assert heard == []
