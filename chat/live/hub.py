"""This process's connections, all of them: what is done to them together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from channels.layers import get_channel_layer

from chat import queries
from chat.live import database, events, protocol
from chat.live.presence import presence

if TYPE_CHECKING:
    from collections.abc import Collection

    from chat.live.connection import Connection
    from chat.live.events import Event

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
HOLD_SECONDS = 0.2
GOODBYE_SECONDS = 2.0
LONGEST_STEP = 0.05
AT_ONCE = 50
"""Connections that are put right at the same time: what they ask is asked together."""


class Stranger(Protocol):
    """A connection without a person behind it, which only has to be sent away at the end."""

    def close(self, code: int) -> None: ...


class Hub:
    """While the channel layer is whole it only keeps count. In doubt it looks into the database for everybody."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.strangers: set[Stranger] = set()
        self.is_draining = False
        self._doubt = asyncio.Event()
        self._deserted = asyncio.Event()
        self._watch_task: asyncio.Task[None] | None = None
        self.early: dict[int, list[tuple[Connection, Event]]] = {}
        self._filling: set[asyncio.Task[None]] = set()

    def add(self, connection: Connection) -> None:
        self.connections.add(connection)
        self._deserted.clear()
        if self._watch_task is None or self._watch_task.done():
            self._doubt, self._deserted = asyncio.Event(), asyncio.Event()
            get_channel_layer().when_in_doubt(self._doubt.set)
            self._watch_task = asyncio.create_task(self._watch())
        if self.is_draining:
            connection.close(protocol.RESTARTING)  # It was on its way in when the others were sent away.

    def discard(self, connection: Connection) -> None:
        self.connections.discard(connection)
        if not self.connections:
            self._deserted.set()

    # In doubt.

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
        """After a doubt everything, while the layer is broken what has been posted, and who has been silent always."""
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
            await self._catch_up()
        overdue = time.monotonic() - 2 * protocol.HEARTBEAT_SECONDS
        await self._check({connection for connection in self.connections if connection.checked_at < overdue})

    async def _catch_up(self) -> None:
        """Reads what connections lack once for all that lack the same, and delivers it like an event."""
        rooms = {room_id for connection in self.connections for room_id in connection.cursors}
        heads = await database.query(queries.room_heads, rooms)
        behind: dict[tuple[int, int], list[Connection]] = defaultdict(list)
        for connection in self.connections:
            for room_id, cursor in connection.cursors.items():
                if cursor < heads.get(room_id, 0):
                    behind[room_id, cursor].append(connection)
        for (room_id, cursor), connections in behind.items():
            await self._bring(room_id, cursor, connections)

    async def _bring(self, room_id: int, cursor: int, connections: Collection[Connection]) -> None:
        """Reads the next changes of a room after a cursor, once for all whose cursor that is.

        Who is no member any more may not have been told, by the same fault: asked after the changes were read, nothing
        that was said after their end is among what they are given.
        """
        changes = await database.query(queries.changes, room_id, cursor)
        if not changes:
            return
        members = await database.query(
            queries.members_among, room_id, {connection.profile.pk for connection in connections}
        )
        inside = [connection for connection in connections if connection.profile.pk in members]
        await self._check(set(connections).difference(inside))
        for event in events.pieces(changes[0].room, changes):
            for connection in inside:
                connection.deliver(event)

    async def _check(self, connections: set[Connection]) -> None:
        """Whether each still may be here, and is where it may be."""
        waiting = list(connections)

        async def check_some() -> None:
            while waiting:
                await waiting.pop().check()

        await asyncio.gather(*(check_some() for _ in range(min(AT_ONCE, len(waiting)))))

    # Before their turn.

    def hold(self, connection: Connection, event: Event) -> None:
        """Keeps messages that have come to a connection before those that precede them, and are on their way.

        Two processes that store in one room one after the other may be heard the other way round. What is still missing
        after `HOLD_SECONDS` is read from the database, once for all.
        """
        room_id = event["room"]
        if room_id not in self.early:
            self.early[room_id] = []
            asyncio.get_running_loop().call_later(HOLD_SECONDS, self._is_overdue, self.early[room_id], room_id)
        self.early[room_id].append((connection, event))

    def go_on(self, room_id: int) -> None:
        """A room moves on: what waits there may have its turn now."""
        waiting = self.early.pop(room_id)
        asyncio.get_running_loop().call_soon(self._give, waiting)

    def _give(self, waiting: list[tuple[Connection, Event]]) -> None:
        for connection, event in waiting:
            connection.deliver(event)

    def _is_overdue(self, waiting: list[tuple[Connection, Event]], room_id: int) -> None:
        if self.early.get(room_id) is waiting:
            del self.early[room_id]
            filling = asyncio.get_running_loop().create_task(self._fill(room_id, waiting))
            self._filling.add(filling)
            filling.add_done_callback(self._filling.discard)

    async def _fill(self, room_id: int, waiting: list[tuple[Connection, Event]]) -> None:
        """Closes a gap for all who wait behind it. Where that was not all, each connection reads on for itself."""
        try:
            behind: dict[int, set[Connection]] = defaultdict(set)
            for connection, _ in waiting:
                if room_id in connection.cursors:
                    behind[connection.cursors[room_id]].add(connection)
            for cursor, connections in behind.items():
                await self._bring(room_id, cursor, connections)
        except Exception:
            logger.exception("Could not read what is missing in room %d.", room_id)
        for connection, event in waiting:
            connection.deliver_overdue(event)

    # The end.

    async def drain(self, seconds: float) -> None:
        """Sends everybody to another process, spread over some seconds, so that they do not arrive there all at once.

        Returns when all have gone, or a moment after the last was told to.
        """
        self.is_draining = True
        leaving: list[Stranger] = [*self.connections, *self.strangers]
        for connection in leaving:
            connection.close(protocol.RESTARTING)
            await asyncio.sleep(min(seconds / len(leaving), LONGEST_STEP))
        if self.connections:
            await asyncio.wait([asyncio.ensure_future(self._deserted.wait())], timeout=GOODBYE_SECONDS)


hub = Hub()
"""This process's."""
