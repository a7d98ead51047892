"""Durable posts, each acknowledged after its commit: how many a second one process takes, and how soon at half."""

from pathlib import Path
from typing import Any

from tests.bench import population
from tests.bench.client import Crowd
from tests.bench.contest import contest
from tests.bench.load import Closed, Load, Open
from tests.bench.measures.talk import as_json
from tests.bench.scale import Scale
from tests.bench.statistics import median
from tests.bench.town import in_rooms

NAMES = ("chatsite", "postgresql")


async def posts(folder: Path, scale: Scale) -> Any:
    print(f"posts: {scale.writers} senders, each in a room of their own, each waiting for the ack; SQLite, PostgreSQL")
    async with contest(folder, scale, in_rooms(scale.writers, 1), NAMES) as together:

        def voices(crowd: Crowd) -> list[Any]:
            return [crowd.voice(person, person) for person in range(scale.writers)]

        def waiting(name: str, crowd: Crowd) -> Load:
            return Closed(voices(crowd), acknowledged=True)

        def by_the_clock(name: str, crowd: Crowd) -> Load:
            return Open(voices(crowd), rates[name] / 2)

        await together.connect()
        full = await together.rounds(waiting)
        rates = {name: median(sample.posts_per_second for sample in own) for name, own in full.items()}
        print("posts: half of that, by the clock")
        half = await together.rounds(by_the_clock)
        for name, server in together.servers.items():
            crowd, found = together.crowds[name], population.stored(server.cluster)
            print(f"  {name}: {found:,} messages are stored, {crowd.said:,} were acknowledged")
            if found != crowd.said:
                half[name][-1].flaws = f"{found:,} messages are stored, {crowd.said:,} were acknowledged"
        return {"full": as_json(full), "half": as_json(half)}
