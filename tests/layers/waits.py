"""A clock in the hands of a test, and what comes or does not come on a layer."""

import asyncio

from chat.layers.local import LocalChannelLayer
from tests.patience import PATIENCE


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


async def soon(awaitable):
    """The result of what should be there at once."""
    return await asyncio.wait_for(awaitable, PATIENCE)


async def waiting(layer: LocalChannelLayer, channel: str) -> asyncio.Task:
    """A receiver that has begun to wait."""
    receiver = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    assert not receiver.done()
    return receiver


async def nothing_comes(layer: LocalChannelLayer, channel: str) -> bool:
    receiver = await waiting(layer, channel)
    for _ in range(5):
        await asyncio.sleep(0)
    silent = not receiver.done()
    receiver.cancel()
    await asyncio.gather(receiver, return_exceptions=True)
    return silent


HELLO = {"type": "say.hello", "text": "hello"}


def kept(layer: LocalChannelLayer) -> int:
    """How many queues, groups and receivers the layer remembers."""
    return len(layer._queues) + len(layer._groups) + len(layer._sinks) + len(layer._receivers)
