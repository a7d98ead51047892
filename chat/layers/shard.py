"""One Redis server of the channel layer, with a supervised connection to it."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import uuid4

from channels_redis.utils import create_pool
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from chat.layers.line import ANSWER_SECONDS, Line, Publication

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
CANARY_SECONDS = 2.0
SILENCE_SECONDS = 5.0
LONGEST_PAUSE = 2.0

Broken = asyncio.Future[Exception]
"""Resolves to the reason once a connection is no longer usable."""

_FAILURES = (RedisError, OSError, TimeoutError)


class Shard:
    """Keeps subscriptions alive across connection failures.

    `hear(topic, data)` receives messages; `doubt()` is called when something may have been lost, each time the
    connection is up (again). The shard is up from when all subscriptions are confirmed until the connection breaks or
    stays silent.
    """

    def __init__(
        self, host: dict[str, Any], prefix: str, hear: Callable[[str, bytes], None], doubt: Callable[[], None]
    ) -> None:
        self._host = host
        self._hear = hear
        self._doubt = doubt
        self._wanted: set[str] = set()
        self._confirmed: dict[str, asyncio.Future[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._canary = f"{prefix}__canary.{uuid4().hex}"
        self._heard_at = 0.0
        self._redis: Redis | None = None
        self._line: Line | None = None
        self._broken: Broken | None = None
        self._changes: list[tuple[bool, str]] = []
        self._tried: asyncio.Future[None] | None = None
        self.is_up = False

    # Subscribing.

    async def subscribe(self, topic: str) -> None:
        """Returns once Redis has confirmed; while Redis is down, at once: it subscribes when Redis is back."""
        self._supervise()  # Even if the topic is already wanted: the loop that wanted it may have ended.
        if topic not in self._wanted:
            self._wanted.add(topic)
            if self.is_up:
                self._confirmed[topic] = asyncio.get_running_loop().create_future()
                self._change(True, topic)
        await self._wait_for(topic)

    def unsubscribe(self, topic: str) -> None:
        self._wanted.discard(topic)
        if self.is_up:
            self._confirmed.pop(topic, None)
            self._change(False, topic)

    def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        if self._supervisor is None or self._supervisor.done() or self._loop is not loop:
            self._loop = loop
            self._tried = loop.create_future()
            self._supervisor = loop.create_task(self._stay_connected())

    async def _stay_connected(self) -> None:
        pause, is_known_away = 0.1, False
        # The client may turn a cancellation into a connection error, so check that this is still the supervisor.
        while self._supervisor is asyncio.current_task():
            try:
                self._broken = asyncio.get_running_loop().create_future()
                line = await self._connect(self._broken)
                if is_known_away:
                    logger.warning("Redis is back.")
                pause, is_known_away = 0.1, False
                self._first_try_is_over()
                self._doubt()
                await self._watch(line, self._broken)
            except _FAILURES as failure:
                if not is_known_away:
                    logger.warning("Redis is away, the database stands in: %s", failure)
                is_known_away = True
            except Exception:
                logger.exception("The line to Redis failed; trying again.")
            finally:
                self._first_try_is_over()
                self.is_up = False
                await self._disconnect()
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _connect(self, broken: Broken) -> Line:
        """Opens the connection; it is up when the subscriptions are exactly those wanted by then."""
        self._redis = self._client()
        self._confirmed, self._changes = {}, []
        async with asyncio.timeout(CONNECT_SECONDS):
            connection = await self._redis.connection_pool.get_connection()
            self._line = line = Line(connection, self._on_push, partial(self._give_up, broken))
            while change := {*self._wanted, self._canary} ^ self._confirmed.keys():
                await self._subscribe_anew(line, change)
                if broken.done():
                    raise broken.result()
        self._heard_at = time.monotonic()
        self.is_up = True
        return line

    async def _subscribe_anew(self, line: Line, change: set[str]) -> None:
        """Applies a change in the topics that are wanted, which may occur while the connection is being opened."""
        if unwanted := change & self._confirmed.keys():
            line.unsubscribe(*unwanted)
            self._confirmed = {topic: done for topic, done in self._confirmed.items() if topic not in unwanted}
        if missing := change - unwanted:
            loop = asyncio.get_running_loop()
            self._confirmed |= {topic: loop.create_future() for topic in missing}
            line.subscribe(*missing)
            await asyncio.wait(self._confirmed.values())

    def _first_try_is_over(self) -> None:
        if self._tried and not self._tried.done():
            self._tried.set_result(None)

    async def _watch(self, line: Line, broken: Broken) -> None:
        """Runs until the connection fails. A dead one can look alive, so it is given up if no canary comes back."""
        while True:
            line.publish([(self._canary, b"")])
            await asyncio.wait([broken], timeout=CANARY_SECONDS)
            if broken.done():
                raise broken.result()
            if time.monotonic() - self._heard_at > SILENCE_SECONDS:
                raise TimeoutError(f"nothing heard for {SILENCE_SECONDS:.0f} s")

    def _give_up(self, broken: Broken, error: Exception) -> None:
        """Marks the connection as failed. Failures of earlier connections are ignored."""
        if broken is self._broken and not broken.done():
            broken.set_result(error)
            self.is_up = False
            for confirmed in self._confirmed.values():
                confirmed.cancel()

    def _on_push(self, pushed: list[Any]) -> None:
        self._heard_at = time.monotonic()
        kind, topic, data = pushed[0], pushed[1].decode(), pushed[2]
        if kind == b"subscribe":
            confirmed = self._confirmed.get(topic)
            if confirmed and not confirmed.done():
                confirmed.set_result(None)
        elif kind == b"message" and topic != self._canary:
            try:
                self._hear(topic, data)
            except Exception:
                logger.exception("An event from Redis could not be taken.")

    async def _wait_for(self, topic: str) -> None:
        if self._tried and not self._tried.done():
            await asyncio.wait([self._tried], timeout=ANSWER_SECONDS)
        confirmed = self._confirmed.get(topic)
        if confirmed and not confirmed.done() and self.is_up:
            await asyncio.wait([confirmed], timeout=ANSWER_SECONDS)

    def _change(self, is_wanted: bool, topic: str) -> None:
        """Batches the changes of one event loop turn: in a crowd, each then costs a tenth of a command."""
        if not self._changes:
            asyncio.get_running_loop().call_soon(self._tell)
        self._changes.append((is_wanted, topic))

    def _tell(self) -> None:
        """Sends the batched changes in order. A new connection starts by subscribing to all that is wanted."""
        changes, self._changes = self._changes, []
        if self._line and self.is_up:
            for is_wanted, those in groupby(changes, itemgetter(0)):
                tell = self._line.subscribe if is_wanted else self._line.unsubscribe
                tell(*(topic for _, topic in those))

    # Publishing.

    @property
    def hears_here(self) -> bool:
        """Whether the running event loop is the one that receives messages."""
        return self._loop is asyncio.get_running_loop()

    async def publish(self, *publications: Publication) -> bool:
        """Returns whether the messages are on their way to Redis, in order; at once while Redis is down."""
        if not self.hears_here:
            return await self._publish_once(publications)
        line = self._line
        if line is None or not self.is_up:
            return False
        line.publish(publications)
        await line.room()
        return self.is_up

    async def _publish_once(self, publications: Sequence[Publication]) -> bool:
        """Publishes over a temporary connection, for a loop that does not subscribe, such as a command's."""
        client = self._client()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await _published(await client.connection_pool.get_connection(), publications)
        except _FAILURES as failure:
            logger.warning("Redis could not be told: %s", failure)
            return False
        finally:
            for line in with_sentinels(client):
                await line.aclose()
        return True

    # The connection.

    def _client(self) -> Redis:
        # No retries inside the client: this class retries, and knows what may have been lost.
        ours = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": CONNECT_SECONDS}
        connections = create_pool({**ours, **self._host})
        # Not configurable. Timeouts here cover whole operations instead of each read and write.
        connections.connection_kwargs |= {"protocol": 3, "socket_timeout": None}
        return Redis.from_pool(connections)

    async def _disconnect(self) -> None:
        if self._line:
            self._line.end()
        clients = with_sentinels(self._redis)
        self._redis = self._line = None
        for confirmed in self._confirmed.values():
            confirmed.cancel()
        self._confirmed = {}
        for client in clients:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await client.aclose()
            except _FAILURES:
                continue

    async def close(self) -> None:
        """Drops all subscriptions and disconnects; the next subscription reconnects."""
        self._wanted.clear()
        self._changes.clear()
        supervisor, self._supervisor = self._supervisor, None
        if supervisor and self._loop is asyncio.get_running_loop():
            supervisor.cancel()
            await asyncio.gather(supervisor, return_exceptions=True)
        self._loop = None


def with_sentinels(client: Redis | None) -> list[Redis]:
    """Returns the client and its Sentinel clients, which stay open when the client itself is closed."""
    if client is None:
        return []
    manager = getattr(client.connection_pool, "sentinel_manager", None)
    return [client, *(manager.sentinels if manager else ())]


async def _published(connection: Any, publications: Sequence[Publication]) -> None:
    commands = connection.pack_commands([("PUBLISH", *publication) for publication in publications])
    await connection.send_packed_command(commands, check_health=False)
    for _ in publications:
        await connection.read_response()
