"""The chat's part in the shutdown of a process."""

import logging

from chat.live.node import node

logger = logging.getLogger(__name__)


async def say_goodbye(seconds: float) -> None:
    """Closes all connections within about this many seconds."""
    logger.info("Draining %d connections.", len(node().hub.connections))
    await node().hub.drain(seconds)


async def finish() -> None:
    """Stores what has been posted, and ends this process's presence leases."""
    await node().journal.finish()
    await node().presence.end()
