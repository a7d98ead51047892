"""The contract of channel layers, of both of ours: docs/layers.md lists it, and what it was learned from."""

import asyncio
import inspect
import random

import pytest
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull

from chat.layers.redis import RedisChannelLayer
from tests.layers.contract import HELLO, in_threads, members, receiving, sent, type_received
from tests.layers.waits import nothing_comes, soon


@pytest.fixture
async def layer(make):
    layer = make(capacity=3)
    yield layer
    await layer.flush()


# Channels.


async def test_a_message_to_a_channel_of_this_process_is_received_as_it_was_sent(layer):
    channel = await layer.new_channel()
    await layer.send(channel, HELLO)
    assert await soon(layer.receive(channel)) == HELLO


async def test_a_message_to_a_general_channel_reaches_who_receives_there(layer):
    async with receiving(layer, "general") as receiver:
        await layer.send("general", HELLO)
        assert await soon(receiver) == HELLO


async def test_messages_are_received_in_the_order_in_which_they_were_sent(layer):
    channel = await layer.new_channel()
    await sent(layer, channel, "one", "two", "three")
    assert [await type_received(layer, channel) for _ in range(3)] == ["one", "two", "three"]


async def test_channels_are_called_differently_whatever_the_random_numbers(make):
    names = []
    for layer in (make(), make()):
        random.seed(1)
        names += [await layer.new_channel(), await layer.new_channel("upload")]
        await layer.flush()
    assert len(set(names)) == 4


async def test_a_receiver_waits_until_it_is_cancelled_and_takes_nothing_along(layer):
    channel = await layer.new_channel()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await layer.receive(channel)
    await layer.send(channel, HELLO)
    assert await soon(layer.receive(channel)) == HELLO


async def test_many_receivers_that_give_up_in_the_moment_of_a_message_lose_none(layer):
    channel = await layer.new_channel()
    for number in range(50):
        receiver = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)
        await layer.send(channel, {"type": str(number)})
        receiver.cancel()
        (result,) = await asyncio.gather(receiver, return_exceptions=True)
        if isinstance(result, asyncio.CancelledError):
            assert await type_received(layer, channel) == str(number)
        else:
            assert result == {"type": str(number)}
    assert await nothing_comes(layer, channel)


@pytest.mark.parametrize("name", ["=+135!", "a b", "", "a!b!c", "x" * 100])
async def test_a_name_that_is_none_is_refused(layer, name):
    with pytest.raises(TypeError):
        await layer.send(name, HELLO)
    with pytest.raises(TypeError):
        await layer.receive(name)


async def test_a_channel_of_another_process_is_not_received_on(layer):
    if isinstance(layer, RedisChannelLayer):
        with pytest.raises(ValueError, match="another process"):
            await layer.receive("specific.elsewhere!1")


# How much is kept, and for how long.


async def test_a_full_channel_takes_no_more_until_something_is_received(layer):
    channel = await layer.new_channel()
    await sent(layer, channel, "one", "two", "three")
    with pytest.raises(ChannelFull):
        await layer.send(channel, HELLO)
    assert await type_received(layer, channel) == "one"
    await layer.send(channel, HELLO)


async def test_some_channels_may_have_a_capacity_of_their_own(make):
    layer = make(capacity=3, channel_capacity={"specific.*": 1})
    channel = await layer.new_channel()
    await layer.send(channel, HELLO)
    with pytest.raises(ChannelFull):
        await layer.send(channel, HELLO)
    await layer.flush()


async def test_the_earliest_message_expires_first(layer, clock):
    channel = await layer.new_channel()
    await sent(layer, channel, "one")
    clock.pass_by(40)
    await sent(layer, channel, "two")
    clock.pass_by(40)
    assert await type_received(layer, channel) == "two"
    assert await nothing_comes(layer, channel)


async def test_what_has_not_expired_is_received_whole(layer, clock):
    channel = await layer.new_channel()
    for name in ("one", "two"):
        await sent(layer, channel, name)
        clock.pass_by(20)
    assert [await type_received(layer, channel), await type_received(layer, channel)] == ["one", "two"]


