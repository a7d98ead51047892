"""The result of a check: one finding per thing checked."""

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


class Finding(NamedTuple):
    """`about` names what was checked; the sentence has the figure, or says what is wrong and what to do about it."""

    level: Level
    about: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.level:8} {self.about}: {self.sentence}"


def ok(about: str, sentence: str) -> Finding:
    return Finding(Level.OK, about, sentence)


def warning(about: str, sentence: str) -> Finding:
    """It works, but the owner should know about it."""
    return Finding(Level.WARNING, about, sentence)


def wrong(about: str, sentence: str) -> Finding:
    return Finding(Level.WRONG, about, sentence)


def reason(error: BaseException) -> str:
    """Returns a driver's or the system's error message as part of a sentence."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
