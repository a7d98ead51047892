"""The local channel layer: what channels' documentation asks of any layer, and the short way beside it."""

import asyncio
import logging

import pytest
from channels.consumer import AsyncConsumer
from channels.exceptions import ChannelFull
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import channel_layers, get_channel_layer
from channels.testing import ApplicationCommunicator, WebsocketCommunicator

from chat.layers import queues
from chat.layers.local import LocalChannelLayer
from tests.layers.waits import Clock, nothing_comes, soon, waiting

HELLO = {"type": "say.hello", "text": "hello"}


@pytest.fixture
def layer():
    return LocalChannelLayer(capacity=3)


@pytest.fixture
def clock(monkeypatch):
    """The time by which messages expire."""
    clock = Clock()
    monkeypatch.setattr(queues, "monotonic", clock)
    return clock


def kept(layer: LocalChannelLayer) -> int:
    """How many queues, groups and receivers the layer remembers."""
    return len(layer._queues) + len(layer._groups) + len(layer._sinks) + len(layer._receivers)


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


# Groups.


async def test_a_group_reaches_all_its_channels_and_no_other(layer):
    for channel in ("a", "b"):
        await layer.group_add("g", channel)
    await layer.group_add("other", "c")
    await layer.group_send("g", HELLO)
    assert await soon(layer.receive("a")) == await soon(layer.receive("b")) == HELLO
    assert await nothing_comes(layer, "c")


async def test_a_channel_added_twice_gets_a_message_once(layer):
    await layer.group_add("g", "a")
    await layer.group_add("g", "a")
    await layer.group_send("g", HELLO)
    await soon(layer.receive("a"))
    assert await nothing_comes(layer, "a")


async def test_a_discarded_channel_gets_nothing_more(layer):
    await layer.group_add("g", "a")
    await layer.group_discard("g", "a")
    await layer.group_send("g", HELLO)
    assert await nothing_comes(layer, "a")


async def test_discarding_twice_or_what_was_never_there_does_nothing(layer):
    await layer.group_add("g", "a")
    await layer.group_discard("g", "b")
    await layer.group_discard("nobody", "a")
    await layer.group_discard("g", "a")
    await layer.group_discard("g", "a")
    assert kept(layer) == 0


async def test_sending_to_a_group_of_nobody_does_nothing(layer):
    await layer.group_send("g", HELLO)
    assert kept(layer) == 0


async def test_leaving_one_group_keeps_the_others(layer):
    await layer.group_add("g", "a")
    await layer.group_add("h", "a")
    await layer.group_discard("g", "a")
    await layer.group_send("h", HELLO)
    assert await soon(layer.receive("a")) == HELLO


async def test_a_full_channel_is_left_out_and_hinders_nobody(layer):
    for channel in ("full", "b"):
        await layer.group_add("g", channel)
    for _ in range(3):
        await layer.send("full", HELLO)
    await layer.group_send("g", {"type": "late"})
    assert await soon(layer.receive("b")) == {"type": "late"}


async def test_each_member_of_a_group_gets_a_message_of_its_own(layer):
    for channel in ("a", "b"):
        await layer.group_add("g", channel)
    message = {"type": "x", "list": [1]}
    await layer.group_send("g", message)
    (await soon(layer.receive("a")))["list"].append(2)
    message["list"].append(3)
    assert (await soon(layer.receive("b")))["list"] == [1]


async def test_a_channel_that_nobody_reads_for_long_stays_in_its_groups(layer, clock):
    """channels' in-memory layer drops it after a minute: open but deaf."""
    await layer.group_add("g", "a")
    await layer.send("a", HELLO)
    clock.pass_by(3600)
    await layer.group_send("g", {"type": "after an hour"})
    assert await soon(layer.receive("a")) == {"type": "after an hour"}


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


# The short way.


async def test_a_sink_gets_events_at_once_and_in_order(layer):
    got = []
    layer.attach("a", got.append)
    await layer.group_add("g", "a")
    layer.deliver("g", {"type": "n", "number": 1})
    await layer.group_send("g", {"type": "n", "number": 2})
    await layer.send("a", {"type": "n", "number": 3})
    assert [event["number"] for event in got] == [1, 2, 3]
    assert not layer._queues


async def test_all_sinks_are_given_the_same_event_not_a_copy(layer):
    one, other = [], []
    layer.attach("a", one.append)
    layer.attach("b", other.append)
    for channel in ("a", "b"):
        await layer.group_add("g", channel)
    await layer.group_send("g", HELLO)
    assert one[0] is other[0]


