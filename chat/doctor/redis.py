"""Checks each Redis of the channel layer: it responds, and how it treats a process that reads slowly.

The site itself needs fewer rights there than these checks.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from channels_redis.utils import create_pool
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from chat.doctor.findings import Finding, ok, reason, warning, wrong
from chat.layers.shard import with_sentinels

PATIENCE = 3.0
OLDEST = 7
LEAST_BACKLOG_BYTES = 8 * 1024**2


async def check(hosts: list[dict[str, Any]]) -> list[Finding]:
    return [finding for host in hosts for finding in await _one(host)]


async def _one(host: dict[str, Any]) -> list[Finding]:
    about = f"Redis {name(host)}"
    options = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    client = Redis.from_pool(create_pool({**options, **host}))
    try:
        async with asyncio.timeout(2 * PATIENCE):
            return [await version(about, client), await backlog(about, client)]
    except (RedisError, OSError, TimeoutError) as error:
        return [wrong(about, f"It does not answer: {reason(error)}. Is REDIS_URL right, and does it run?")]
    finally:
        for line in with_sentinels(client):
            await line.aclose()


async def version(about: str, client: Redis) -> Finding:
    try:
        return judged(about, await client.info("server"))
    except ResponseError:
        return warning(about, f"It answers, and does not tell its version. This site is tried with {OLDEST} and newer.")


def judged(about: str, server: dict[str, Any]) -> Finding:
    """Valkey reports its own version and that of the Redis it is compatible with."""
    told = str(server["redis_version"])
    if int(told.split(".")[0]) < OLDEST:
        return warning(about, f"Version {told} is older than what this site is tried with, {OLDEST}.")
    valkey = server.get("valkey_version")
    return ok(about, f"version {told}" + (f" (Valkey {valkey})" if valkey else ""))


async def backlog(about: str, client: Redis) -> Finding:
    """Checks how much may be queued for a process that does not read before Redis disconnects it."""
    try:
        limits = (await client.config_get("client-output-buffer-limit"))["client-output-buffer-limit"]
    except ResponseError:
        return warning(
            about, "It does not tell client-output-buffer-limit. It should be about 64mb 16mb 60 for pubsub."
        )
    hard = int(limits.split("pubsub ")[1].split()[0])
    if hard == 0:
        return warning(
            about,
            "A process that stops reading fills its memory without end. "
            "Set client-output-buffer-limit pubsub 64mb 16mb 60.",
        )
    if hard < LEAST_BACKLOG_BYTES:
        return warning(
            about,
            f"A process is cut off with {hard / 1024**2:.1f} MiB unread: a busy moment is enough. "
            "Set client-output-buffer-limit pubsub 64mb 16mb 60.",
        )
    return ok(about, f"cuts off a process with {hard // 1024**2} MiB unread")


def name(host: dict[str, Any]) -> str:
    """Returns the host in a form safe to show: without its password."""
    if "sentinels" in host:
        return f"{host['master_name']}, by Sentinels"
    if "address" not in host:
        return str(host.get("host", host.get("path", "")))
    parts = urlsplit(host["address"])
    return f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
