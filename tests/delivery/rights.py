"""Private rooms whose words must not be found anywhere else, while people come and go."""

import asyncio
import time
from collections import defaultdict
from itertools import count

import httpx

from tests.delivery.canaries import GRACE_SECONDS, Canary, Stay, canaries_in, leaked
from tests.delivery.client import Client, chance
from tests.delivery.crowd import Crowd, crowd
from tests.delivery.figures import Figures
from tests.delivery.scale import Scale
from tests.servers import Cluster

CANARIES_PER_SECOND = 30


class Guard:
    """Posts canaries in private rooms, moves people in and out, and knows at each moment who may hold which."""

    def __init__(self, people: Crowd) -> None:
        self.people = people
        self.posted_at: dict[Canary, float] = {}
        self.stays: dict[int, list[Stay]] = defaultdict(list)
        self.inside = {room: set(members[1:]) for room, members in people.members.items()}
        for room, members in people.members.items():
            for client in members:
                self.stays[client.account.id].append(Stay(room))

    async def post(self) -> None:
        """The owner of each room, who stays, and for ever."""
        for number in count():
            room = chance.choice(list(self.people.members))
            canary = Canary(room, number)
            self.posted_at[canary] = time.monotonic()
            self.people.members[room][0].post(room, canary.word)
            await asyncio.sleep(1 / CANARIES_PER_SECOND)

    async def move(self) -> None:
        """The owner of a room shows one person out, and brings another one in."""
        room = chance.choice(list(self.people.members))
        going = chance.choice(sorted(self.inside[room], key=lambda client: client.name))
        coming = chance.choice(
            [one for one in self.people.clients.values() if Stay(room) not in self.stays[one.account.id]]
        )
        async with self._browser(self.people.members[room][0]) as owner:
            slug = self.people.district.slugs[room]
            await self._submit(owner, f"/rooms/{slug}/members/remove/", nickname=going.name)
            mine = self.stays[going.account.id]
            mine[mine.index(Stay(room))] = Stay(room, time.monotonic())
            self.stays[coming.account.id].append(Stay(room))
            await self._submit(owner, f"/rooms/{slug}/members/", nickname=coming.name)
        self.inside[room].symmetric_difference_update({going, coming})

    async def pry(self) -> None:
        """Somebody asks at every door for a room that they are not in."""
        client = chance.choice(list(self.people.clients.values()))
        rooms = [room for room in self.people.members if Stay(room) not in self.stays[client.account.id]]
        for room in rooms:
            if client.connected.is_set():
                await client.send("history", room=room)
                await client.send("sync", rooms={str(room): 0})
                await client.send("join", room=self.people.district.slugs[room])
        async with self._browser(client) as browser:
            slugs = [self.people.district.slugs[room] for room in rooms]
            pages = ["/", "/rooms/", *(f"/rooms/{slug}/" for slug in slugs), *(f"/rooms/{slug}/1/" for slug in slugs)]
            for page in pages:
                client.canaries |= canaries_in((await browser.get(page)).text)

    def leaks(self) -> list[str]:
        return [
            f"{client.name}: {flaw}"
            for client in self.people.clients.values()
            for flaw in leaked(client.canaries, self.stays[client.account.id], self.posted_at)
        ]

    def _browser(self, client: Client) -> httpx.AsyncClient:
        site = self.people.cluster.next_door()
        return httpx.AsyncClient(base_url=site.url, cookies={"sessionid": client.account.session}, timeout=15)

    @staticmethod
    async def _submit(browser: httpx.AsyncClient, path: str, **fields: str) -> None:
        if "csrftoken" not in browser.cookies:
            await browser.get("/rooms/new/")
        response = await browser.post(path, data={**fields, "csrfmiddlewaretoken": browser.cookies["csrftoken"]})
        assert response.status_code == 302, response.text


async def canaries(cluster: Cluster, scale: Scale) -> Figures:
    """Words posted in a room more than two seconds after somebody left it must not reach them by any way."""
    async with crowd(cluster, scale, kind="private") as people:
        guard = Guard(people)
        posting = asyncio.create_task(guard.post())
        try:
            for _ in range(scale.moves):
                await asyncio.gather(guard.move(), guard.pry())
            # The person who was shown out last must have had the time to overhear something.
            last = time.monotonic() + GRACE_SECONDS
            await people.until(lambda: max(guard.posted_at.values()) > last + 1)
        finally:
            posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)
        await people.until(lambda: not any(client.outbox for client in people.clients.values()))
        figures = Figures("people come and go in private rooms", len(people.posts), people.acknowledged)
    if found := guard.leaks():
        figures.flaws["leaked"] = found
    held = sum(len(client.canaries) for client in people.clients.values())
    figures.must(held > 0, "nobody heard anything at all")
    figures.note(f"{scale.moves} moves; {held:,} canaries held by those who may")
    return figures


async def brought_in(cluster: Cluster, scale: Scale) -> Figures:
    """People are brought into rooms while it is looked where they are: they stay there, and hear what is said."""
    async with crowd(cluster, scale, kind="private") as people:
        guard = Guard(people)
        coming = [
            (client, room)
            for room, inside in people.members.items()
            for client in people.clients.values()
            if client not in inside
        ]
        for room, (owner, *_) in people.members.items():
            async with guard._browser(owner) as browser:
                for client in (client for client, where in coming if where == room):
                    path = f"/rooms/{people.district.slugs[room]}/members/"
                    await guard._submit(browser, path, nickname=client.name)
        await people.until(lambda: all(room in client.views for client, room in coming))
        for room, inside in people.members.items():
            inside[0].post(room, "welcome")
        await people.until(lambda: not any(client.outbox for client in people.clients.values()))
        heads = {room: (await people.fresh_look(room))[0] for room in people.members}
        await people.until(lambda: all(client.cursors.get(room, 0) >= heads[room] for client, room in coming))
        figures = Figures(
            "people are brought into rooms while it is looked where they are", len(people.posts), people.acknowledged
        )
    if sent_away := [f"{client.name} out of {room}" for client, room in coming if room in client.removals]:
        figures.flaws["told to be out"] = sent_away
    figures.note(f"{len(coming)} brought in")
    return figures
