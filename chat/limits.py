"""Token buckets: a burst at once, then a rate. One process counts for itself."""

import time
from collections.abc import Callable, Hashable


class Buckets:
    """A bucket per key that holds `burst` tokens and fills by `rate` a second. A burst or rate of 0 lifts the limit."""

    SWEEP_AT = 10_000

    def __init__(self, burst: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst = max(1, burst) if burst else 0
        self.rate = rate
        self.clock = clock
        self._sweep_at = self.SWEEP_AT
        self._levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable) -> float:
        """Takes a token and answers 0.0; where there is none, takes nothing and answers the seconds until there is."""
        if not self.burst or not self.rate:
            return 0.0
        now = self.clock()
        level = self._level(key, now)
        if level < 1:
            return (1 - level) / self.rate
        if len(self._levels) >= self._sweep_at:
            self._sweep(now)
        self._levels[key] = (level - 1, now)
        return 0.0

    def _level(self, key: Hashable, now: float) -> float:
        level, since = self._levels.get(key, (self.burst, now))
        return min(self.burst, level + (now - since) * self.rate)

    def _sweep(self, now: float) -> None:
        """Forgets the full buckets, which are as good as new ones; again when there are twice as many as are left."""
        self._levels = {key: state for key, state in self._levels.items() if self._level(key, now) < self.burst}
        self._sweep_at = max(self.SWEEP_AT, 2 * len(self._levels))
