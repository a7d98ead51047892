"""A process that sends: it hands its own events out at once, and those from elsewhere leave with them."""

import asyncio

from chat.layers import redis as redis_layer
from tests.layers.processes import heard_by, received
from tests.tools import until


async def test_a_process_hands_its_own_event_out_at_once_and_once(process, redis):
    one, other = await process(), await process()
    _, here = await heard_by(one, "group")
    _, there = await heard_by(other, "group")
    redis.pause()
    try:
        sending = asyncio.create_task(one.group_send("group", {"type": "test", "number": 1}))
        await until(lambda: here)
        assert not there
    finally:
        redis.resume()
    await sending
    await until(lambda: there)
    await other.group_send("group", {"type": "test", "number": 2})
    await until(lambda: len(here) == 2 and len(there) == 2)
    assert here == there == [{"type": "test", "number": 1}, {"type": "test", "number": 2}]


async def test_a_loop_that_does_not_hear_tells_its_process_by_redis(process):
    layer = await process()
    _, heard = await heard_by(layer, "group")
    await asyncio.to_thread(asyncio.run, layer.group_send("group", {"type": "test"}))
    await until(lambda: heard)
    assert heard == [{"type": "test"}]


async def test_what_comes_while_a_process_is_about_to_send_leaves_with_that_and_before_it(process, monkeypatch):
    monkeypatch.setattr(redis_layer, "BUFFER_SECONDS", 3600)
    one, other = await process(), await process()
    _, heard = await heard_by(one, "group")
    channel = await one.new_channel()
    with one.buffering():
        await other.group_send("group", {"type": "test", "number": 1})
        await other.send(channel, {"type": "test"})
        await received(one, channel)  # On the same line, behind the event.
        assert not heard
        await one.group_send("group", {"type": "test", "number": 2})
        assert [event["number"] for event in heard] == [1, 2]
        await other.group_send("group", {"type": "test", "number": 3})
        await other.send(channel, {"type": "test"})
        await received(one, channel)
        assert len(heard) == 2
    assert [event["number"] for event in heard] == [1, 2, 3]


async def test_what_is_held_is_never_handed_out_from_another_loop(process, monkeypatch):
    monkeypatch.setattr(redis_layer, "BUFFER_SECONDS", 3600)
    one, other = await process(), await process()
    _, heard = await heard_by(one, "group")
    channel = await one.new_channel()
    with one.buffering():
        await other.group_send("group", {"type": "test"})
        await other.send(channel, {"type": "test"})
        await received(one, channel)
        await asyncio.to_thread(asyncio.run, one.group_send("elsewhere", {"type": "test"}))
        assert not heard
    assert heard == [{"type": "test"}]


async def test_nothing_waits_for_long_for_a_process_that_is_about_to_send(process):
    one, other = await process(), await process()
    _, heard = await heard_by(one, "group")
    with one.buffering():
        await other.group_send("group", {"type": "test", "number": 1})
        await until(lambda: heard)
