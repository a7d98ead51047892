"""Messages and listeners for the tests of every channel layer."""

import asyncio
from contextlib import asynccontextmanager
from threading import Thread

from tests.layers.waits import soon
from tests.patience import PATIENCE

HELLO = {"type": "say.hello", "text": "Ahoi", "list": [1, None, {"a": True}], "bytes": b"\x00\xff"}


async def type_received(layer, channel):
    return (await soon(layer.receive(channel)))["type"]


async def sent(layer, channel, *types):
    for name in types:
        await layer.send(channel, {"type": name})


async def members(layer, count, group="group"):
    channels = [await layer.new_channel() for _ in range(count)]
    for channel in channels:
        await layer.group_add(group, channel)
    return channels


@asynccontextmanager
async def receiving(layer, channel):
    """Somebody waits on a general channel, and is heard of by all."""
    task = asyncio.create_task(layer.receive(channel))
    async with asyncio.timeout(PATIENCE):
        while not layer._receivers[channel]:  # noqa: ASYNC110  What is waited for has no event of its own.
            await asyncio.sleep(0)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def in_threads(*works):
    """Each in a thread without an event loop of its own, one after the other."""
    for work in works:
        thread = Thread(target=work)
        thread.start()
        thread.join(20)
        assert not thread.is_alive()
