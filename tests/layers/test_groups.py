"""Groups of the local layer."""

from tests.layers.waits import HELLO, kept, nothing_comes, soon


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
