"""A line that goes dead: nobody hangs up, and nothing arrives any more."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import psutil

from tests.clients import names
from tests.delivery.client import Client, Pace
from tests.delivery.crowd import Crowd
from tests.delivery.figures import Figures
from tests.delivery.population import settle
from tests.delivery.scale import Scale
from tests.servers import Cluster, Site

DROPPED_SECONDS = 30
AWAY_SECONDS = 45
GIVING_UP_SECONDS = 100
ENDLESS = Pace(silence=3600, answer_within=3600)
"""A sleeper does not notice that the line is dead."""


class Line:
    """Passes bytes between a client and a site, until it goes dead: then it takes them and passes nothing on."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.is_dead = False
        self.ports: set[int] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> "Line":
        self._server = await asyncio.start_server(self._connect, "127.0.0.1")
        port = self._server.sockets[0].getsockname()[1]
        self.door = SimpleNamespace(url=f"http://127.0.0.1:{port}", socket_url=f"ws://127.0.0.1:{port}/ws/chat/")
        return self

    async def __aexit__(self, *exception) -> None:
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def is_held(self) -> bool:
        """Whether the site still keeps a connection that came over this line."""
        held = psutil.Process(self.site.process.pid).net_connections("tcp")
        return any(one.status == psutil.CONN_ESTABLISHED and one.raddr and one.raddr.port in self.ports for one in held)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.site.port)
        self.ports.add(far_writer.get_extra_info("sockname")[1])
        self._writers += [writer, far_writer]
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer), return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            if not self.is_dead:
                writer.write(piece)
                await writer.drain()
        if not self.is_dead:
            writer.close()


class Watcher(Client):
    """Also notes who is shown as here."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.here: dict[int, list[str]] = {}

    def _take_presence(self, frame: dict[str, Any]) -> None:
        self.here[frame["room"]] = names(frame["here"])


async def half_open(cluster: Cluster, scale: Scale) -> Figures:
    """Somebody's line goes dead. They are dropped, shown as away, and miss nothing when they are back."""
    district = await asyncio.to_thread(settle, cluster, 2, 2)
    people = Crowd(cluster, district, ENDLESS)
    (room,) = people.members
    async with Line(cluster.sites[0]) as line:
        alice, bob = (
            Watcher(account, door, ENDLESS)
            for account, door in zip(district.accounts, (cluster.next_door, lambda: line.door), strict=True)
        )
        people.clients = {one.account.id: one for one in (alice, bob)}
        people.members = {room: [alice, bob]}
        for client in (alice, bob):
            client.start()
        try:
            await people.until(lambda: bob.name in alice.here.get(room, []))
            line.is_dead, began = True, time.monotonic()
            alice.post(room, "are you there?")
            dropped = await people.until(lambda: not line.is_held(), GIVING_UP_SECONDS)
            await people.until(lambda: bob.name not in alice.here[room], GIVING_UP_SECONDS)
            away = time.monotonic() - began
            alice.post(room, "gone")
            line.is_dead = False
            line.hang_up()
            figures = await Figures.of("half-open connection", people, await people.until_equal())
        finally:
            for client in (alice, bob):
                await client.stop()
    figures.must(dropped <= DROPPED_SECONDS, f"dropped only after {dropped:.1f} s")
    figures.must(away <= AWAY_SECONDS, f"shown as away only after {away:.1f} s")
    figures.note(f"dropped after {dropped:.1f} s, away after {away:.1f} s")
    return figures