async def test_channels_with_and_without_a_sink_share_a_group(layer):
    got = []
    layer.attach("a", got.append)
    for channel in ("a", "b"):
        await layer.group_add("g", channel)
    layer.deliver("g", HELLO)
    assert got == [HELLO]
    assert await soon(layer.receive("b")) == HELLO


async def test_a_detached_sink_gets_nothing_more(layer):
    got = []
    layer.attach("a", got.append)
    await layer.group_add("g", "a")
    layer.detach("a")
    layer.detach("a")
    layer.deliver("g", HELLO)
    assert got == []


async def test_a_sink_that_fails_hinders_nobody_and_is_logged(layer, caplog):
    def broken(event):
        raise KeyError("room")

    got = []
    layer.attach("a", broken)
    layer.attach("b", got.append)
    for channel in ("a", "b"):
        await layer.group_add("g", channel)
    with caplog.at_level(logging.ERROR, "chat"):
        logging.getLogger("chat").addHandler(caplog.handler)
        try:
            await layer.group_send("g", HELLO)
        finally:
            logging.getLogger("chat").removeHandler(caplog.handler)
    assert got == [HELLO]
    assert "could not take an event" in caplog.text


async def test_a_member_may_leave_while_an_event_is_handed_out(layer):
    got = []

    def leaving(event):
        layer.detach("b")
        layer._groups["g"].pop("b")

    layer.attach("a", leaving)
    layer.attach("b", got.append)
    for channel in ("a", "b", "c"):
        await layer.group_add("g", channel)
    layer.deliver("g", HELLO)
    assert got == []
    assert await soon(layer.receive("c")) == HELLO


async def test_it_is_known_whether_anybody_here_is_in_a_group(layer):
    assert not layer.has_local("g")
    await layer.group_add("g", "a")
    assert layer.has_local("g")
    await layer.group_discard("g", "a")
    assert not layer.has_local("g")


async def test_a_broadcast_costs_a_step_for_each_member_only(layer):
    """Counted: 500 members among 5,000 channels take 500 calls, and no member's turn looks at the others."""
    steps = 0

    def count(event):
        nonlocal steps
        steps += 1

    for number in range(5000):
        layer.attach(f"c{number}", count)
        await layer.group_add(f"g{number % 10}", f"c{number}")
    await layer.group_send("g3", HELLO)
    assert steps == 500


# Under channels' own machinery.


class Echo(AsyncJsonWebsocketConsumer):
    """As the Channels tutorial has it: one group, each message to all."""

    groups = ["room.7"]

    async def receive_json(self, content, **kwargs):
        await self.channel_layer.group_send("room.7", {"type": "room.message", "text": content["text"]})

    async def room_message(self, event):
        await self.send_json({"text": event["text"]})


class Worker(AsyncConsumer):
    async def job_run(self, message):
        await self.channel_layer.send(message["answer_to"], {"type": "job.done", "result": message["number"] * 2})


@pytest.fixture
def used(layer):
    """The layer as the project's default one."""
    before = channel_layers.set("default", layer)
    yield layer
    channel_layers.set("default", before) if before else channel_layers.backends.pop("default", None)


async def test_consumers_of_the_tutorial_talk_over_it(used):
    one = WebsocketCommunicator(Echo.as_asgi(), "/")
    other = WebsocketCommunicator(Echo.as_asgi(), "/")
    for communicator in (one, other):
        assert (await communicator.connect())[0]
    await one.send_json_to({"text": "你好"})
    assert await one.receive_json_from() == {"text": "你好"}
    assert await other.receive_json_from() == {"text": "你好"}
    for communicator in (one, other):
        await communicator.disconnect()
    assert not used.has_local("room.7")
    assert kept(used) == 0


async def test_a_worker_answers_over_it(used):
    communicator = ApplicationCommunicator(Worker.as_asgi(), {"type": "channel", "channel": "work"})
    answer_to = await used.new_channel()
    await communicator.send_input({"type": "job.run", "number": 21, "answer_to": answer_to})
    assert await soon(used.receive(answer_to)) == {"type": "job.done", "result": 42}
    communicator.stop()


def test_it_is_the_projects_layer():
    assert isinstance(get_channel_layer(), LocalChannelLayer)


def test_it_says_which_extensions_it_has(layer):
    assert set(layer.extensions) == {"groups", "flush"}
