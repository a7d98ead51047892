"""Open files: each connection uses one, their number is limited, and a process that has none left can do nothing."""

import logging
import os
import resource
import time
from enum import IntEnum

MOST_FILES = 65_536
"""The limit that a process requests, where the system allows it. Most systems start with 1,024."""

COUNT_SECONDS = 1.0

logger = logging.getLogger(__name__)


def raise_limit() -> int:
    """Raises the limit of open files as far as the system allows, up to `MOST_FILES`, and returns the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if wanted > soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft


class Room(IntEnum):
    """How much room is left for more connections."""

    MANY = 0
    FEW = 1
    """The rest is reserved for signed-in users."""
    LAST = 2
    """The rest is reserved for the database, files and health checks."""


class OpenFiles:
    """Detects when this process's open files are nearly used up.

    The system gives a new file the lowest free number, so a high number shows at no cost that very many are open. The
    end of the shortage has to be found by counting.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.kept = max(32, min(1024, limit // 8))
        self._is_scarce = False
        self._counted_at = 0.0
        self._refused = 0

    def room_beyond(self, number: int) -> Room:
        """Returns the room left once a connection has this file number. Logs when a shortage begins or ends."""
        if number >= self.limit - self.kept:
            if not self._is_scarce:
                self._begin()
            return Room.LAST if number >= self.limit - self.kept // 4 else Room.FEW
        if self._is_scarce and not self._is_over():
            return Room.FEW
        return Room.MANY

    def count_refused(self) -> None:
        self._refused += 1

    def _begin(self) -> None:
        self._is_scarce, self._counted_at, self._refused = True, time.monotonic(), 0
        logger.warning(
            "Open files are nearly used up: all but %d of %d. New connections are taken from people who are signed in "
            "alone, and those that have not asked for anything yet are closed. See LimitNOFILE, ulimit -n.",
            self.kept,
            self.limit,
        )

    def _is_over(self) -> bool:
        now = time.monotonic()
        if now - self._counted_at < COUNT_SECONDS:
            return False
        self._counted_at = now
        try:
            count = len(os.listdir("/dev/fd"))
        except OSError:
            return False  # Not even one more can be opened.
        if count > self.limit - 2 * self.kept:
            return False
        self._is_scarce = False
        logger.warning("There are enough open files again: %d requests were refused meanwhile.", self._refused)
        return True
