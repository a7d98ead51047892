"""Presence by lease: a process stores, for each person with an open connection, that they are here for a limited time.

Leases are rows, so every process and every page sees the same people without contacting other processes. A killed
process stops renewing, and its people are gone when their leases end. Presence is sent as a full snapshot of a room, at
most one per second: it needs no order, repairs itself, and bundles simultaneous changes.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import cached_property, partial
from typing import Protocol, TypeVar
from uuid import uuid4

from django.utils import timezone

from chat import queries
from chat.actions import leases, people
from chat.live import threads
from chat.live.admission import Admitted
from chat.live.cleaning import cleaner
from chat.live.feeds import Feeds
from chat.models import Profile, Room
from chat.wire import events, protocol, rows

logger = logging.getLogger(__name__)

T = TypeVar("T")

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10
AWAY_SECONDS = 3
"""How long a person without a connection still counts as here: reloading a page is not a departure."""

BETWEEN_POLLS_SECONDS = 15
"""The same for a person who polls and so connects and disconnects all the time."""

LOOK_SECONDS = 1
GATHER_SECONDS = 0.1
"""Pause after several arrivals or departures, because more are on their way, as after a restart: they are batched."""


Rooms = list[Room] | None
"""A person's rooms; None where they would have to be read first."""


class Client(Protocol):
    """The part of a connection that presence uses."""

    admitted: Admitted
    profile: Profile
    cursors: dict[int, int]

    def put(self, frames: bytes) -> None: ...


