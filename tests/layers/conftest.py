"""Layers that tests have to themselves."""

import pytest

from chat.layers import queues
from chat.layers.local import LocalChannelLayer
from chat.layers.redis import RedisChannelLayer
from tests.layers.waits import Clock
from tests.tools import until


@pytest.fixture
def layer():
    return LocalChannelLayer(capacity=3)


@pytest.fixture
def clock(monkeypatch):
    """The time by which messages expire."""
    clock = Clock()
    monkeypatch.setattr(queues, "monotonic", clock)
    return clock


@pytest.fixture
async def process(redis):
    """Makes a process: `await process()` gives its channel layer, up and listening."""
    layers = []

    async def make(host=None, **options):
        layer = RedisChannelLayer(hosts=[{"address": redis.url, **(host or {})}], **options)
        layers.append(layer)
        await layer.new_channel()
        await until(lambda: layer.is_whole)
        return layer

    yield make
    for layer in layers:
        await layer.flush()


@pytest.fixture(params=["local", "redis", "shards"])
def make(request, redis):
    """Makes a layer: `make(capacity=3)`. One of a single Redis, and one that spreads over ten of its databases."""

    def make(**options):
        if request.param == "local":
            return LocalChannelLayer(**options)
        numbers = range(10) if request.param == "shards" else range(1)
        return RedisChannelLayer(hosts=[f"{redis.url}/{number}" for number in numbers], **options)

    return make
