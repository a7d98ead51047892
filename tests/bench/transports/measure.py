"""Many listen to one person who speaks once a second, and before that to nobody: what each way costs the server."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.client import Crowd
from tests.bench.contest import line, started
from tests.bench.load import Meters, Open, Sample, measured
from tests.bench.profiles import profiled
from tests.bench.scale import Scale
from tests.bench.town import one_room
from tests.bench.transports.ways import NAMES, ROUND_SECONDS, WAYS, Socket

PER_SECOND = 1
REST_SECONDS = 5
"""Until everybody has been shown who is here."""


@dataclass
class Traffic:
    """The traffic on the lines of all who listen: bytes in both directions, and requests."""

    sent: int
    received: int
    requests: int

    @classmethod
    def of(cls, crowd: Crowd, listeners: range) -> "Traffic":
        lines = [crowd.sockets[person] for person in listeners]
        return cls(*(sum(getattr(one, name) for one in lines) for name in ("sent", "received", "requests")))

    def each_minute(self, before: "Traffic", people: int, seconds: float) -> dict[str, float]:
        """Of one of these people."""
        was = asdict(before)
        return {name: (count - was[name]) / people / seconds * 60 for name, count in asdict(self).items()}


async def transports(folder: Path, scale: Scale) -> dict[str, Any]:
    print(f"transports: {scale.listeners} people listen, each with a session of their own; one speaks once a second")
    figures = {}
    for name, way in WAYS.items():
        async with started(folder / name, one_room(scale.listeners + 1), ["chatsite"]) as servers:
            crowd = Crowd(servers["chatsite"])
            figures[name] = await heard(name, way, crowd, scale)
            await crowd.leave()
    return figures


async def heard(name: str, way: Callable[..., Any], crowd: Crowd, scale: Scale) -> dict[str, Any]:
    """Everybody takes their seats; first nobody speaks, then the last one does, and the others listen by this way."""
    listeners, speaker = range(scale.listeners), scale.listeners
    await crowd.connect([speaker])
    await crowd.connect(listeners, kind=way)
    if way is Socket:
        crowd.keep_alive()
    await asyncio.sleep(REST_SECONDS)
    idle = await _idle(crowd, listeners, min(ROUND_SECONDS[name], scale.listening_seconds))
    traffic: list[Traffic] = []
    with profiled(name, crowd.server.processes):
        sample = await measured(
            crowd,
            Open([crowd.voice(speaker, 0)], PER_SECOND),
            scale.warm_up,
            scale.listening_seconds,
            with_heartbeats=True,
            at_marks=lambda: traffic.append(Traffic.of(crowd, listeners)),
        )
    print(line(NAMES[name], sample), flush=True)
    before, after = traffic
    return {"talk": _figures(sample, after.each_minute(before, len(listeners), sample.seconds)), "idle": idle}


def _figures(sample: Sample, traffic: dict[str, float]) -> dict[str, Any]:
    return {**sample.as_dict(), "each_minute": traffic}


async def _idle(crowd: Crowd, listeners: range, seconds: float) -> dict[str, Any]:
    """The cost while nobody says anything."""
    before, meters = Traffic.of(crowd, listeners), Meters.read(crowd)
    await asyncio.sleep(seconds)
    spent = Meters.read(crowd).since(meters)
    return {
        "cpu": spent.server,
        "seconds": spent.at,
        "strangers_share": spent.strangers_share,
        "each_minute": Traffic.of(crowd, listeners).each_minute(before, len(listeners), spent.at),
        "flaws": str(crowd.flaws),
    }
