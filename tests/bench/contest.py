"""Servers side by side: all run at once, and are put under the same load one after the other, round by round."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter

from tests.bench.client import Crowd
from tests.bench.load import BUSY, Load, Sample, measured
from tests.bench.machine import cpu_seconds
from tests.bench.profiles import profiled
from tests.bench.scale import Scale
from tests.bench.servers import CONTESTANTS, NAMES, Server
from tests.bench.town import Town

Samples = dict[str, list[Sample]]

IDLE_SHARE = 0.05
LOOK_SECONDS = 0.5


class Contest:
    """Some servers and their crowds. Who loses a message, or shows a wrong one, is out."""

    def __init__(self, scale: Scale, servers: dict[str, Server]) -> None:
        self.scale = scale
        self.servers = servers
        self.crowds = {name: Crowd(server) for name, server in servers.items()}
        self._cold = set(servers)

    async def connect(self, people: Iterable[int] | None = None) -> None:
        """Everybody, or these people, on each server; and waits until the servers have done with that."""
        people = None if people is None else list(people)
        for crowd in self.crowds.values():
            crowd.keep_alive()
            await crowd.connect(people)
        for crowd in self.crowds.values():
            await quiet(crowd)

    async def rounds(
        self,
        load: Callable[[str, Crowd], Load],
        count: int = 0,
        once: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
    ) -> Samples:
        """The same load on each server in turn, in an order that changes from round to round.

        `load` is asked for each anew. Those in `once` take part in the first round alone.
        """
        order = [name for name in self.crowds if name not in without]
        samples: Samples = {name: [] for name in order}
        for turn in range(count or self.scale.rounds):
            for name in order:
                crowd = self.crowds[name]
                if crowd.flaws and not samples[name]:
                    print(f"  {NAMES[name]:32} takes no part: {crowd.flaws}", flush=True)
                if crowd.flaws or (turn and name in once):
                    continue
                warm_up = self.scale.first_warm_up if name in self._cold else self.scale.warm_up
                self._cold.discard(name)
                with profiled(name, crowd.server.processes):
                    sample = await measured(crowd, load(name, crowd), warm_up, self.scale.seconds)
                crowd.forget_voices()
                samples[name].append(sample)
                print(line(NAMES[name], sample), flush=True)
            order = order[1:] + order[:1]
        return samples

    async def end(self) -> None:
        for crowd in self.crowds.values():
            await crowd.leave()


@asynccontextmanager
async def contest(folder: Path, scale: Scale, town: Town, names: Iterable[str]) -> AsyncIterator[Contest]:
    """These servers with the same town, started at the same time, nobody there yet; ended with the block."""
    async with started(folder, town, names) as servers:
        together = Contest(scale, servers)
        try:
            yield together
        finally:
            await together.end()


@asynccontextmanager
async def started(folder: Path, town: Town, names: Iterable[str]) -> AsyncIterator[dict[str, Server]]:
    """Those of them that can run here."""
    names = list(names)
    with ExitStack() as stack:

        def start(name: str) -> Server:
            return stack.enter_context(CONTESTANTS[name](folder / name, town))

        starts = (asyncio.to_thread(start, name) for name in names)
        servers = dict(zip(names, await asyncio.gather(*starts, return_exceptions=True), strict=True))
        for name, server in list(servers.items()):
            if isinstance(server, RuntimeError):
                print(f"  {NAMES[name]} cannot run here: {server}", flush=True)
                del servers[name]
            elif isinstance(server, BaseException):
                raise server
        yield servers


async def quiet(crowd: Crowd, patience: float = 60) -> None:
    """Returns when the server has nothing left to do, heartbeats aside."""
    deadline = perf_counter() + patience
    crowd.stillness(True)
    while perf_counter() < deadline:
        before = cpu_seconds(crowd.server.processes)
        await asyncio.sleep(LOOK_SECONDS)
        if cpu_seconds(crowd.server.processes) - before < IDLE_SHARE * LOOK_SECONDS:
            break
    crowd.stillness(False)


def line(name: str, sample: Sample) -> str:
    """A sample in one line."""
    if sample.flaws:
        return f"  {name:32} FAILED: {sample.flaws}"
    parts = [
        f"{sample.cost:8.2f} µs",
        f"{sample.deliveries / sample.seconds:9,.0f} deliveries/s",
        f"server {sample.server_share:4.0%}",
        f"client {sample.client_share:4.0%}{' (its limit)' if sample.client_share > BUSY else ''}",
        f"delivered after {_times(sample.delivery_ms)} ms",
        *([f"ack after {_times(sample.ack_ms)} ms"] if sample.ack_ms else []),
        f"{sample.checked:,} checked",
        *([f"DISTURBED: others took {sample.strangers_share:.0%} of a core"] if sample.is_disturbed else []),
    ]
    return f"  {name:32} {'  '.join(parts)}"


def _times(ms: dict[str, float]) -> str:
    return "/".join(f"{value:.1f}" for value in ms.values())
