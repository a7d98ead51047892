"""Feeds of rooms with a gap: events that arrived out of order, and the connections that wait for them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from chat.live.admission import Admitted
from chat.models import Profile
from chat.wire.events import Event

logger = logging.getLogger(__name__)

HOLD_SECONDS = 0.2
EARLY_EVENTS = 100
"""Most events that a room buffers, such as when the database cannot be read. Beyond it each connection reads alone."""


class Member(Protocol):
    """A connection as the feeds and the hub see it."""

    admitted: Admitted
    profile: Profile
    checked_at: float
    cursors: dict[int, int]

    @property
    def is_flushed(self) -> bool: ...

    def deliver(self, event: Event) -> None: ...

    def deliver_overdue(self, event: Event) -> None: ...

    def skip(self, room_id: int, cursor: int, head: int) -> None: ...

    def read_on(self, room_id: int, target: int) -> None: ...

    async def check(self) -> Any: ...

    def close(self, code: int) -> None: ...


Read = Callable[[int, set[Member], int], Awaitable[None]]


class _Early:
    """An event that arrived out of order."""

    __slots__ = ("connections", "deadline", "event")

    def __init__(self, event: Event, deadline: float) -> None:
        self.event = event
        self.deadline = deadline
        self.connections: set[Member] = set()


class Feed:
    """Buffers one room's events that arrived ahead of their predecessors, which are still on their way.

    When two processes store in one room one after the other, their events may arrive out of order. Each event keeps its
    own deadline, `HOLD_SECONDS` after it first arrived, however busy the room is. A connection gets it once its cursor
    has reached it. What is still missing at the deadline is read from the database, once for all connections that need
    it. A feed exists (in `feeds`) for as long as something waits in it.
    """

    def __init__(self, room_id: int, feeds: "dict[int, Feed]", read: Read) -> None:
        self._room_id = room_id
        self._feeds = feeds
        self._read = read
        self._loop = asyncio.get_running_loop()
        self._early: dict[int, _Early] = {}
        """Keyed by the first sequence of each event, in the order of their deadlines."""
        self._watching = self._loop.create_task(self._watch())

    def hold(self, connection: Member, event: Event) -> bool:
        """Buffers an event for a connection; returns False if too many are buffered already."""
        early = self._early.get(event["first"])
        if early is None:
            if len(self._early) >= EARLY_EVENTS:
                return False
            early = self._early[event["first"]] = _Early(event, self._loop.time() + HOLD_SECONDS)
        elif event["last"] > early.event["last"]:
            early.event = event
        early.connections.add(connection)
        return True

    def next_for(self, connection: Member, cursor: int) -> Event | None:
        """Removes and returns the event that follows a connection's cursor, if the connection waits for it here."""
        early = self._early.get(cursor + 1)
        if early is None or connection not in early.connections:
            return None
        self._drop(cursor + 1, early, connection)
        return early.event

    def forget(self, connection: Member) -> None:
        """Drops a connection that is no longer in the room or has ended."""
        for first, early in list(self._early.items()):
            self._drop(first, early, connection)

    def _drop(self, first: int, early: _Early, connection: Member) -> None:
        early.connections.discard(connection)
        if not early.connections:
            del self._early[first]

    async def _watch(self) -> None:
        try:
            while self._early:
                seconds = next(iter(self._early.values())).deadline - self._loop.time()
                if seconds > 0:
                    await asyncio.sleep(seconds)
                else:
                    await self._close_gap()
        finally:
            del self._feeds[self._room_id]

    async def _close_gap(self) -> None:
        """Reads what is missing before the overdue events. If that was not all, each connection reads for itself."""
        now = self._loop.time()
        overdue = {first: early for first, early in self._early.items() if early.deadline <= now}
        lacking = {connection for early in overdue.values() for connection in early.connections}
        try:
            await self._read(self._room_id, lacking, max(early.event["last"] for early in overdue.values()))
        except Exception:
            logger.exception("Could not read what is missing in room %d.", self._room_id)
        for first, early in overdue.items():
            if self._early.get(first) is early:
                del self._early[first]
            for connection in list(early.connections):
                connection.deliver_overdue(early.event)
