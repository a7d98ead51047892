"""A room that many have once joined: who is here, and the pages and doors that ask for it, against a room of few.

Two sites; as many people are here in both.
"""

import asyncio
import http.client
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from tests.bench import population
from tests.bench.client import Crowd
from tests.bench.scale import Scale
from tests.bench.servers import Server, chatsite
from tests.bench.statistics import median
from tests.bench.town import one_room

HERE = 20
"""People who stay connected; one more comes and goes."""
WHAT = ("picture", "home", "page", "directory", "handshake", "join")


async def joined(folder: Path, scale: Scale) -> Any:
    print(f"joined: rooms that {scale.few_joined:,} and {scale.many_joined:,} have joined, {HERE} here, on two sites")
    sizes = {"few": scale.few_joined, "many": scale.many_joined}
    async with AsyncExitStack() as stack:
        town = one_room(HERE + 1)
        # All of them before anybody comes: a site takes a while to make, in which no ping is answered.
        servers = {
            name: stack.enter_context(chatsite(folder / name, town, joined=size)) for name, size in sizes.items()
        }
        visitors = {}
        for name, server in servers.items():
            visitors[name] = await Visitor.arrive(server, sizes[name])
            stack.push_async_callback(visitors[name].leave)
        figures: dict[str, Any] = {what: {name: [] for name in sizes} for what in WHAT}
        for visitor in visitors.values():
            await visitor.visit_all()
        for _ in range(scale.rounds):
            times: dict[tuple[str, str], list[float]] = {}
            for _ in range(scale.visits):
                for name, visitor in visitors.items():
                    for what, seconds in (await visitor.visit_all()).items():
                        times.setdefault((what, name), []).append(seconds)
            for name, visitor in visitors.items():
                times["picture", name] = await visitor.pictures(scale.visits)
            for (what, name), seconds in times.items():
                figures[what][name].append(median(seconds) * 1000)
        for what, found in figures.items():
            print(f"  {what:10} {median(found['few']):6.2f} ms with few, {median(found['many']):6.2f} ms with many")
        figures["flaws"] = "; ".join(filter(None, (visitor.flaws for visitor in visitors.values())))
        return figures


class Visitor:
    """Somebody who comes to one site again and again, and checks what is shown."""

    def __init__(self, server: Server, size: int) -> None:
        self._server = server
        self._size = size
        self._crowd = Crowd(server)
        self._newcomers = count(1)
        self._http = http.client.HTTPConnection("127.0.0.1", server.cluster.sites[0].port)

    @classmethod
    async def arrive(cls, server: Server, size: int) -> "Visitor":
        visitor = cls(server, size)
        await visitor._crowd.connect(range(HERE))
        visitor._crowd.keep_alive()
        return visitor

    @property
    def flaws(self) -> str:
        return str(self._crowd.flaws)

    async def leave(self) -> None:
        self._http.close()
        await self._crowd.leave()

    async def visit_all(self) -> dict[str, float]:
        """Seconds for each of the things but the picture."""
        cookie = self._server.seats[0].headers
        return {
            "home": self._get("/", {}, lambda page: "room0" in page and "online" in page),
            "page": self._get(f"/rooms/{self._server.slugs[0]}/", cookie, lambda page: str(self._size) in page),
            "directory": self._get("/rooms/", cookie, lambda page: "Joined" in page),
            "handshake": await self._connect(),
            "join": self._join(),
        }

    async def pictures(self, times: int) -> list[float]:
        """Seconds for each of some pictures of the room, taken by a process of its own."""
        room = self._server.rooms[0]
        # In a thread: it takes its time, in which pings want answers.
        found = await asyncio.to_thread(population.pictures, self._server.cluster, room, times)
        self._must(found["members"] == self._size and found["here"] >= HERE, f"the picture shows {found}")
        return found["seconds"]

    def _get(self, path: str, headers: dict[str, str], is_right: Callable[[str], bool]) -> float:
        began = perf_counter()
        self._http.request("GET", path, headers=headers)
        page = self._http.getresponse().read().decode()
        took = perf_counter() - began
        self._must(is_right(page), f"{path} does not show what it should")
        return took

    async def _connect(self) -> float:
        began = perf_counter()
        await self._crowd.connect([HERE])
        took = perf_counter() - began
        await self._crowd.sockets.pop(HERE).close()
        return took

    def _join(self) -> float:
        token = "a" * 32
        form = {"nickname": f"newcomer {next(self._newcomers)}", "csrfmiddlewaretoken": token}
        headers = {"Cookie": f"csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded"}
        began = perf_counter()
        self._http.request("POST", "/join/", urlencode(form), headers)
        answer = self._http.getresponse()
        answer.read()
        took = perf_counter() - began
        self._must(answer.status == 302, f"joining was answered with {answer.status}")
        return took

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self._crowd.flaws.add("wrong", otherwise)
