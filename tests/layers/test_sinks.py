"""Channels whose events come by a call."""

import logging

from tests.layers.waits import HELLO, soon


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
