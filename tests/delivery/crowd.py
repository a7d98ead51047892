"""Many clients at once: their load, the moment when all is quiet and equal, and the verdict."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import cycle

from tests.delivery.checker import check
from tests.delivery.client import USUAL, Client, Pace, chance
from tests.delivery.page import LATER
from tests.delivery.population import Account, District, settle
from tests.delivery.records import OK, History, Post, Sight, sights
from tests.delivery.roads import Open, by_socket
from tests.delivery.scale import Scale
from tests.servers import Cluster

GIVING_UP_SECONDS = 60
CHANGES = 0.3
"""For each post, on average."""
REACTIONS = 0.3
"""Likewise."""
EMOJI = "👍🎉🚀"
DELETIONS = 0.25
"""Of the changes. The others are edits."""
SLOWEST_LOAD = 10
"""Acknowledged posts a second; what takes longer will not come to an end."""


class Crowd:
    """The people of a district, at their pages."""

    def __init__(self, cluster: Cluster, district: District, pace: Pace, roads: Sequence[Open] = (by_socket,)) -> None:
        self.cluster = cluster
        self.district = district
        self.clients = {
            account.id: Client(account, cluster.next_door, pace, road)
            for account, road in zip(district.accounts, cycle(roads), strict=False)
        }
        self.members = {
            room: [self.clients[account.id] for account in inside] for room, inside in district.members.items()
        }

    @property
    def posts(self) -> list[Post]:
        return [post for client in self.clients.values() for post in client.posts]

    @property
    def acknowledged(self) -> int:
        return sum(post.outcome == OK for post in self.posts)

    @property
    def closes(self) -> Counter[int]:
        return sum((client.closes for client in self.clients.values()), Counter())

    @property
    def errors(self) -> Counter[str]:
        return sum((client.errors for client in self.clients.values()), Counter())

    async def until(self, condition: Callable[[], bool], seconds: float = GIVING_UP_SECONDS) -> float:
        """Waits for something to become true, and says how long it took; raises `TimeoutError`."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  It is about many clients, and of many kinds.
                await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def until_acknowledged(self, more: int) -> None:
        wanted = self.acknowledged + more
        await self.until(lambda: self.acknowledged >= wanted, GIVING_UP_SECONDS + more / SLOWEST_LOAD)

    async def until_connected(self) -> float:
        return await self.until(lambda: all(client.connected.is_set() for client in self.clients.values()))

    @contextlib.asynccontextmanager
    async def load(self, posts_per_second: float, rooms: list[int] | None = None) -> AsyncIterator[None]:
        """Somebody, somewhere, posts something: so often, for as long as the block lasts."""
        work = asyncio.create_task(self._load(posts_per_second, rooms or list(self.members)))
        try:
            yield
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _load(self, posts_per_second: float, rooms: list[int]) -> None:
        due = time.monotonic()
        while True:
            room = chance.choice(rooms)
            client = chance.choice(self.members[room])
            client.post(room, f"{chance.getrandbits(64):x} 你好")
            if chance.random() < CHANGES:
                self._change(client)
            if chance.random() < REACTIONS:
                self._react(client, room)
            due += 1 / posts_per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _change(self, client: Client) -> None:
        """Any of its messages, also one that it has deleted."""
        mine = [post for post in client.posts if post.outcome == OK]
        if not mine:
            return
        if chance.random() < DELETIONS:
            client.change(chance.choice(mine), "delete")
        else:
            client.change(chance.choice(mine), "edit", f"{chance.getrandbits(64):x} 再见")

    def _react(self, client: Client, room: int) -> None:
        """To any message that it has seen, of the last few: to most of them several people react."""
        seen = list(client.views[room].messages)[-20:]
        if seen:
            client.react(room, chance.choice(seen), chance.choice(EMOJI), on=chance.random() < 0.7)

    async def until_equal(self) -> float:
        """Seconds until every outbox is empty and everybody has all there is."""
        began = time.monotonic()
        await self.until(lambda: not any(client.outbox for client in self.clients.values()))
        heads = {room: (await self.fresh_look(room))[0] for room in self.members}
        await self.until(
            lambda: all(
                client.cursors.get(room) == heads[room] for room, inside in self.members.items() for client in inside
            )
        )
        return time.monotonic() - began

    async def fresh_look(self, room: int, account: Account | None = None) -> tuple[int, list[Sight]]:
        """The room's sequence and all its messages, as a page that is opened now gets them."""
        reader = Reader(account or self.district.members[room][0], self.cluster)
        return await reader.read(room)

    async def history(self) -> History:
        rooms = {room: (await self.fresh_look(room))[1] for room in self.members}
        views = {(client.name, room): client.views[room] for room, inside in self.members.items() for client in inside}
        changes = [change for client in self.clients.values() for change in client.changes]
        reactions = [reaction for client in self.clients.values() for reaction in client.reactions]
        ids = {client.name: client.account.id for client in self.clients.values()}
        return History(self.posts, views, rooms, changes, reactions, ids)

    async def flaws(self) -> dict[str, list[str]]:
        return check(await self.history())


class Reader(Client):
    """Somebody who opens a page, reads a room from its beginning, and goes."""

    def __init__(self, account: Account, cluster: Cluster) -> None:
        super().__init__(account, cluster.next_door)
        self.pages: asyncio.Queue[dict] = asyncio.Queue()

    async def read(self, room: int) -> tuple[int, list[Sight]]:
        self.start()
        try:
            async with asyncio.timeout(GIVING_UP_SECONDS):
                await self.connected.wait()
                head = self.cursors[room]
                return head, [sight for page in [page async for page in self._pages(room)][::-1] for sight in page]
        finally:
            await self.stop()

    async def _pages(self, room: int) -> AsyncIterator[list[Sight]]:
        before: dict[str, int] = {}
        while True:
            page = await self._page(room, before)
            yield sights(page["messages"])
            if not page["more"]:
                return
            before = {"before": page["messages"][0]["number"]}

    async def _page(self, room: int, before: dict[str, int]) -> dict:
        """Asks until it is given: each thread whose connection died with a PostgreSQL says once that it could not."""
        while True:
            await self.send("history", room=room, limit=100, **before)
            page = await self.pages.get()
            if page["type"] == "history":
                return page
            await asyncio.sleep(page["retry_after"])

    def _take_history(self, frame: dict) -> None:
        self.pages.put_nowait(frame)

    def _take_error(self, frame: dict) -> None:
        super()._take_error(frame)
        if frame.get("frame") == "history" and frame["code"] in LATER:
            self.pages.put_nowait(frame)


@contextlib.asynccontextmanager
async def crowd(
    cluster: Cluster, scale: Scale, kind: str = "public", pace: Pace = USUAL, roads: Sequence[Open] = (by_socket,)
) -> AsyncIterator[Crowd]:
    """A district full of people, all connected, each by the next of the roads; they leave with the block."""
    district = await asyncio.to_thread(settle, cluster, scale.people, scale.room_size, kind)
    people = Crowd(cluster, district, pace, roads)
    for client in people.clients.values():
        client.start()
    try:
        await people.until_connected()
        yield people
    finally:
        await asyncio.gather(*(client.stop() for client in people.clients.values()))


def p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] if seconds else 0.0


def waits(posts: list[Post]) -> Iterator[float]:
    """Seconds from posting to the ack."""
    return (post.answered_at - post.sent_at for post in posts if post.outcome == OK)
