"""The members of each room, the same on every server."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Town:
    """People by number, from 0; rooms as the numbers of who is in them."""

    people: int
    rooms: list[Sequence[int]] = field(default_factory=list)

    def rooms_of(self) -> list[list[int]]:
        """The rooms of each person."""
        found: list[list[int]] = [[] for _ in range(self.people)]
        for room, members in enumerate(self.rooms):
            for member in members:
                found[member].append(room)
        return found


def one_room(people: int) -> Town:
    return Town(people, [range(people)])


def in_rooms(people: int, size: int, each: int = 1) -> Town:
    """Rooms of `size`, each person in `each` of them."""
    block = [range(begin, min(begin + size, people)) for begin in range(0, people, size)]
    return Town(people, block * each)
