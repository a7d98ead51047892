"""The cost of letting somebody in: handshake, session, subscriptions, first frames, and what others are told of it."""

import asyncio
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench.client import Crowd
from tests.bench.contest import contest, quiet
from tests.bench.machine import cpu_seconds
from tests.bench.profiles import profiled
from tests.bench.scale import Scale
from tests.bench.servers import NAMES
from tests.bench.town import in_rooms

ALL = ("chatsite", "uvicorn", "socketio_signed", "socketio")
ROOMS = (1, 5)
DEPARTURE_SECONDS = 3.5
"""A person who has gone counts as here for three seconds more."""


async def arrivals(folder: Path, scale: Scale) -> Any:
    print(f"arrivals: {scale.arrivals} connections, in 1 room and in 5, {scale.neighbours} people in each")
    figures: dict[str, dict[str, Any]] = {}
    for rooms in ROOMS:
        town = in_rooms(scale.arrivals, scale.neighbours, rooms)
        async with contest(folder / str(rooms), scale, town, ALL) as together:
            figures[str(rooms)] = own = {
                name: {"cost_us": [], "per_second": [], "flaws": ""} for name in together.crowds
            }
            for _ in range(scale.rounds):
                for name, crowd in together.crowds.items():
                    cost, rate = await _arrive(name, crowd)
                    own[name]["cost_us"].append(cost)
                    own[name]["per_second"].append(rate)
                    own[name]["flaws"] = str(crowd.flaws)
                    print(f"  {NAMES[name]:32} {rooms} rooms {cost:8,.0f} µs {rate:8,.0f} a second  {crowd.flaws}")
    return figures


async def _arrive(name: str, crowd: Crowd) -> tuple[float, float]:
    """Everybody comes, and goes again. The server's CPU for each of them in µs, and how many came in a second."""
    people, cpu, began = crowd.server.town.people, cpu_seconds(crowd.server.processes), perf_counter()
    with profiled(f"{name}-arrivals", crowd.server.processes):
        await crowd.connect()
    seconds = perf_counter() - began
    await quiet(crowd)
    cpu = cpu_seconds(crowd.server.processes) - cpu
    await crowd.leave()
    await asyncio.sleep(DEPARTURE_SECONDS if crowd.server.cluster else 0)
    await quiet(crowd)
    return cpu / people * 1e6, people / seconds
