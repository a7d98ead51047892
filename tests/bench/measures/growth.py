"""Does a delivery stay as cheap as rooms grow, and as there are more of them?"""

import random
from pathlib import Path
from typing import Any

from tests.bench.client import Crowd
from tests.bench.contest import Contest, contest
from tests.bench.load import Closed, Load, OneInFlight
from tests.bench.scale import Scale
from tests.bench.statistics import median
from tests.bench.town import Town

ALL = ("chatsite", "socketio")
SPEAKERS = 10
"""In one room, whatever its size."""
MEMBERS = 10
"""Of each room, whatever their number."""
ROUNDS = 3


async def room_size(folder: Path, scale: Scale) -> Any:
    """One room after the other, each with all who are connected by then; always as many speak."""
    print(f"room_size: one room of {', '.join(f'{size:,}' for size in scale.room_sizes)}; {SPEAKERS} senders")
    town = Town(scale.room_sizes[-1], [range(size) for size in scale.room_sizes])
    async with contest(folder, scale, town, ALL) as together:
        curve = Curve(together)
        for room, size in enumerate(scale.room_sizes):

            def load(name: str, crowd: Crowd, room: int = room) -> Load:
                return Closed([crowd.voice(person, room) for person in range(SPEAKERS)])

            await curve.go_on(size, people=size, load=load)
        return curve.figures


async def room_count(folder: Path, scale: Scale) -> Any:
    """Rooms of ten, all in their turn, one message in flight: each costs one post and ten deliveries."""
    print(f"room_count: {', '.join(f'{count:,}' for count in scale.room_counts)} rooms of {MEMBERS}, one in flight")
    rooms = scale.room_counts[-1]
    members = [range(max(0, room + 1 - MEMBERS), max(MEMBERS, room + 1)) for room in range(rooms)]
    async with contest(folder, scale, Town(max(MEMBERS, rooms), members), ALL) as together:
        curve = Curve(together)
        for count in scale.room_counts:

            def load(name: str, crowd: Crowd, count: int = count) -> Load:
                turns = random.Random(count).sample(range(count), count)  # noqa: S311
                return OneInFlight([crowd.voice(room, room) for room in turns])

            await curve.go_on(count, people=max(MEMBERS, count), load=load)
        return curve.figures


class Curve:
    """The cost of a delivery on each server, point by point, as more people come."""

    def __init__(self, together: Contest) -> None:
        self._together = together
        self._here = 0
        self.figures: dict[str, Any] = {name: {"at": [], "cost_us": [], "flaws": ""} for name in together.crowds}

    async def go_on(self, at: int, people: int, load: Any) -> None:
        print(f" {at:,}")
        await self._together.connect(range(self._here, people))
        self._here = people
        rounds = min(ROUNDS, self._together.scale.rounds)
        for name, samples in (await self._together.rounds(load, rounds)).items():
            figures = self.figures[name]
            figures["flaws"] = str(self._together.crowds[name].flaws)
            if not figures["flaws"]:
                figures["at"].append(at)
                figures["cost_us"].append(median(sample.cost for sample in samples))
