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


@dataclass
class Change:
    """Another text for a message, or its deletion. It waits in the same outbox as posts."""

    sender: str
    client_id: str
    room: int
    number: int
    kind: str
    """`edit` or `delete`."""
    body: str = ""
    """The text after it: none after a deletion."""
    sent_at: float = 0.0
    tries: int = 0
    outcome: str = INFO
    sequence: int = 0
    """Of the version that it has led to, according to its ack."""
    answered_at: float = 0.0


@dataclass
class Reaction:
    """An emoji that is put on a message (`on`), or taken away. It waits in the same outbox too."""

    sender: str
    client_id: str
    room: int
    number: int
    emoji: str
    on: bool
    sent_at: float = 0.0
    tries: int = 0
    outcome: str = INFO
    sequence: int = 0
    answered_at: float = 0.0


Entry = Post | Change | Reaction


class Sight(NamedTuple):
    """A message as it was seen, or as it is stored."""

    number: int
    sequence: int
    sender: str
    client_id: str
    body: str
    reactions: frozenset[tuple[str, int]] = frozenset()
    """Emoji, and the id of who has put it there."""

    @classmethod
    def of(cls, message: dict, sequence: int) -> "Sight":
        reactions = frozenset((emoji, one) for emoji, ids in message.get("reactions", {}).items() for one in ids)
        sender = message["sender"]["nickname"]
        return cls(message["number"], sequence, sender, message["client_id"], message["body"], reactions)

    def follows(self, other: "Sight") -> bool:
        """Whether it is a later version of the same message."""
        return (self.sender, self.client_id) == (other.sender, other.client_id) and self.sequence > other.sequence


@dataclass
class View:
    """One client's picture of one room, from the message after `start`."""

    start: int = 0
    messages: dict[int, Sight] = field(default_factory=dict)
    changed: list[tuple[Sight, Sight]] = field(default_factory=list)
    """Where a number came to hold another message than it did, or an older version of it."""
    skips: list[tuple[int, int]] = field(default_factory=list)
    """Cursor and sequence, where the server passed a change on without those before it, to a client that was synced."""

    def see(self, sight: Sight) -> None:
        known = self.messages.setdefault(sight.number, sight)
        if sight.follows(known):
            self.messages[sight.number] = sight
        elif known != sight:
            self.changed.append((known, sight))


@dataclass
class History:
    """All that is known at the end.

    The posts, each client's views by its name and room, each room as stored, and the changes and reactions, each
    client's in the order in which it made them.
    """

    posts: list[Post]
    views: dict[tuple[str, int], View]
    rooms: dict[int, list[Sight]]
    changes: list[Change] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    """Of people, by their nicknames."""


def sights(messages: Iterable[dict]) -> list[Sight]:
    """Of the messages on a page of history."""
    return [Sight.of(message, message["sequence"]) for message in messages]
