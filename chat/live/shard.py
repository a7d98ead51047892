"""One Redis of the channel layer: a line to hear on, supervised, and one to speak on."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import uuid4

from channels_redis.utils import create_pool
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

SPEAK_SECONDS = 1.0
CONNECT_SECONDS = 2.0
CANARY_SECONDS = 2.0
SILENCE_SECONDS = 5.0
LONGEST_PAUSE = 2.0

Letter = tuple[str, bytes]
"""A topic, and what is said on it."""

_FAILURES = (RedisError, OSError, TimeoutError)


class Shard:
    """Subscriptions that are kept through whatever happens to the connection.

    `hear(topic, data)` gets what comes; `doubt()` is called when something may have been lost, once the line is good
    (again). It is up from the time at which all subscriptions are confirmed until the line breaks or stays silent.
    """

    def __init__(self, host: dict[str, Any], hear: Callable[[str, bytes], None], doubt: Callable[[], None]) -> None:
        self._host = host
        self._hear = hear
        self._doubt = doubt
        self._wanted: set[str] = set()
        self._confirmed: dict[str, asyncio.Future[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._canary = f"canary.{uuid4().hex}"
        self._heard_at = 0.0
        self._redis: Redis | None = None
        self._ears: Any = None
        self._mouth: Any = None
        self._speaking = asyncio.Lock()
        self._changes: list[tuple[str, str]] = []
        self._telling: asyncio.Task[None] | None = None
        self._given_up = asyncio.Event()
        self._tried: asyncio.Future[None] | None = None
        self.is_up = False

    # Hearing.

    async def subscribe(self, topic: str) -> None:
        """Returns when Redis has confirmed it; while Redis is away at once: it is done when it is back."""
        if topic not in self._wanted:
            self._wanted.add(topic)
            self._supervise()
            if self.is_up:
                self._confirmed[topic] = asyncio.get_running_loop().create_future()
                self._change("SUBSCRIBE", topic)
        await self._wait_for(topic)

    def unsubscribe(self, topic: str) -> None:
        self._wanted.discard(topic)
        if self.is_up:
            self._confirmed.pop(topic, None)
            self._change("UNSUBSCRIBE", topic)

    def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        if self._supervisor is None or self._supervisor.done() or self._loop is not loop:
            self._loop = loop
            self._tried = loop.create_future()
            self._supervisor = loop.create_task(self._stay_connected())

    async def _stay_connected(self) -> None:
        pause, is_known_away = 0.1, False
        # Being cancelled may come out of the client as a failed connection, so who is supervisor is asked too.
        while self._supervisor is asyncio.current_task():
            try:
                await self._connect()
                if is_known_away:
                    logger.warning("Redis is back.")
                pause, is_known_away = 0.1, False
                self._first_try_is_over()
                self._doubt()
                await self._listen()
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

    async def _connect(self) -> None:
        """Opens the line; it is up when all is subscribed that is wanted by then, and nothing else."""
        self._redis = self._client()
        self._given_up.clear()
        self._confirmed = {}
        async with asyncio.timeout(CONNECT_SECONDS):
            self._mouth, self._speaking = await self._redis.connection_pool.get_connection(), asyncio.Lock()
            self._ears = await self._redis.connection_pool.get_connection()
            while change := {*self._wanted, self._canary} ^ self._confirmed.keys():
                await self._subscribe_anew(change)
        self._heard_at = asyncio.get_running_loop().time()
        self.is_up = True

    async def _subscribe_anew(self, change: set[str]) -> None:
        """While the line was being opened, more topics may have become wanted, and some no longer."""
        if unwanted := change & self._confirmed.keys():
            await _say(self._ears, "UNSUBSCRIBE", *unwanted)
            self._confirmed = {topic: done for topic, done in self._confirmed.items() if topic not in unwanted}
        if missing := change - unwanted:
            loop = asyncio.get_running_loop()
            self._confirmed |= {topic: loop.create_future() for topic in missing}
            await _say(self._ears, "SUBSCRIBE", *missing)
            while not all(done.done() for done in self._confirmed.values()):
                self._take(await _said(self._ears))

    def _first_try_is_over(self) -> None:
        if self._tried and not self._tried.done():
            self._tried.set_result(None)

    async def _listen(self) -> None:
        """Takes what comes until the line fails. Two tasks, of which the one that fails ends the other.

        No TaskGroup: in Python 3.11.2, which Debian 12 has, one whose task fails leaves the waiting task marked as
        cancelled, and the next timeout in that one ends it.
        """
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._watch())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _read(self) -> None:
        ears, loop = self._ears, asyncio.get_running_loop()
        while True:
            said = await _said(ears)
            self._heard_at = loop.time()
            self._take(said)

    async def _watch(self) -> None:
        """A line can be dead and look alive. The canary must come back, or the line is given up."""
        loop = asyncio.get_running_loop()
        while True:
            await self._publish([(self._canary, b"")])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._given_up.wait(), CANARY_SECONDS)
                raise ConnectionError("a command had no answer")
            if loop.time() - self._heard_at > SILENCE_SECONDS:
                raise TimeoutError(f"nothing heard for {SILENCE_SECONDS:.0f} s")

    def _take(self, said: list[Any]) -> None:
        kind, topic, data = said[0], said[1].decode(), said[2]
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
            await asyncio.wait([self._tried], timeout=SPEAK_SECONDS)
        confirmed = self._confirmed.get(topic)
        if confirmed and not confirmed.done() and self.is_up:
            await asyncio.wait([confirmed], timeout=SPEAK_SECONDS)

    def _change(self, command: str, topic: str) -> None:
        """What changes in one turn of the event loop is told together: of a crowd each costs a tenth of a command."""
        self._changes.append((command, topic))
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        """Changes of subscriptions, in their order. Where it fails the line is bad, and is subscribed anew."""
        while self._changes:
            changes, self._changes = self._changes, []
            if not self.is_up:
                continue  # A new line begins with all that is wanted.
            try:
                async with asyncio.timeout(SPEAK_SECONDS):
                    for command, those in groupby(changes, itemgetter(0)):
                        await _say(self._ears, command, *(topic for _, topic in those))
            except _FAILURES:
                self._give_up_line()

    # Speaking.

    @property
    def hears_here(self) -> bool:
        """Whether the running event loop is the one that hears."""
        return self._loop is asyncio.get_running_loop()

    async def publish(self, *letters: Letter) -> bool:
        """Whether Redis has taken them all, in their order. While it is away the answer comes at once."""
        if not self.hears_here:
            return await self._publish_once(letters)
        if not self.is_up:
            return False
        try:
            await self._publish(letters)
        except _FAILURES:
            return False
        return True

    async def _publish(self, letters: Sequence[Letter]) -> None:
        """One way there and back for all of them, on a connection kept for this.

        For one it is half of what the client's own `publish` takes, for each of fifty 4 µs.
        """
        try:
            async with asyncio.timeout(SPEAK_SECONDS), self._speaking:
                if self._mouth is None:
                    raise ConnectionError("there is no line")
                await _published(self._mouth, letters)
        except BaseException:
            self._give_up_line()  # Answers may be left on it, which the next would take for its own.
            raise

    async def _publish_once(self, letters: Sequence[Letter]) -> bool:
        """For a loop that does not listen, such as a command's: a line for this one thing."""
        client = self._client()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await _published(await client.connection_pool.get_connection(), letters)
        except _FAILURES as failure:
            logger.warning("Redis could not be told: %s", failure)
            return False
        finally:
            for line in with_sentinels(client):
                await line.aclose()
        return True

    # The lines.

    def _client(self) -> Redis:
        # No retries inside the client: this class is what tries again, and knows what may have been lost. No time limit
        # for each read and write either, 14 µs for an event: whatever is done with it here has one in all.
        ours = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": CONNECT_SECONDS}
        return Redis.from_pool(create_pool({**ours, **self._host, "socket_timeout": None}))

    def _give_up_line(self) -> None:
        self.is_up = False
        self._given_up.set()

    async def _disconnect(self) -> None:
        lines = with_sentinels(self._redis)
        self._redis = self._ears = self._mouth = None
        for confirmed in self._confirmed.values():
            confirmed.cancel()
        self._confirmed = {}
        for line in lines:
            try:
                async with asyncio.timeout(SPEAK_SECONDS):
                    await line.aclose()
            except _FAILURES:
                continue

    async def close(self) -> None:
        """Ends everything; the next subscription begins anew."""
        self._wanted.clear()
        self._changes.clear()
        supervisor, self._supervisor = self._supervisor, None
        if supervisor and self._loop is asyncio.get_running_loop():
            supervisor.cancel()
            await asyncio.gather(supervisor, return_exceptions=True)
        self._loop = None


def with_sentinels(client: Redis | None) -> list[Redis]:
    """The client, and those by which it asks Sentinels, which it leaves open when it is closed."""
    if client is None:
        return []
    manager = getattr(client.connection_pool, "sentinel_manager", None)
    return [client, *(manager.sentinels if manager else ())]


async def _say(connection: Any, *command: str) -> None:
    """On a line that hears: no answer is waited for, and no health asked after, whose answer would be heard, too."""
    await connection.send_command(*command, check_health=False)


async def _said(connection: Any) -> list[Any]:
    """The next that Redis says on a line that hears: a kind, a topic, and what goes with it.

    The client's `PubSub` would take 17 µs more for each event, and keep subscriptions that are kept here.
    """
    said: list[Any] = await connection.read_response(disconnect_on_error=False, push_request=True)
    return said


async def _published(connection: Any, letters: Sequence[Letter]) -> None:
    commands = connection.pack_commands([("PUBLISH", *letter) for letter in letters])
    await connection.send_packed_command(commands, check_health=False)
    for _ in letters:
        await connection.read_response()
