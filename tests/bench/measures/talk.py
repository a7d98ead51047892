"""One room: what a delivered message costs, on each server."""

from pathlib import Path
from typing import Any

from tests.bench.client import Crowd
from tests.bench.contest import Contest, Samples, contest
from tests.bench.load import Closed, Load, OneInFlight
from tests.bench.scale import Scale
from tests.bench.town import one_room

ALL = ("chatsite", "uvicorn", "postgresql", "socketio", "gevent", "picows", "tutorial_pubsub", "tutorial_core")
SLOW = ("tutorial_core",)
"""No figure is compared with theirs: one round says enough."""


async def saturated(folder: Path, scale: Scale, names: tuple[str, ...] = ALL, once: tuple[str, ...] = SLOW) -> Any:
    print(f"saturated: {scale.sockets} sockets in one room, {scale.senders} senders")
    async with contest(folder, scale, one_room(scale.sockets), names) as together:
        return as_json(await _saturated(together, once))


async def one_in_flight(folder: Path, scale: Scale, names: tuple[str, ...] = ALL) -> Any:
    print(f"one_in_flight: {scale.sockets} sockets in one room, one message at a time")
    async with contest(folder, scale, one_room(scale.sockets), names) as together:
        return as_json(await _one_in_flight(together, SLOW))


async def two_processes(folder: Path, scale: Scale) -> Any:
    print(f"two_processes: {scale.sockets} sockets in one room, {scale.senders} senders, spread evenly over processes")
    names = ("chatsite", "two_processes", "two_laden", "socketio", "socketio_two")
    async with contest(folder, scale, one_room(scale.sockets), names) as together:
        return as_json(await _saturated(together, twice=("two_laden",)))


async def quick(folder: Path, scale: Scale) -> dict[str, Any]:
    """The first three ratios, on the same servers."""
    names = ("chatsite", "socketio", "tutorial_pubsub")
    async with contest(folder, scale, one_room(scale.sockets), names) as together:
        print(f"saturated: {scale.sockets} sockets in one room, {scale.senders} senders")
        busy = await _saturated(together, once=("tutorial_pubsub",))
        print("one_in_flight: one message at a time")
        single = await _one_in_flight(together, without=("tutorial_pubsub",))
        return {"saturated": as_json(busy), "one_in_flight": as_json(single)}


def as_json(samples: Samples) -> dict[str, list[dict[str, Any]]]:
    return {name: [sample.as_dict() for sample in own] for name, own in samples.items() if own}


async def _saturated(together: Contest, once: tuple[str, ...] = (), twice: tuple[str, ...] = ()) -> Samples:
    """On those in `twice` twice as many speak."""

    def load(name: str, crowd: Crowd) -> Load:
        senders = together.scale.senders * (2 if name in twice else 1)
        return Closed([crowd.voice(person, 0) for person in range(senders)])

    await together.connect()
    return await together.rounds(load, once=once)


async def _one_in_flight(together: Contest, once: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> Samples:
    await together.connect()
    return await together.rounds(lambda name, crowd: OneInFlight([crowd.voice(0, 0)]), once=once, without=without)
