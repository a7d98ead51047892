"""The local channel layer: what channels' documentation asks of any layer, and the short way beside it."""

import asyncio

import pytest
from channels.exceptions import ChannelFull

from chat.layers import queues
from chat.layers.local import LocalChannelLayer
from tests.layers.waits import HELLO, kept, nothing_comes, soon, waiting

# Sending and receiving.


async def test_what_is_sent_is_received(layer):
    await layer.send("a", HELLO)
    assert await soon(layer.receive("a")) == HELLO


async def test_who_waits_already_is_woken(layer):
    receiver = await waiting(layer, "a")
    await layer.send("a", HELLO)
    assert await soon(receiver) == HELLO


async def test_messages_arrive_in_their_order(layer):
    for number in range(3):
        await layer.send("a", {"type": "n", "number": number})
    assert [(await soon(layer.receive("a")))["number"] for _ in range(3)] == [0, 1, 2]


async def test_a_message_is_received_once(layer):
    await layer.send("a", HELLO)
    await soon(layer.receive("a"))
    assert await nothing_comes(layer, "a")


async def test_channels_are_apart(layer):
    await layer.send("a", HELLO)
    assert await nothing_comes(layer, "b")


async def test_two_receivers_of_one_channel_share_its_messages(layer):
    one, other = await waiting(layer, "work"), await waiting(layer, "work")
    await layer.send("work", {"type": "n", "number": 1})
    await layer.send("work", {"type": "n", "number": 2})
    assert (await soon(one))["number"] + (await soon(other))["number"] == 3


async def test_a_second_receiver_is_not_forgotten_when_the_first_is_served(layer):
    one, other = await waiting(layer, "work"), await waiting(layer, "work")
    await layer.send("work", HELLO)
    await soon(one)
    await layer.send("work", HELLO)
    assert await soon(other) == HELLO


async def test_a_message_is_the_receivers_own(layer):
    message = {"type": "x", "inner": {"list": [1]}}
    await layer.send("a", message)
    message["inner"]["list"].append(2)
    received = await soon(layer.receive("a"))
    assert received == {"type": "x", "inner": {"list": [1]}}


async def test_a_channel_has_a_capacity(layer):
    for _ in range(3):
        await layer.send("a", HELLO)
    with pytest.raises(ChannelFull):
        await layer.send("a", HELLO)
    await soon(layer.receive("a"))
    await layer.send("a", HELLO)


async def test_a_capacity_may_be_set_by_pattern():
    layer = LocalChannelLayer(capacity=3, channel_capacity={"small.*": 1})
    await layer.send("small.a", HELLO)
    with pytest.raises(ChannelFull):
        await layer.send("small.a", HELLO)
    await layer.send("large", HELLO)
    await layer.send("large", HELLO)


async def test_the_usual_capacity_is_100():
    layer = LocalChannelLayer()
    for _ in range(100):
        await layer.send("a", HELLO)
    with pytest.raises(ChannelFull):
        await layer.send("a", HELLO)


# Cancelling.


async def test_a_receiver_that_gives_up_takes_no_message_along(layer):
    receiver = await waiting(layer, "a")
    receiver.cancel()
    await asyncio.gather(receiver, return_exceptions=True)
    await layer.send("a", HELLO)
    assert await soon(layer.receive("a")) == HELLO


async def test_a_receiver_cancelled_in_the_very_moment_of_a_message_loses_nothing(layer):
    receiver = await waiting(layer, "a")
    await layer.send("a", HELLO)
    receiver.cancel()
    results = await asyncio.gather(receiver, return_exceptions=True)
    if results == [HELLO]:
        return
    assert await soon(layer.receive("a")) == HELLO


async def test_when_one_of_two_receivers_gives_up_the_other_gets_the_message(layer):
    one, other = await waiting(layer, "a"), await waiting(layer, "a")
    await layer.send("a", HELLO)
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    assert await soon(other) == HELLO


# Names.


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "a!b!c", "a:b", "x" * 100, None, 7, b"a", "a\0"])
async def test_an_invalid_channel_name_is_a_type_error(layer, name):
    with pytest.raises(TypeError):
        await layer.send(name, HELLO)
    with pytest.raises(TypeError):
        await layer.receive(name)
    with pytest.raises(TypeError):
        await layer.group_add("g", name)
    with pytest.raises(TypeError):
        await layer.group_discard("g", name)
    assert kept(layer) == 0


