"""Token buckets: a burst at once, then a rate. Each process counts separately."""

import math
import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import NamedTuple

from chat.refusals import Refusal


class Buckets:
    """One bucket per key; it holds `burst` tokens and refills at `rate` a second. A burst or rate of 0 lifts the limit.

    Safe to share between threads. Memory is bounded: beyond `MOST` keys the least recently used ones are dropped.
    """

    SWEEP_AT = 10_000
    MOST = 100_000

    def __init__(self, burst: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst = max(1, burst) if burst else 0
        self.rate = rate
        self.clock = clock
        self._sweep_at = self.SWEEP_AT
        self._levels: dict[Hashable, tuple[float, float]] = {}
        self._lock = Lock()

    def consume(self, key: Hashable, cost: float = 1) -> float:
        """Takes tokens and returns 0.0. If there are too few, takes none and returns the seconds to wait.

        A cost above the burst needs a full bucket, and the rest is paid off afterwards.
        """
        if not self.burst or not self.rate:
            return 0.0
        with self._lock:
            now = self.clock()
            level = self._level(key, now)
            if wait := self._wait(level, cost):
                return wait
            if len(self._levels) >= self._sweep_at:
                self._sweep(now)
            self._levels.pop(key, None)  # Keeps the keys in the order of their last use.
            self._levels[key] = (level - cost, now)
        return 0.0

    def wait(self, key: Hashable, cost: float = 1) -> float:
        """Returns the seconds until `consume` would return 0.0."""
        if not self.burst or not self.rate:
            return 0.0
        with self._lock:
            return self._wait(self._level(key, self.clock()), cost)

    def forget(self) -> None:
        """Fills all buckets."""
        with self._lock:
            self._levels.clear()
            self._sweep_at = self.SWEEP_AT

    def _level(self, key: Hashable, now: float) -> float:
        level, since = self._levels.get(key, (self.burst, now))
        return min(self.burst, level + (now - since) * self.rate)

    def _wait(self, level: float, cost: float) -> float:
        missing = min(cost, self.burst) - level
        return missing / self.rate if missing > 0 else 0.0

    def _sweep(self, now: float) -> None:
        """Drops full buckets, which equal new ones. The next sweep is due at twice the number left."""
        self._levels = {key: state for key, state in self._levels.items() if self._level(key, now) < self.burst}
        for key in list(self._levels)[: max(0, len(self._levels) - self.MOST // 2)]:
            del self._levels[key]
        self._sweep_at = min(self.MOST, max(self.SWEEP_AT, 2 * len(self._levels)))


class Limit(NamedTuple):
    """Buckets, and the name of the refusal for an empty one."""

    buckets: Buckets
    name: str


def count(*asked: tuple[Limit, Hashable]) -> None:
    """Takes a token from each of these limits, under its key. Raises `Refusal`: `too_fast`, and then takes none."""
    wait, limit = max(((limit.buckets.wait(key), limit) for limit, key in asked), key=lambda found: found[0])
    if wait:
        raise Refusal(limit.name, retry_after=math.ceil(wait))
    for limit, key in asked:
        limit.buckets.consume(key)


class Slots:
    """Counts what each key holds at the moment, at most `most`. 0 lifts the limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._counts: dict[Hashable, int] = {}

    def acquire(self, key: Hashable) -> bool:
        """Takes a slot and returns True, or returns False if none is left. Each slot taken must be released."""
        if not self.most:
            return True
        held = self._counts.get(key, 0)
        if held >= self.most:
            return False
        self._counts[key] = held + 1
        return True

    def release(self, key: Hashable) -> None:
        held = self._counts.get(key, 0)
        if held > 1:
            self._counts[key] = held - 1
        else:
            self._counts.pop(key, None)
