"""The chat's part in the end of a process that is told to end."""

import logging

from chat.live.hub import hub
from chat.live.journal import journal
from chat.live.presence import presence

logger = logging.getLogger(__name__)


async def say_goodbye(seconds: float) -> None:
    """Sends everybody away, in about so many seconds."""
    logger.info("Draining %d connections.", len(hub.connections))
    await hub.drain(seconds)


async def finish() -> None:
    """Stores what has been posted, and that nobody of this process is here any more."""
    await journal.finish()
    await presence.end()
