"""Loads, and what a server spends under them."""

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from time import perf_counter
from typing import Any

from tests.bench.client import Crowd, Voice
from tests.bench.machine import busy_seconds, cpu_seconds
from tests.bench.statistics import percentiles

BUSY = 0.95
"""From this share of its core on the client itself may be what is measured."""
DISTURBED = 0.1
"""From this share of a core on that others take, the machine is not quiet enough."""


class Closed:
    """Each voice says its next message when its last has come back to it or, with `acknowledged`, has its ack.

    `turns` is how many messages each says; None: until it is stopped.
    """

    def __init__(self, voices: Sequence[Voice], acknowledged: bool = False, turns: int | None = None) -> None:
        dialect = voices[0].socket.dialect
        self._voices = voices
        self._sign = dialect.acknowledged if acknowledged else dialect.delivered
        self._turns = turns
        self._over = False

    def start(self) -> None:
        for voice in self._voices:
            self._next(voice)

    def stop(self) -> None:
        self._over = True

    def _next(self, voice: Voice) -> None:
        if self._over or len(voice.said_at) == self._turns:
            return
        voice.socket.expect(self._sign(voice.next_name), partial(self._next, voice))
        voice.say()


class OneInFlight:
    """One message at a time: the next voice speaks when all who are due the last message have it."""

    def __init__(self, voices: Sequence[Voice]) -> None:
        self._voices = voices
        self._turn = 0
        self._waiting = 0
        self._over = False

    def start(self) -> None:
        voice = self._voices[self._turn % len(self._voices)]
        self._turn += 1
        sign = voice.socket.dialect.delivered(voice.next_name)
        self._waiting = len(voice.heard_by)
        for listener in voice.heard_by:
            listener.expect(sign, self._one_has_it)
        voice.say()

    def stop(self) -> None:
        self._over = True

    def _one_has_it(self) -> None:
        self._waiting -= 1
        if not self._waiting and not self._over:
            self.start()


class Open:
    """So many messages a second, by the clock, the voices in turn, whatever has come back.

    Delays count from the moment at which a message was due, so that a server that hangs cannot slow its load down.
    """

    def __init__(self, voices: Sequence[Voice], rate: float) -> None:
        self._voices = voices
        self._rate = rate
        self._task: asyncio.Task | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._talk())

    def stop(self) -> None:
        self._task.cancel()

    async def _talk(self) -> None:
        began, turn = perf_counter(), 0
        while True:
            while (due := began + turn / self._rate) <= perf_counter():
                self._voices[turn % len(self._voices)].say(at=due)
                turn += 1
            await asyncio.sleep(max(0.0, due - perf_counter()))


Load = Closed | OneInFlight | Open


@dataclass(frozen=True)
class Meters:
    """The use and the work up to a moment; the difference of two is what happened between them."""

    at: float
    server: float
    stores: float
    client: float
    machine: float
    said: int

    @classmethod
    def read(cls, crowd: Crowd) -> "Meters":
        server, said = crowd.server, sum(len(voice.said_at) for voice in crowd.voices.values())
        cpu = cpu_seconds(server.processes), cpu_seconds(server.stores), time.process_time(), busy_seconds()
        return cls(perf_counter(), *cpu, said)

    def since(self, before: "Meters") -> "Meters":
        return Meters(*(getattr(self, one.name) - getattr(before, one.name) for one in fields(self)))

    @property
    def strangers_share(self) -> float:
        """Of a core, in such a difference, that went to processes which have nothing to do with this."""
        return max(0.0, self.machine - self.server - self.stores - self.client) / self.at


@dataclass
class Sample:
    """One load on one server. CPU is in seconds."""

    seconds: float
    messages: int
    deliveries: int
    checked: int
    """Deliveries that were compared with what was sent, those before and after the measured time among them."""
    cpu: float
    stores_cpu: float
    """Of Redis and PostgreSQL."""
    client_share: float
    """Of its core that the client was busy."""
    strangers_share: float
    """Of a core that went to processes which have nothing to do with this."""
    delivery_ms: dict[str, float]
    ack_ms: dict[str, float]
    flaws: str

    @property
    def cost(self) -> float:
        """CPU per delivered message, in µs."""
        return self.cpu / self.deliveries * 1e6 if self.deliveries else 0.0

    @property
    def server_share(self) -> float:
        return self.cpu / self.seconds

    @property
    def is_disturbed(self) -> bool:
        return self.strangers_share > DISTURBED

    @property
    def posts_per_second(self) -> float:
        return self.messages / self.seconds

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "cost_us": self.cost, "posts_per_second": self.posts_per_second}


async def measured(
    crowd: Crowd,
    load: Load,
    warm_up: float,
    seconds: float,
    with_heartbeats: bool = False,
    at_marks: Callable[[], None] = lambda: None,
) -> Sample:
    """Puts the load on for `warm_up` and then `seconds`, waits until all has come, and checks it.

    `at_marks` is called at the beginning and at the end of the `seconds`, for what else is to be read then.
    """
    crowd.stillness(not with_heartbeats)
    gc.collect()
    gc.disable()
    try:
        load.start()
        await asyncio.sleep(warm_up)
        begin = Meters.read(crowd)
        at_marks()
        await asyncio.sleep(seconds)
        end = Meters.read(crowd)
        at_marks()
        load.stop()
    finally:
        gc.enable()
    crowd.stillness(False)
    reading = await crowd.settled(begin.at, end.at)
    spent = end.since(begin)
    return Sample(
        seconds=spent.at,
        messages=spent.said,
        deliveries=reading.deliveries,
        checked=reading.checked,
        cpu=spent.server,
        stores_cpu=spent.stores,
        client_share=spent.client / spent.at,
        strangers_share=spent.strangers_share,
        delivery_ms=percentiles(reading.delivery_seconds),
        ack_ms=percentiles(reading.ack_seconds),
        flaws=str(crowd.flaws) or ("" if reading.deliveries else "nothing was delivered in the measured time"),
    )
