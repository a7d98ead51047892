"""The chat's part in the shutdown of a process."""

import logging

from chat.live.hub import hub
from chat.live.journal import journal
from chat.live.presence import presence

logger = logging.getLogger(__name__)


async def say_goodbye(seconds: float) -> None:
    """Closes all connections within about this many seconds."""
    logger.info("Draining %d connections.", len(hub.connections))
    await hub.drain(seconds)


async def finish() -> None:
    """Stores what has been posted, and ends this process's presence leases."""
    await journal.finish()
    await presence.end()
