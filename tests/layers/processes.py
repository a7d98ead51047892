"""Processes whose layers share a Redis, and the events that reach them."""

import asyncio

from tests.patience import PATIENCE


async def received(layer, channel):
    async with asyncio.timeout(PATIENCE):
        return await layer.receive(channel)


async def heard_by(layer, group):
    """A channel in the group, and what its sink gets."""
    channel, heard = await layer.new_channel(), []
    layer.attach(channel, heard.append)
    await layer.group_add(group, channel)
    return channel, heard