@pytest.mark.parametrize("name", ["", "a b", "a!b", "ä", "a:b", "x" * 100, None, 7, b"a"])
async def test_an_invalid_group_name_is_a_type_error(layer, name):
    with pytest.raises(TypeError):
        await layer.group_add(name, "a")
    with pytest.raises(TypeError):
        await layer.group_discard(name, "a")
    with pytest.raises(TypeError):
        await layer.group_send(name, HELLO)
    assert kept(layer) == 0


@pytest.mark.parametrize("message", ["text", None, 7, [HELLO]])
async def test_a_message_is_a_dict(layer, message):
    await layer.group_add("g", "a")
    with pytest.raises(TypeError):
        await layer.send("a", message)
    with pytest.raises(TypeError):
        await layer.group_send("g", message)


async def test_a_new_channel_has_a_name_of_its_own_in_this_process(layer):
    one, other = await layer.new_channel(), await layer.new_channel("upload")
    assert one != other
    assert one.startswith("specific.")
    assert other.startswith("upload.")
    for name in (one, other):
        assert "!" in name
        assert layer.require_valid_channel_name(name)


async def test_a_process_local_channel_receives(layer):
    channel = await layer.new_channel()
    await layer.send(channel, HELLO)
    assert await soon(layer.receive(channel)) == HELLO


# Channels that nobody receives on any more.


async def test_what_is_sent_to_channels_that_are_gone_is_kept_for_a_while_only(layer, clock):
    for _ in range(1000):
        await layer.send(await layer.new_channel(), HELLO)
    clock.pass_by(61)
    await layer.send("alive", HELLO)
    assert kept(layer) == 1


async def test_however_many_channels_are_gone_what_is_kept_for_them_has_a_bound(layer, monkeypatch):
    monkeypatch.setattr(queues, "UNREAD_MESSAGES", 10)
    for number in range(100):
        await layer.send(f"gone-{number}", HELLO)
        assert kept(layer) <= 10
    for number in (90, 99):
        assert await soon(layer.receive(f"gone-{number}")) == HELLO
    assert await nothing_comes(layer, "gone-89")


async def test_a_channel_that_is_being_read_is_not_among_those_that_are_gone(layer, clock):
    receiver = await waiting(layer, "a")
    clock.pass_by(3600)
    await layer.send("b", HELLO)
    await layer.send("a", HELLO)
    assert await soon(receiver) == HELLO


async def test_a_full_channel_whose_messages_have_expired_takes_new_ones(layer, clock):
    for _ in range(3):
        await layer.send("a", HELLO)
    clock.pass_by(61)
    await layer.send("a", {"type": "new"})
    assert await soon(layer.receive("a")) == {"type": "new"}


async def test_each_of_two_receivers_that_wait_is_woken_by_a_message_of_its_own(layer):
    waiters = [await waiting(layer, "a") for _ in range(3)]
    for number in range(3):
        await layer.send("a", {"type": "n", "number": number})
    assert sorted([(await soon(receiver))["number"] for receiver in waiters]) == [0, 1, 2]
    assert kept(layer) == 0


# Flushing.


async def test_flushing_empties_all(layer):
    await layer.group_add("g", "a")
    await layer.send("a", HELLO)
    await layer.flush()
    assert kept(layer) == 0
    await layer.group_send("g", HELLO)
    assert await nothing_comes(layer, "a")


async def test_who_waits_while_the_layer_is_flushed_gets_what_comes_after(layer):
    receiver = await waiting(layer, "a")
    await layer.flush()
    await layer.send("a", HELLO)
    assert await soon(receiver) == HELLO
    assert kept(layer) == 0


# Nothing is kept of what has ended.


async def test_nothing_is_left_of_a_channel_that_was_read_to_its_end(layer):
    for _ in range(100):
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        await layer.group_send("g", HELLO)
        await soon(layer.receive(channel))
        await layer.group_discard("g", channel)
    assert kept(layer) == 0


async def test_nothing_is_left_of_receivers_that_gave_up(layer):
    for _ in range(100):
        receiver = await waiting(layer, await layer.new_channel())
        receiver.cancel()
        await asyncio.gather(receiver, return_exceptions=True)
    assert kept(layer) == 0
