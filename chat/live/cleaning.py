"""Runs the site's cleanup, in one process at a time, while people are here. `actions/cleaning.py` defines the work."""

import asyncio
import logging
import time

from chat.actions import changes, cleaning
from chat.live import threads

logger = logging.getLogger(__name__)

LOOK_SECONDS = 300
BETWEEN_SECONDS = 0.1
"""Pause between two pieces of work, so that other writers go first."""


class Cleaner:
    """One process's part in the cleanup."""

    def __init__(self) -> None:
        self._look_at = 0.0
        self._work: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Starts cleaning if it is due and no process has started."""
        now = time.monotonic()
        if now >= self._look_at and (self._work is None or self._work.done()):
            self._look_at = now + LOOK_SECONDS
            self._work = asyncio.create_task(self._clean())

    async def _clean(self) -> None:
        try:
            # Left by a process that ended before it could.
            while await threads.act(changes.purge):  # noqa: ASYNC110  It is work that is done in pieces.
                await asyncio.sleep(BETWEEN_SECONDS)
            if await threads.act(cleaning.claim):
                for piece_of_work in cleaning.WORK.values():
                    start: int | None = 0
                    while start is not None:
                        start = (await threads.act(piece_of_work, start)).next
                        await asyncio.sleep(BETWEEN_SECONDS)
        except Exception:
            logger.exception("Could not clean up; trying again later.")


cleaner = Cleaner()
"""This process's cleaner."""
