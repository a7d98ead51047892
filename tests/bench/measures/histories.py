"""Rooms with a long past: opening one, a page of its history, and catching up, against a room with a short one.

Two sites, so that the short room's tables are short as well.
"""

import http.client
import json
import random
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench.client import Crowd
from tests.bench.scale import Scale
from tests.bench.servers import Server, chatsite
from tests.bench.sockets import Socket
from tests.bench.statistics import median
from tests.bench.town import one_room

MISSED = 100
PAGE = 50


async def histories(folder: Path, scale: Scale) -> Any:
    print(f"histories: rooms of {scale.short_history:,} and of {scale.long_history:,} messages, on two sites")
    lengths = {"short": scale.short_history, "long": scale.long_history}
    async with AsyncExitStack() as stack:
        visitors = {}
        for name, length in lengths.items():
            server = stack.enter_context(chatsite(folder / name, one_room(2), filled=length))
            visitors[name] = await Visitor.arrive(server, length)
            stack.push_async_callback(visitors[name].leave)
        figures: dict[str, Any] = {what: {name: [] for name in lengths} for what in ("page", "history", "sync")}
        for visitor in visitors.values():
            await visitor.visit_all()
        for _ in range(scale.rounds):
            times: dict[tuple[str, str], list[float]] = {}
            for _ in range(scale.visits):
                for name, visitor in visitors.items():
                    for what, seconds in (await visitor.visit_all()).items():
                        times.setdefault((what, name), []).append(seconds)
            for (what, name), seconds in times.items():
                figures[what][name].append(median(seconds) * 1000)
        for what, found in figures.items():
            short, long = median(found["short"]), median(found["long"])
            print(f"  {what:8} {short:6.2f} ms in the short room, {long:6.2f} ms in the long")
        figures["flaws"] = "; ".join(filter(None, (visitor.flaws for visitor in visitors.values())))
        return figures


class Visitor:
    """Somebody who looks into one room again and again, and checks what is shown."""

    def __init__(self, server: Server, length: int, crowd: Crowd) -> None:
        self._server = server
        self._length = length
        self._crowd = crowd
        self._http = http.client.HTTPConnection("127.0.0.1", server.cluster.sites[0].port)

    @classmethod
    async def arrive(cls, server: Server, length: int) -> "Visitor":
        crowd = Crowd(server)
        await crowd.connect([0])
        return cls(server, length, crowd)

    @property
    def flaws(self) -> str:
        return str(self._crowd.flaws)

    async def leave(self) -> None:
        self._http.close()
        await self._crowd.leave()

    async def visit_all(self) -> dict[str, float]:
        """Seconds for each of the three things."""
        return {"page": self._open(), "history": await self._history(), "sync": await self._sync()}

    def _open(self) -> float:
        began = perf_counter()
        self._http.request("GET", f"/rooms/{self._server.slugs[0]}/?latest", headers=self._server.seats[0].headers)
        page = self._http.getresponse().read().decode()
        took = perf_counter() - began
        self._must(page.count("This is said again and again.") >= PAGE, "the page does not show the last messages")
        return took

    async def _history(self) -> float:
        before = random.randint(PAGE + 1, self._length)  # noqa: S311
        frame = {"type": "history", "room": self._server.rooms[0], "before": before, "limit": PAGE}
        took, lines = await self._ask(frame, b'"type":"history"')
        numbers = [message["number"] for message in lines[-1]["messages"]]
        self._must(numbers == list(range(before - PAGE, before)), f"history before {before} brought {numbers}")
        return took

    async def _sync(self) -> float:
        cursor = self._length - MISSED
        frame = {"type": "sync", "rooms": {str(self._server.rooms[0]): cursor}}
        socket = Socket(self._server.seats[0], self._crowd.dialect, self._crowd.flaws)
        await socket.shake_hands()
        took = await socket.answer(json.dumps(frame).encode(), b'"type":"synced"')
        lines = [json.loads(line) for _, payload in socket.log for line in payload.split(b"\n")]
        await socket.close()
        changes = [line["sequence"] for line in lines if line["type"] == "message"]
        self._must(changes == list(range(cursor + 1, self._length + 1)), f"sync after {cursor} brought {changes}")
        return took

    async def _ask(self, frame: dict[str, Any], sign: bytes) -> tuple[float, list[dict[str, Any]]]:
        """Sends a frame; the seconds until its answer, and all that came up to that."""
        socket: Socket = self._crowd.sockets[0]
        socket.log.clear()
        took = await socket.answer(json.dumps(frame).encode(), sign)
        return took, [json.loads(line) for _, payload in socket.log for line in payload.split(b"\n")]

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self._crowd.flaws.add("wrong", otherwise)
