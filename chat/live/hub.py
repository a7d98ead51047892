"""All connections of this process, and what is done for them together."""

import asyncio
import logging
import time
from collections import defaultdict
from typing import Protocol

from channels.layers import get_channel_layer

from chat import queries
from chat.live import admission, threads
from chat.live.feeds import Feed, Member
from chat.live.presence import presence
from chat.wire import events, protocol
from chat.wire.events import Event

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
PIECE = 1_000
"""Connections checked by one query. Other work gets its turn between queries."""
PAGE_SECONDS = 0.1
"""Time for connections to send one page before the next is read for all of them; slower ones read alone."""
GOODBYE_SECONDS = 2.0
SHORTEST_STEP = 0.01
LONGEST_STEP = 0.05
AT_ONCE = 50
"""Connections checked concurrently, so that their queries are batched."""


class Stranger(Protocol):
    """A connection without a person behind it, which only has to be closed at shutdown."""

    def close(self, code: int) -> None: ...


class Hub:
    """Keeps track of connections. If events may have been lost, checks the database for all of them."""

    def __init__(self) -> None:
        self.connections: set[Member] = set()
        self.strangers: set[Stranger] = set()
        self.is_draining = False
        self._doubt = asyncio.Event()
        self._deserted = asyncio.Event()
        self._watch_task: asyncio.Task[None] | None = None
        self.feeds: dict[int, Feed] = {}
        """The rooms in which something arrived out of order."""

    def add(self, connection: Member) -> None:
        self.connections.add(connection)
        self._deserted.clear()
        if self._watch_task is None or self._watch_task.done():
            self._doubt, self._deserted = asyncio.Event(), asyncio.Event()
            get_channel_layer().when_in_doubt(self._doubt.set)
            self._watch_task = asyncio.create_task(self._watch())
        if self.is_draining:
            connection.close(protocol.RESTARTING)  # It was still opening when the others were closed.

    def discard(self, connection: Member) -> None:
        self.connections.discard(connection)
        for room_id in connection.cursors:
            self.leave(connection, room_id)
        if not self.connections:
            self._deserted.set()

    # After a possible loss of events.

    async def _watch(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._doubt.wait()
            except TimeoutError:
                pass
            try:
                await self._put_right()
            except Exception:
                logger.exception("Could not look for what events may have missed; trying again.")
                await asyncio.sleep(LOOK_SECONDS)

    async def _put_right(self) -> None:
        """After a possible loss, checks everything; while the layer is down, what may have been missed.

        Always checks silent clients. Nothing in here waits for a client: one that is missing much, or does not read,
        catches up in a task of its own.
        """
        if self._doubt.is_set():
            self._doubt.clear()
            try:
                presence.look_at_all()
                await self._catch_up()
                await self._check(self.connections)
            except Exception:
                self._doubt.set()
                raise
        elif not get_channel_layer().is_whole:
            await self._check(await self._misplaced())
            await self._catch_up()
        overdue = time.monotonic() - 2 * protocol.HEARTBEAT_SECONDS
        await self._check({connection for connection in self.connections if connection.checked_at < overdue})

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

    async def _catch_up(self) -> None:
        """Reads missing changes, once for all connections that are missing the same, and delivers them like events."""
        rooms = {room_id for connection in self.connections for room_id in connection.cursors}
        heads = await threads.query(queries.room_heads, rooms)
        behind: dict[int, set[Member]] = defaultdict(set)
        for connection in self.connections:
            for room_id, cursor in connection.cursors.items():
                if cursor < heads.get(room_id, 0):
                    behind[room_id].add(connection)
        for room_id, connections in behind.items():
            await self._bring(room_id, connections, heads[room_id])

    async def _bring(self, room_id: int, connections: set[Member], target: int) -> None:
        """Reads the changes of a room up to the target, once for all connections that have the same cursor."""
        behind: dict[int, set[Member]] = defaultdict(set)
        for connection in connections:
            cursor = connection.cursors.get(room_id, target)
            if cursor < target:
                behind[cursor].add(connection)
        for cursor, some in behind.items():
            await self._bring_from(cursor, room_id, some, target)

    async def _bring_from(self, cursor: int, room_id: int, connections: set[Member], target: int) -> None:
        """Reads one page at a time, while connections keep up. A slower one reads on by itself.

        The same fault may have lost the event that a membership ended. Memberships are therefore read after the
        changes, so that nobody is given anything said after they were removed.
        """
        while connections and cursor < target:
            changes = await threads.query(queries.changes, room_id, cursor)
            members = await threads.query(
                queries.members_among, room_id, {connection.profile.pk for connection in connections}
            )
            inside = {connection for connection in connections if connection.profile.pk in members}
            await self._check(connections - inside)
            if not changes:  # The target was read earlier: the rows up to it are gone.
                for connection in inside:
                    connection.skip(room_id, cursor, target)
                return
            for event in events.pieces(changes[0].room, changes, after=cursor):
                for connection in inside:
                    connection.deliver(event)
            cursor = changes[-1].changed
            connections = {connection for connection in inside if connection.cursors.get(room_id) == cursor}
            if cursor < target:
                slow = await _slow(connections)
                connections -= slow
                for connection in slow:
                    connection.read_on(room_id, target)

    async def _check(self, connections: set[Member]) -> None:
        """Checks that each connection may still be here and is in the right rooms."""
        waiting = list(connections)

        async def check_some() -> None:
            while waiting:
                await waiting.pop().check()

        await asyncio.gather(*(check_some() for _ in range(min(AT_ONCE, len(waiting)))))

    # Out of order.

    def hold(self, connection: Member, event: Event) -> bool:
        """Buffers an event that reached a connection ahead of its predecessors; returns False if there are too many."""
        room_id = event["room"]
        feed = self.feeds.get(room_id)
        if feed is None:
            feed = self.feeds[room_id] = Feed(room_id, self.feeds, self._bring)
        return feed.hold(connection, event)

    def leave(self, connection: Member, room_id: int) -> None:
        """Drops what a connection waits for in a room."""
        feed = self.feeds.get(room_id)
        if feed:
            feed.forget(connection)

    # Shutdown.

    async def drain(self, seconds: float) -> None:
        """Sends all clients to another process, spread over `seconds`, so that they do not arrive there all at once.

        Returns when all have gone, or `GOODBYE_SECONDS` after the last close.
        """
        self.is_draining = True
        leaving: list[Stranger] = [*self.connections, *self.strangers]
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


async def _slow(connections: set[Member]) -> set[Member]:
    """Returns the connections that have not sent what they were given within `PAGE_SECONDS`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PAGE_SECONDS
    slow = connections
    while slow := {connection for connection in slow if not connection.is_flushed}:
        if loop.time() > until:
            break
        await asyncio.sleep(PAGE_SECONDS / 10)
    return slow


def _is_elsewhere(connection: Member, rooms: set[int]) -> bool:
    """Returns whether a connection's rooms differ from these. With very many rooms it need not know all of them."""
    known = connection.cursors.keys()
    return not known <= rooms or (len(known) < queries.DIRECTS_SHOWN and known != rooms)


hub = Hub()
"""This process's hub."""