async def test_how_long_messages_are_kept_may_be_chosen(make, clock):
    layer = make(expiry=5)
    channel = await layer.new_channel()
    await sent(layer, channel, "one")
    clock.pass_by(6)
    assert await nothing_comes(layer, channel)
    await layer.flush()


async def test_what_was_sent_to_a_group_expires_for_each_channel_by_itself(layer, clock):
    one, two = await members(layer, 2)
    await layer.group_send("group", {"type": "old"})
    assert await type_received(layer, one) == "old"
    clock.pass_by(61)
    await layer.group_send("group", {"type": "new"})
    assert [await type_received(layer, one), await type_received(layer, two)] == ["new", "new"]


# Groups.


async def test_a_group_reaches_its_members_and_not_who_has_left(layer):
    stays, leaves, other = await members(layer, 3)
    await layer.group_discard("group", leaves)
    await layer.group_send("group", HELLO)
    assert await soon(layer.receive(stays)) == await soon(layer.receive(other)) == HELLO
    assert await nothing_comes(layer, leaves)


async def test_a_channel_may_leave_a_group_that_it_was_never_in(layer):
    channel = await layer.new_channel()
    await layer.group_discard("group", channel)
    await layer.group_add("group", channel)
    await layer.group_send("group", HELLO)
    assert await soon(layer.receive(channel)) == HELLO


@pytest.mark.parametrize("count", [1, 10, 100])
async def test_a_group_of_many_is_reached_whole(make, count):
    layer = make()
    channels = await members(layer, count)
    await layer.group_send("group", HELLO)
    assert [await soon(layer.receive(channel)) for channel in channels] == [HELLO] * count
    await layer.flush()


async def test_a_full_member_is_left_out_of_what_a_group_is_sent_and_that_is_logged(layer, caplog):
    caplog.set_level("INFO", "chat.layers.local")
    full, free = await members(layer, 2)
    for name in ("one", "two", "three"):
        await layer.group_send("group", {"type": name})
        assert await type_received(layer, free) == name
    await layer.group_send("group", {"type": "four"})
    assert await type_received(layer, free) == "four"
    assert [await type_received(layer, full) for _ in range(3)] == ["one", "two", "three"]
    assert await nothing_comes(layer, full)


# Synchronous code, and other event loops.


def test_synchronous_code_sends_and_receives_each_time_in_another_loop(make):
    layer, got = make(), []
    channels = []

    def open_two():
        channels.extend([async_to_sync(layer.new_channel)(), async_to_sync(layer.new_channel)()])

    def send():
        for channel in channels:
            async_to_sync(layer.send)(channel, {"type": channel})

    def receive():
        got.extend(async_to_sync(layer.receive)(channel)["type"] for channel in reversed(channels))

    in_threads(open_two, send, receive, lambda: async_to_sync(layer.flush)())
    assert got == channels[::-1]


def test_synchronous_code_may_send_to_a_group_again_and_again(make):
    layer, got = make(), []

    async def hear():
        (channel,) = await members(layer, 1)
        for _ in range(3):
            await asyncio.to_thread(async_to_sync(layer.group_send, force_new_loop=True), "group", HELLO)
            got.append(await soon(layer.receive(channel)))
        await layer.flush()

    asyncio.run(hear())
    assert got == [HELLO] * 3


def test_a_loop_that_only_sends_is_left_without_tasks(make):
    layer, left = make(), []

    async def send():
        await layer.send("general", HELLO)
        await layer.group_send("group", HELLO)
        left.extend(asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(send())
    assert left == []


def test_a_layer_can_be_used_in_one_loop_after_another(make):
    layer = make()

    async def talk():
        (channel,) = await members(layer, 1)
        await layer.group_send("group", HELLO)
        assert await soon(layer.receive(channel)) == HELLO
        await layer.group_discard("group", channel)

    for _ in range(2):
        asyncio.run(talk())
    asyncio.run(layer.flush())


def test_what_may_be_awaited_says_so(make):
    layer = make()
    for name in ("send", "receive", "new_channel", "group_add", "group_discard", "group_send", "flush"):
        assert inspect.iscoroutinefunction(getattr(layer, name))
