"""The records of the clients: what they sent, what became of it, and what they saw."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

OK, FAIL, INFO = "ok", "fail", "info"
"""A post was acknowledged, or refused for good; or its fate is not known."""


@dataclass
class Post:
    sender: str
    client_id: str
    room: int
    body: str
    sent_at: float = 0.0
    tries: int = 0
    outcome: str = INFO
    number: int = 0
    answered_at: float = 0.0


class Sight(NamedTuple):
    """A message as it was seen, or as it is stored."""

    number: int
    sequence: int
    sender: str
    client_id: str
    body: str

    @classmethod
    def of(cls, message: dict, sequence: int) -> "Sight":
        return cls(message["number"], sequence, message["sender"]["nickname"], message["client_id"], message["body"])


@dataclass
class View:
    """One client's picture of one room, from the message after `start`."""

    start: int = 0
    messages: dict[int, Sight] = field(default_factory=dict)
    changed: list[tuple[Sight, Sight]] = field(default_factory=list)
    """Where a number came to hold another message than it did."""
    skips: list[tuple[int, int]] = field(default_factory=list)
    """Cursor and sequence, where the server passed a change on without those before it, to a client that was synced."""

    def see(self, sight: Sight) -> None:
        known = self.messages.setdefault(sight.number, sight)
        if known != sight:
            self.changed.append((known, sight))


@dataclass
class History:
    """All that is known at the end: the posts, each client's views by its name and room, and each room as stored."""

    posts: list[Post]
    views: dict[tuple[str, int], View]
    rooms: dict[int, list[Sight]]


def sights(messages: Iterable[dict]) -> list[Sight]:
    """Of the messages on a page of history."""
    return [Sight.of(message, message["sequence"]) for message in messages]
