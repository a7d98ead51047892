"""Faults of what the processes lean on: Redis, and the database."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.delivery.client import PATIENT
from tests.delivery.crowd import Crowd, crowd
from tests.delivery.figures import Figures
from tests.delivery.scale import Scale
from tests.servers import Cluster, Postgres

GAPS_CLOSED_SECONDS = 10
ERROR_SECONDS = 5
BACK_SECONDS = 5


async def redis_killed(cluster: Cluster, scale: Scale) -> Figures:
    async with _without_redis("Redis killed", cluster, scale) as (people, figures):
        await asyncio.to_thread(cluster.redis.kill)
        await _goes_on(people, figures, scale.redis_away_seconds)
        await asyncio.to_thread(cluster.redis.start)
    return figures


async def redis_black_hole(cluster: Cluster, scale: Scale) -> Figures:
    """Redis keeps its connections and says nothing."""
    async with _without_redis("Redis a black hole", cluster, scale) as (people, figures):
        cluster.redis.pause()
        try:
            await _goes_on(people, figures, scale.black_hole_seconds)
        finally:
            cluster.redis.resume()
    return figures


async def redis_flushed(cluster: Cluster, scale: Scale) -> Figures:
    async with _without_redis("FLUSHALL", cluster, scale) as (people, figures):
        await asyncio.to_thread(cluster.redis.command, "FLUSHALL")
        await people.until_acknowledged(more=int(scale.posts_per_second))
    return figures


async def redis_cuts_subscribers(cluster: Cluster, scale: Scale) -> Figures:
    """All subscriptions are cut, again and again."""
    async with _without_redis("`CLIENT KILL TYPE pubsub` every 5 s", cluster, scale) as (people, figures):
        cut = 0
        for _ in range(max(1, int(scale.redis_away_seconds / 2.5))):
            cut += int(await asyncio.to_thread(cluster.redis.command, "CLIENT", "KILL", "TYPE", "pubsub"))
            await people.until_acknowledged(more=int(5 * scale.posts_per_second))
        figures.must(cut > 0, "there was nothing to cut")
    return figures


@asynccontextmanager
async def _without_redis(fault: str, cluster: Cluster, scale: Scale) -> AsyncIterator[tuple[Crowd, Figures]]:
    """The block harms Redis and mends it, while people write: no connection may end, every gap must close in time."""
    figures = Figures(fault)
    async with crowd(cluster, scale, pace=PATIENT) as people:
        before = people.closes
        async with people.load(scale.posts_per_second):
            await people.until_acknowledged(more=int(scale.posts_per_second))
            yield people, figures
            mended_at = time.monotonic()
            await people.until_acknowledged(more=int(scale.posts_per_second))
        lagging = time.monotonic() - mended_at
        await _judge(figures, people, lagging)
        figures.must(people.closes == before, f"connections ended: {dict(people.closes - before)}")
    seconds = figures.seconds_until_equal
    figures.must(seconds <= GAPS_CLOSED_SECONDS, f"equal only {seconds:.1f} s after")


async def _goes_on(people: Crowd, figures: Figures, seconds: float) -> None:
    """People are answered as before, for so long."""
    until = time.monotonic() + seconds
    before, slowest = people.acknowledged, 0.0
    while time.monotonic() < until:
        began = time.monotonic()
        await people.until_acknowledged(more=5)
        slowest = max(slowest, time.monotonic() - began)
    figures.note(f"meanwhile {people.acknowledged - before} acknowledged, never {max(slowest, 0.1):.1f} s without")
    figures.must(slowest < ERROR_SECONDS, f"nobody was acknowledged for {slowest:.1f} s")


async def postgres_stopped(cluster: Cluster, scale: Scale, postgres: Postgres) -> Figures:
    figures = Figures(f"PostgreSQL stopped at once for {scale.postgres_away_seconds} s")
    async with crowd(cluster, scale, pace=PATIENT) as people:
        async with people.load(scale.posts_per_second):
            await people.until_acknowledged(more=int(scale.posts_per_second))
            stopped_at = time.monotonic()
            await asyncio.to_thread(postgres.stop_at_once)
            first_error = await people.until(lambda: people.errors["unavailable"] > 0)
            await people.until(_passed(stopped_at + scale.postgres_away_seconds))
            await asyncio.to_thread(postgres.start)
            returned_at = time.monotonic()
            await people.until_acknowledged(more=int(scale.posts_per_second))
            back = time.monotonic() - returned_at
        await _judge(figures, people)
    slowest = max(seconds for client in people.clients.values() for seconds in [0.0, *client.error_seconds])
    figures.note(f"first error after {first_error:.1f} s, slowest {slowest:.1f} s, acks again after {back:.1f} s")
    figures.must(slowest <= ERROR_SECONDS, f"an error took {slowest:.1f} s")
    figures.must(back <= BACK_SECONDS, f"acks came only {back:.1f} s after its return")
    return figures


def _passed(moment: float) -> Callable[[], bool]:
    return lambda: time.monotonic() >= moment


async def _judge(figures: Figures, people: Crowd, seconds_before: float = 0.0) -> None:
    """Fills in the checker's verdict."""
    equal = seconds_before + await people.until_equal()
    verdict = await Figures.of(figures.fault, people, equal)
    figures.sent, figures.acknowledged = verdict.sent, verdict.acknowledged
    figures.seconds_until_equal = equal
    for word, found in verdict.flaws.items():
        figures.flaws.setdefault(word, []).extend(found)
