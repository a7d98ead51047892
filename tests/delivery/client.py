"""A person with a page open: what the browser does, with shorter pauses, and everything written down."""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import websockets

from tests.delivery.canaries import canaries_in
from tests.delivery.page import LATER, Page
from tests.delivery.population import Account
from tests.delivery.records import Entry
from tests.delivery.roads import Ended, Open, Road, by_socket
from tests.servers import Site

OVER = {4401, 4403}

GIVEN_UP = 0
"""In place of a close code, where the client itself went because no answer came."""

chance = random.SystemRandom()


@dataclass(frozen=True)
class Pace:
    """Seconds. A page has 25, 30, 35, 10, 0.5 and 30 here."""

    heartbeat: float = 1.0
    answer_within: float = 5.0
    silence: float = 10.0
    steady: float = 3.0
    """A connection that ends sooner makes the next pause longer, not shorter."""
    first_pause: float = 0.2
    longest_pause: float = 2.0


USUAL = Pace()
IMPATIENT = Pace(answer_within=3.0)
PATIENT = Pace(answer_within=10.0, silence=20.0)
"""Clients that would rather wait than try another process."""
QUIET = Pace(heartbeat=6.0, answer_within=10.0, silence=20.0)
"""Clients whose heartbeat comes so seldom that something else must find what is missing."""


class Client(Page):
    """Keeps a connection to whichever process `next_door` names; it comes back by itself until it is stopped.

    Its outbox goes out one post at a time, in order, each until it has its answer. Where none comes, it goes to another
    process with the same client_id.
    """

    def __init__(
        self, account: Account, next_door: Callable[[], Site], pace: Pace = USUAL, road: Open = by_socket
    ) -> None:
        super().__init__(account)
        self.next_door = next_door
        self.pace = pace
        self.road = road
        self.closes: Counter[int] = Counter()
        self.error_seconds: list[float] = []
        """How long each post waited that was told: later."""
        self.connected = asyncio.Event()
        self._socket: Road | None = None
        self._work: asyncio.Task | None = None

    def start(self) -> None:
        self._work = asyncio.create_task(self._stay_connected())

    async def stop(self) -> None:
        if self._work:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def _stay_connected(self) -> None:
        pause = self.pace.first_pause
        while not OVER & self.closes.keys():
            site = self.next_door()
            began = time.monotonic()
            try:
                async with contextlib.AsyncExitStack() as stack:
                    async with asyncio.timeout(self.pace.silence):
                        socket = await stack.enter_async_context(self.road(site, self))
                    await self._talk(socket)
                self.closes[GIVEN_UP] += 1
            except Ended as ended:
                self.closes[ended.code] += 1
            except (OSError, websockets.InvalidHandshake, TimeoutError):
                pass
            finally:
                self.connected.clear()
            is_steady = time.monotonic() - began > self.pace.steady
            pause = self.pace.first_pause if is_steady else min(self.pace.longest_pause, 2 * pause)
            await asyncio.sleep(chance.uniform(0, pause))

    async def _talk(self, socket: Road) -> None:
        """Returns when an answer did not come in time; raises when the connection ends."""
        self._socket = socket
        async with asyncio.timeout(self.pace.silence):
            await self._hear(socket)
        self.connected.set()
        tasks = [asyncio.create_task(work(socket)) for work in (self._listen, self._beat, self._deliver)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, socket: Road) -> None:
        """Returns when there was nothing for so long that the line must be dead: each heartbeat has its answer."""
        with contextlib.suppress(TimeoutError):
            while True:
                async with asyncio.timeout(self.pace.silence):
                    await self._hear(socket)

    async def _hear(self, socket: Road) -> None:
        text = await socket.recv()
        self.canaries |= canaries_in(text)
        for line in text.split("\n"):
            self.take(json.loads(line))

    async def _beat(self, socket: Road) -> None:
        while True:
            await asyncio.sleep(self.pace.heartbeat)
            await self.send("sync")

    async def send(self, type: str, **fields: Any) -> None:  # noqa: A002
        await self._socket.send(json.dumps({"type": type, **fields}))

    async def _deliver(self, socket: Road) -> None:
        while True:
            while not self.outbox:
                self._news.clear()
                await self._news.wait()
            if not await self._ask(self.outbox[0]):
                return

    async def _ask(self, entry: Entry) -> bool:
        """Sends an entry until it has left the outbox; False where no answer came."""
        while self.outbox and self.outbox[0] is entry:
            entry.tries += 1
            asked_at = time.monotonic()
            self._answer = asyncio.get_running_loop().create_future()
            await self.send(**self.frame_of(entry))
            try:
                frame = await asyncio.wait_for(self._answer, self.pace.answer_within)
            except TimeoutError:
                return False
            if frame.get("code") in LATER:
                self.error_seconds.append(time.monotonic() - asked_at)
                await asyncio.sleep(min(frame["retry_after"], self.pace.longest_pause))
        return True
