"""Words that say where they are from: whoever holds one can be asked whether they may."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_WORD = re.compile(r"canary-(\d+)-(\d+)")

GRACE_SECONDS = 2
"""Within this time rights must have ended everywhere."""


class Canary(NamedTuple):
    room: int
    posted: int
    """Which of all canaries it is."""

    @property
    def word(self) -> str:
        return f"canary-{self.room}-{self.posted}"


class Stay(NamedTuple):
    """Somebody's time in a room, in the clock of the test; `until` is when the answer came that it had ended."""

    room: int
    until: float = float("inf")


def canaries_in(text: str) -> set[Canary]:
    return {Canary(int(room), int(posted)) for room, posted in _WORD.findall(text)} if "canary-" in text else set()


def leaked(held: Iterable[Canary], stays: Iterable[Stay], posted_at: dict[Canary, float]) -> list[str]:
    """The canaries that somebody holds without having been in their rooms when, or after, they were posted.

    Who comes into a room may read what stands there; what is posted `GRACE_SECONDS` after somebody has gone, is not
    for them any more.
    """
    ends: dict[int, float] = {}
    for stay in stays:
        ends[stay.room] = max(stay.until, ends.get(stay.room, 0.0))
    return sorted(
        f"{canary.word} was not theirs"
        for canary in held
        if canary.room not in ends or posted_at[canary] > ends[canary.room] + GRACE_SECONDS
    )
