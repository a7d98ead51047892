"""Faults of the processes themselves, and of the way between two of them."""

import asyncio
import contextlib
from collections.abc import Sequence

from tests.delivery.client import IMPATIENT, QUIET, chance
from tests.delivery.crowd import Crowd, crowd
from tests.delivery.figures import Figures
from tests.delivery.roads import EVERY, Open, by_socket
from tests.delivery.scale import Scale
from tests.servers import Cluster

BACK_SECONDS = 15
GAP_SECONDS = 3


async def kills(cluster: Cluster, scale: Scale, roads: Sequence[Open] = (by_socket,), by: str = "") -> Figures:
    """A random process is killed, and started again, while people write."""
    async with crowd(cluster, scale, roads=roads) as people:
        async with people.load(scale.posts_per_second):
            for _ in range(scale.kills):
                await people.until_acknowledged(more=chance.randint(20, 60))
                victim = chance.choice(cluster.sites)
                await asyncio.to_thread(victim.kill)
                await asyncio.to_thread(victim.start)
        figures = await _settled(f"kill -9 of a random process, {scale.kills} times{by}", people)
    figures.must(figures.seconds_until_equal <= BACK_SECONDS, f"equal only after {figures.seconds_until_equal:.1f} s")
    figures.note(f"{people.closes[1006]} connections broken")
    return figures


async def kills_by_every_road(cluster: Cluster, scale: Scale) -> Figures:
    """The same, where a third has a WebSocket, a third an event stream, and a third polls."""
    return await kills(cluster, scale, EVERY, ", by every road")


async def swallowed_acks(cluster: Cluster, scale: Scale) -> Figures:
    """The cluster swallows acks. Who misses one sends again, to another process, until there is one."""
    async with crowd(cluster, scale, pace=IMPATIENT) as people:
        async with people.load(scale.posts_per_second):
            await people.until_acknowledged(more=int(scale.posts_per_second * scale.seconds))
        figures = await _settled("one ack in ten swallowed", people)
    again = sum(post.tries > 1 for post in people.posts)
    figures.must(again > 0, "nobody had to send again")
    figures.must(figures.sent == figures.acknowledged, "a post was left unresolved")
    figures.note(f"{again} posts sent again")
    return figures


async def delayed_announcements(cluster: Cluster, scale: Scale) -> Figures:
    """Announcements come late and overtake each other, in one room where many write."""
    async with crowd(cluster, scale) as people:
        room = next(iter(people.members))
        async with people.load(scale.posts_per_second, [room]):
            await people.until_acknowledged(more=int(scale.posts_per_second * scale.seconds))
        return await _settled("0–200 ms between commit and announcement", people)


async def lost_events(cluster: Cluster, scale: Scale) -> Figures:
    """Each connection loses one event in fifty, in a room in which much is said: no gap stays open for long.

    Heartbeats are further apart than a gap may last, so they are not what finds what is missing.
    """
    async with crowd(cluster, scale, pace=QUIET) as people:
        room = next(iter(people.members))
        open_for = [0.0]
        async with people.load(scale.posts_per_second, [room]):
            for _ in range(max(1, int(scale.seconds / 6))):
                await people.until_acknowledged(more=int(scale.posts_per_second * 2))
                head = max(client.cursors[room] for client in people.members[room])
                with contextlib.suppress(TimeoutError):
                    open_for.append(
                        await people.until(
                            lambda head=head: all(client.cursors[room] >= head for client in people.members[room]),
                            GAP_SECONDS,
                        )
                    )
                    continue
                open_for.append(float("inf"))
        figures = await _settled("one event in fifty lost", people)
    figures.must(max(open_for) <= GAP_SECONDS, f"a gap stayed open for more than {GAP_SECONDS} s")
    figures.note(f"equal again within {max(open_for):.1f} s while people wrote")
    return figures


async def no_fault(cluster: Cluster, scale: Scale) -> Figures:
    async with crowd(cluster, scale) as people:
        async with people.load(scale.posts_per_second):
            await people.until_acknowledged(more=int(scale.posts_per_second * scale.seconds))
        return await _settled("none", people)


async def drains(cluster: Cluster, scale: Scale) -> Figures:
    """Each process in turn is told to stop, and started again, as in an upgrade, while people write."""
    async with crowd(cluster, scale) as people:
        async with people.load(scale.posts_per_second):
            for site in cluster.sites:
                await people.until_acknowledged(more=40)
                await asyncio.to_thread(site.stop)
                await asyncio.to_thread(site.start)
            await people.until_acknowledged(more=20)
        figures = await _settled("SIGTERM, one process after the other", people)
    others = {code: times for code, times in people.closes.items() if code != 4412}
    figures.must(not others, f"closed with {others} besides 4412")
    figures.must(people.closes[4412] > 0, "nobody was sent away")
    figures.note(f"{people.closes[4412]} connections closed with 4412")
    return figures


async def _settled(fault: str, people: Crowd) -> Figures:
    return await Figures.of(fault, people, await people.until_equal())
