"""Durable edits and reactions beside durable posts, each acknowledged after its commit: how many a second."""

from pathlib import Path
from typing import Any

from tests.bench import population
from tests.bench.client import Crowd
from tests.bench.contest import contest
from tests.bench.load import Closed, Load
from tests.bench.measures.talk import as_json
from tests.bench.scale import Scale
from tests.bench.town import in_rooms

NAMES = ("chatsite", "editing", "reacting", "postgresql", "editing_postgresql", "reacting_postgresql")


async def changes(folder: Path, scale: Scale, names: tuple[str, ...] = NAMES) -> Any:
    print(f"changes: {scale.writers} people, each in a room of their own, each waiting for the ack of the last change")
    async with contest(folder, scale, in_rooms(scale.writers, 1), names) as together:

        def load(name: str, crowd: Crowd) -> Load:
            return Closed([crowd.voice(person, person) for person in range(scale.writers)], acknowledged=True)

        await together.connect()
        samples = await together.rounds(load)
        for name, server in together.servers.items():
            crowd, found = together.crowds[name], population.changed(server.cluster)
            print(f"  {name}: {found:,} changes are stored, {crowd.said:,} were acknowledged")
            if found != crowd.said:
                samples[name][-1].flaws = f"{found:,} changes are stored, {crowd.said:,} were acknowledged"
        return as_json(samples)
