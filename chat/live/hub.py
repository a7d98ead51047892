"""All connections of this process, and what is done for them together."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from chat import queries
from chat.live import admission, feeds, threads
from chat.live.feeds import Feeds
from chat.live.presence import Presence
from chat.wire import protocol

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
PIECE = 1_000
"""Connections checked by one query. Other work gets its turn between queries."""
GOODBYE_SECONDS = 2.0
SHORTEST_STEP = 0.01
LONGEST_STEP = 0.05


class Layer(feeds.Layer, Protocol):
    """The part of a channel layer that feeds and hub use."""

    @property
    def is_whole(self) -> bool: ...

    def when_in_doubt(self, call: Callable[[], None]) -> None: ...


class Closable(Protocol):
    """A connection that has to be closed at shutdown, maybe without a person behind it."""

    def close(self, code: int) -> None: ...


class Member(feeds.Member, Protocol):
    """A connection as the hub sees it."""

    checked_at: float

    def close(self, code: int) -> None: ...


class Hub:
    """Keeps track of connections. If events may have been lost, checks the database for all of them."""

    def __init__(self, layer: Layer, feeds: Feeds, presence: Presence) -> None:
        self.connections: set[Member] = set()
        self.others: set[Closable] = set()
        """Connections that are not open yet, or have no person behind them."""
        self.is_draining = False
        self._layer = layer
        self._feeds = feeds
        self._presence = presence
        self._doubt = asyncio.Event()
        self._deserted = asyncio.Event()
        self._watch_task: asyncio.Task[None] | None = None

    def add(self, connection: Member) -> None:
        self.others.discard(connection)
        self.connections.add(connection)
        self._deserted.clear()
        if self._watch_task is None or self._watch_task.done():
            self._doubt, self._deserted = asyncio.Event(), asyncio.Event()
            self._layer.when_in_doubt(self.doubt)
            self._watch_task = asyncio.create_task(self._watch())
        if self.is_draining:
            connection.close(protocol.RESTARTING)  # It was still opening when the others were closed.

    def discard(self, connection: Member) -> None:
        self.others.discard(connection)
        self.connections.discard(connection)
        if not self.connections:
            self._deserted.set()

    # After a possible loss of events.

    def doubt(self) -> None:
        """Makes the next look check everything, because events may have been lost."""
        self._doubt.set()

    async def _watch(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._doubt.wait()
            except TimeoutError:
                pass
            try:
                await self.put_right()
            except Exception:
                logger.exception("Could not look for what events may have missed; trying again.")
                await asyncio.sleep(LOOK_SECONDS)

    async def put_right(self) -> None:
        """After a possible loss, checks everything; while the layer is down, what may have been missed.

        Always checks silent clients. Nothing in here waits for a client: one that is missing much, or does not read,
        catches up in a task of its own.
        """
        if self._doubt.is_set():
            self._doubt.clear()
            try:
                self._presence.look_at_all()
                await self.catch_up()
                await feeds.check(self.connections)
            except Exception:
                self._doubt.set()
                raise
        elif not self._layer.is_whole:
            await feeds.check(await self._misplaced())
            await self.catch_up()
        overdue = time.monotonic() - 2 * protocol.HEARTBEAT_SECONDS
        await feeds.check({connection for connection in self.connections if connection.checked_at < overdue})

    async def _misplaced(self) -> set[Member]:
        """Returns the connections whose rooms differ from their person's, or whose session or name has ended.

        Only ids are compared, for all of them: 10,000 connections in five rooms each cost ten of each query.
        """
        everybody = list(self.connections)
        found = set()
        for start in range(0, len(everybody), PIECE):
            some = everybody[start : start + PIECE]
            standing = await threads.query(admission.standing, [connection.admitted for connection in some])
            rooms = await threads.query(queries.room_ids_of, list({connection.profile.pk for connection in some}))
            found |= {
                connection
                for connection, stands in zip(some, standing, strict=True)
                if not stands or _is_elsewhere(connection, rooms[connection.profile.pk])
            }
        return found

    async def catch_up(self) -> None:
        """Makes the feeds read what is missing, which reaches connections as events do."""
        for room_id, head in (await threads.query(queries.room_heads, list(self._feeds.rooms))).items():
            feed = self._feeds.rooms.get(room_id)
            if feed:
                await feed.catch_up(head)

    # Shutdown.

    async def drain(self, seconds: float) -> None:
        """Sends all clients to another process, spread over `seconds`, so that they do not arrive there all at once.

        Returns when all have gone, or `GOODBYE_SECONDS` after the last close.
        """
        self.is_draining = True
        leaving: list[Closable] = [*self.connections, *self.others]
        pause = min(seconds / max(1, len(leaving)), LONGEST_STEP)
        due = asyncio.get_running_loop().time()
        for connection in leaving:
            connection.close(protocol.RESTARTING)
            due += pause
            # With thousands, the pause is shorter than a sleep can be: then some close together. Late ones catch up.
            wait = due - asyncio.get_running_loop().time()
            await asyncio.sleep(wait if wait > SHORTEST_STEP else 0)
        if self.connections:
            await asyncio.wait([asyncio.ensure_future(self._deserted.wait())], timeout=GOODBYE_SECONDS)


def _is_elsewhere(connection: Member, rooms: set[int]) -> bool:
    """Returns whether a connection's rooms differ from these. With very many rooms it need not know all of them."""
    known = connection.cursors.keys()
    return not known <= rooms or (len(known) < queries.DIRECTS_SHOWN and known != rooms)
