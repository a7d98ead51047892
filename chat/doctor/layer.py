"""The channel layer, which connects the processes: sends a test event the way chat events go."""

import asyncio
from collections.abc import Iterator
from time import perf_counter
from typing import Any
from uuid import uuid4

from asgiref.sync import async_to_sync
from channels.layers import channel_layers

from chat import conf
from chat.doctor.findings import Finding, ok, wrong
from chat.layers.local import LocalChannelLayer

PATIENCE = 5.0


def check() -> Iterator[Finding]:
    layer = channel_layers.configs.get("default") and channel_layers.make_backend("default")
    if not isinstance(layer, LocalChannelLayer):
        yield wrong(
            "channel layer",
            "The chat needs one of its own in CHANNEL_LAYERS: chat.layers.local.LocalChannelLayer for one process, "
            "chat.layers.redis.RedisChannelLayer for several.",
        )
        return
    hosts = getattr(layer, "hosts", None)
    if hosts is None:
        yield alone()
    else:
        # Imported only here: a site without Redis need not have its client installed.
        from chat.doctor import redis

        yield from async_to_sync(redis.check)(hosts)
    yield async_to_sync(round_trip)()


def alone() -> Finding:
    if conf.PROCESSES > 1:
        return wrong(
            "processes",
            f"There are {conf.PROCESSES}, and nothing connects them: people on different ones see each other's "
            "messages late. Set REDIS_URL.",
        )
    return ok("processes", "one, without Redis")


async def round_trip() -> Finding:
    """Sends between two layers, which represent two processes if Redis connects them."""
    here = channel_layers.make_backend("default")
    there = channel_layers.make_backend("default") if hasattr(here, "hosts") else here
    try:
        return await _passed(there, here)
    finally:
        await here.flush()
        await there.flush()


async def _passed(there: Any, here: Any) -> Finding:
    group, channel = f"doctor.{uuid4().hex}", await here.new_channel()
    await here.group_add(group, channel)
    began = perf_counter()
    await there.group_send(group, {"type": "doctor.event"})
    try:
        async with asyncio.timeout(PATIENCE):
            await here.receive(channel)
    except TimeoutError:
        return wrong(
            "events", f"One that was sent did not come within {PATIENCE:.0f} s: people wait for each other's messages."
        )
    return ok("events", f"round the channel layer in {(perf_counter() - began) * 1000:.1f} ms")