class Presence:
    """One process's part in presence.

    Lease writes run one after the other, each from the state at its turn, so that no earlier decision gives a lease to
    a person who has gone. What could not be stored or announced is retried until it succeeds.
    """

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        feeds.look = self.look_at
        self._frames: dict[int, bytes] = {}
        """The last snapshot of each room. It outlives the room's feed: a poll is in one only as long as it waits."""
        self._connections: dict[int, set[Client]] = {}
        self._to_look_at: set[int] = set()
        self._looking: asyncio.Task | None = None
        self._renewing: asyncio.Task | None = None
        self._departures: dict[int, asyncio.TimerHandle] = {}
        """People without a connection who still count as here."""
        self._due: dict[int, Rooms] = {}
        """People whose arrival or departure is not stored yet."""
        self._settled: dict[int, Rooms] = {}
        """People whose arrival or departure is being stored and announced right now."""
        self._settling: asyncio.Task | None = None
        self._writing: asyncio.Task | None = None
        """The last write of leases: the next one starts when it has ended."""

    @cached_property
    def process(self) -> str:
        """The id that owns this process's leases. Created on first use, because a server may fork after the import."""
        return uuid4().hex

    def arrive(self, connection: Client, rooms: list[Room], *, is_new: bool = True) -> None:
        """Sends a newly opened connection who is here, and announces the person if this is their first connection.

        A connection that is not new, but resumes an earlier one of its client, is sent only what is new.
        """
        person = connection.profile.pk
        connections = self._connections.setdefault(person, set())
        connections.add(connection)
        leaving = self._departures.pop(person, None)
        is_arrival = len(connections) == 1 and not leaving
        if leaving:
            leaving.cancel()
        if is_arrival:
            self._change(person, rooms)
        for room_id in connection.cursors:
            if is_new:
                self._show_last(connection, room_id)
            if not is_arrival:  # An arrival has the room read once the lease is stored.
                self.look_at(room_id)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def take_over(self, connection: Client) -> None:
        """Takes the lease of an open name's new connection at once, and makes the previous connection close."""
        admitted = connection.admitted
        person = admitted.profile.pk

        async def acquire() -> None:
            if connection in self._connections.get(person, ()):  # It may have ended before its turn.
                await threads.act(people.take_over, admitted.profile, admitted.holder, self.process, LEASE)

        await asyncio.shield(self._in_turn(acquire))

    def depart(self, connection: Client, away_seconds: float) -> None:
        """Removes an ended connection; after the last one, the person is away unless they return within this time."""
        person = connection.profile.pk
        connections = self._connections.get(person, set())
        if connection not in connections:
            return
        connections.remove(connection)
        if not connections:
            del self._connections[person]
            self._departures[person] = asyncio.get_running_loop().call_later(away_seconds, self._leave, person)

    async def end(self) -> None:
        """Ends this process's leases: people who have not moved to another process by now are away."""
        for leaving in self._departures.values():
            leaving.cancel()
        people = {*self._connections, *self._departures, *self._due}
        await self._in_turn(partial(threads.act, leases.end, self.process, people))
        await self._announce(dict.fromkeys(people))

    def show(self, connection: Client, room_id: int) -> None:
        """Sends a connection the last known snapshot of a room, and schedules a new one."""
        self._show_last(connection, room_id)
        self.look_at(room_id)
        person = connection.profile.pk
        if person in self._due or person in self._settled:
            self._change(person, None)  # They entered the room while their lease was being stored: notify it too.

    def _show_last(self, connection: Client, room_id: int) -> None:
        if room_id in self._frames:
            connection.put(self._frames[room_id])

    async def frames(self, room_ids: Iterable[int]) -> list[bytes]:
        """Returns who is in these rooms now, one frame per room."""
        pictures = await threads.query(queries.pictures, room_ids, timezone.now())
        return [protocol.encode(rows.presence(room, picture)) for room, picture in pictures.items()]

    def look_at(self, room_id: int) -> None:
        """Schedules a snapshot of a changed room, batched with other rooms; it is sent only if it differs."""
        self._to_look_at.add(room_id)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    @property
    def is_looking(self) -> bool:
        """Whether rooms are being read, or are still to be read."""
        return self._looking is not None and not self._looking.done()

    def look_at_all(self) -> None:
        """Schedules snapshots of all rooms, because events may have been lost."""
        for room_id in self._feeds.rooms:
            self.look_at(room_id)

    async def _look(self) -> None:
        while self._to_look_at:
            rooms, self._to_look_at = list(self._to_look_at), set()
            try:
                for room, picture in (await threads.query(queries.pictures, rooms, timezone.now())).items():
                    self._show_all(room, picture)
            except Exception:
                logger.exception("Could not see who is here; looking again.")
                self._to_look_at.update(rooms)
            await asyncio.sleep(LOOK_SECONDS)

    def _show_all(self, room: Room, picture: queries.Picture) -> None:
        frame = protocol.encode(rows.presence(room, picture))
        feed = self._feeds.rooms.get(room.pk)
        if feed and self._frames.get(room.pk) != frame:
            self._frames[room.pk] = frame
            feed.on_event(events.Notice(room.pk, frame))

    # Leases.

    def _change(self, person: int, rooms: Rooms) -> None:
        """Schedules writing the lease of a person who has arrived or left, and notifying their rooms."""
        self._due[person] = rooms
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle())

    def _leave(self, person: int) -> None:
        del self._departures[person]
        self._change(person, None)

    async def _settle(self) -> None:
        """Stores and announces all pending changes together."""
        while self._due:
            due, self._due = self._due, {}
            self._settled = due
            try:
                await self._in_turn(partial(self._write, due))
                await self._announce(due)
                seconds = GATHER_SECONDS if len(due) > 1 else 0
            except Exception:
                logger.exception("Could not store or tell that %d people have come or gone; trying again.", len(due))
                self._due = due | self._due
                seconds = LOOK_SECONDS
            finally:
                self._settled = {}
            if seconds:
                await asyncio.sleep(seconds)

    async def _write(self, due: Collection[int]) -> None:
        here = {person for person in due if person in self._connections or person in self._departures}
        await threads.act(leases.settle, self.process, here, set(due) - here, LEASE)

    async def _renew(self) -> None:
        while self._connections or self._departures:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                changed = await self._in_turn(self._write_all)
            except Exception:
                logger.exception("Could not renew the leases of who is here; trying again in %d s.", RENEW_SECONDS)
                continue
            for person in changed:
                self._change(person, None)
            self._forget_deserted_rooms()
            cleaner.look()

    async def _write_all(self) -> set[int]:
        people = {*self._connections, *self._departures}
        changed: set[int] = await threads.act(leases.renew, self.process, people, LEASE)
        return changed

    def _in_turn(self, write: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        """Writes once the previous write has ended. The write continues even if nothing waits for it any more."""
        before = self._writing

        async def wait_and_write() -> T:
            if before and not before.done():
                await asyncio.wait([before])
            return await write()

        self._writing = writing = asyncio.get_running_loop().create_task(wait_and_write())
        return writing

    def _forget_deserted_rooms(self) -> None:
        """Drops snapshots of rooms with no connection here: this process gets no events for them, so they go stale."""
        for room_id in self._frames.keys() - self._feeds.rooms.keys():
            del self._frames[room_id]

    async def _announce(self, people: Mapping[int, Rooms]) -> None:
        """Makes every process read presence again in the rooms of these people."""
        found = {room for rooms in people.values() for room in rooms or ()}
        unknown = [person for person, rooms in people.items() if rooms is None]
        if unknown:
            found.update(await threads.query(queries.rooms_of, unknown))
        announcements = [(group, events.PresenceChanged(room.pk)) for room in found for group in events.audience(room)]
        if announcements:
            await events.announce_all(announcements)
