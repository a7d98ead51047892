"""Who is here, by lease: a process says for each person with an open connection that they are here for the next while.

Leases are rows, so that every process and every page sees the same people without asking the others. A process that
is killed stops renewing, and its people are gone when their leases end. Being here is told as a whole picture of a
room, at most one a second: it needs no order, repairs itself, and bundles what changes at once.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from channels.layers import get_channel_layer
from django.utils import timezone

from chat import queries
from chat.actions import leases, people
from chat.live import database, events, protocol, wire
from chat.models import Room

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat.live.connection import Connection

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10
AWAY_SECONDS = 3
"""How long somebody without a connection still counts as here: a page that loads anew is not a departure."""

BETWEEN_POLLS_SECONDS = 15
"""The same for somebody who polls, and so comes and goes all the time."""

LOOK_SECONDS = 1
WELCOME_SECONDS = 0.1
"""Where people came together, more are on their way, as after a restart: these are waited for, and told of together."""


class Presence:
    """One process's share in presence."""

    def __init__(self) -> None:
        self.process = uuid4().hex
        self._connections: dict[int, set[Connection]] = {}
        self._frames: dict[int, bytes] = {}
        self._groups: dict[int, list[str]] = {}
        self._to_look_at: set[int] = set()
        self._looking: asyncio.Task | None = None
        self._renewing: asyncio.Task | None = None
        self._arrivals: dict[int, list[Room]] = {}
        self._welcoming: asyncio.Task | None = None
        self._departures: dict[int, asyncio.Task] = {}
        self._endings: dict[int, asyncio.Task] = {}
        self._untold: set[int] = set()
        """Whose coming or going their rooms could not be told of yet."""

    def arrive(self, connection: Connection, rooms: list[Room], *, is_new: bool = True) -> None:
        """A connection has opened: shows it who is here, and if it is the person's first one, shows the person.

        One that is not new, but goes on where another of its client has ended, is shown only what is new.
        """
        person = connection.profile.pk
        connections = self._connections.setdefault(person, set())
        connections.add(connection)
        leaving = self._departures.pop(person, None)
        is_arrival = len(connections) == 1 and not leaving
        if leaving:
            leaving.cancel()
        if is_arrival:
            self._arrivals[person] = rooms
            if self._welcoming is None or self._welcoming.done():
                self._welcoming = asyncio.create_task(self._welcome())
        for room_id in connection.cursors:
            if is_new:
                self._show_last(connection, room_id)
            if not is_arrival:  # Else it is looked at once they are in it.
                self.look_at(room_id)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def hold(self, connection: Connection) -> None:
        """A connection under an open name is open: its lease is taken at once, and the one before it is told to go."""
        admitted = connection.admitted
        ending = self._endings.get(admitted.profile.pk)
        if ending:  # What ends the lease of the one before it must not end this one.
            await asyncio.wait([ending])
        await database.act(people.hold, admitted.profile, admitted.holder, self.process, LEASE)

    def depart(self, connection: Connection, away_seconds: float) -> None:
        """A connection has ended; with the person's last one they are away, unless they come back within this time."""
        person = connection.profile.pk
        connections = self._connections.get(person, set())
        if connection not in connections:
            return
        connections.remove(connection)
        if not connections:
            del self._connections[person]
            self._departures[person] = asyncio.create_task(self._leave(person, away_seconds))

    async def end(self) -> None:
        """The process ends: whoever has not come to another one by now is away."""
        people = {*self._connections, *self._departures}
        for leaving in self._departures.values():
            leaving.cancel()
        await database.act(leases.end, self.process, people)
        await self._tell(people)

    def show(self, connection: Connection, room_id: int) -> None:
        """Gives a connection the last known picture of a room, and has it looked at again."""
        self._show_last(connection, room_id)
        self.look_at(room_id)

    def _show_last(self, connection: Connection, room_id: int) -> None:
        if room_id in self._frames:
            connection.put(self._frames[room_id])

    async def frames(self, room_ids: Iterable[int]) -> list[bytes]:
        """Who is in these rooms now, a frame each."""
        pictures = await database.query(queries.pictures, room_ids, timezone.now())
        return [protocol.encode(wire.presence(room, picture)) for room, picture in pictures.items()]

    def look_at(self, room_id: int) -> None:
        """Something has changed in a room. Its picture is taken soon, with others, and shown if it is a new one."""
        self._to_look_at.add(room_id)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def look_at_all(self) -> None:
        """Hints may have been lost."""
        for room_id in self._frames:
            self.look_at(room_id)

    async def _look(self) -> None:
        while self._to_look_at:
            rooms, self._to_look_at = list(self._to_look_at), set()
            try:
                pictures = await database.query(queries.pictures, rooms, timezone.now())
            except Exception:
                logger.exception("Could not see who is here; looking again.")
                pictures = {}
                self._to_look_at.update(rooms)
            for room, picture in pictures.items():
                self._show_all(room, picture)
            await asyncio.sleep(LOOK_SECONDS)

    def _show_all(self, room: Room, picture: queries.Picture) -> None:
        frame = protocol.encode(wire.presence(room, picture))
        if self._frames.get(room.pk) == frame:
            return
        groups = events.audience(room)
        self._frames[room.pk], self._groups[room.pk] = frame, groups
        for group in groups:
            get_channel_layer().deliver(group, events.notice(room.pk, frame))

    async def _welcome(self) -> None:
        """Takes leases for all who have come meanwhile, and tells their rooms."""
        while self._arrivals:
            arrivals, self._arrivals = self._arrivals, {}
            rooms = {room for rooms in arrivals.values() for room in rooms}
            try:
                await database.act(leases.take, self.process, list(arrivals), LEASE)
            except Exception:
                logger.exception("Could not take leases for %d people; they are renewed soon.", len(arrivals))
            await self._tell_rooms(rooms)
            if len(arrivals) > 1:
                await asyncio.sleep(WELCOME_SECONDS)

    async def _leave(self, person: int, away_seconds: float) -> None:
        await asyncio.sleep(away_seconds)
        self._endings[person] = self._departures.pop(person)
        try:
            try:
                await database.act(leases.end, self.process, [person])
            finally:
                self._endings.pop(person, None)
            if person in self._connections:  # They came back while that was written; it may have ended their new lease.
                await database.act(leases.take, self.process, [person], LEASE)
            await self._tell({person})
        except Exception:
            self._untold.add(person)
            logger.exception("Could not tell that somebody has left; telling it with the next renewal.")

    async def _renew(self) -> None:
        while self._connections or self._departures:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                people = {*self._connections, *self._departures}
                changed = await database.act(leases.renew, self.process, people, LEASE)
                left = people.difference(self._connections, self._departures)
                if left:  # While that was written; it may have given them a new lease.
                    await database.act(leases.end, self.process, left)
                await self._tell(changed | left)
                self._forget_deserted_rooms()
            except Exception:
                logger.exception("Could not renew the leases of who is here; trying again in %d s.", RENEW_SECONDS)

    def _forget_deserted_rooms(self) -> None:
        """Where no connection of this process is in a room, nobody tells it of changes, and its picture grows old."""
        layer = get_channel_layer()
        for room_id, groups in list(self._groups.items()):
            if not any(layer.has_local(group) for group in groups):
                del self._groups[room_id], self._frames[room_id]

    async def _tell(self, people: set[int]) -> None:
        """Has every process look at the rooms of these people, and of those for whom that failed before."""
        self._untold |= people
        people = set(self._untold)
        await self._tell_rooms(await database.query(queries.rooms_of, people))
        self._untold -= people

    async def _tell_rooms(self, rooms: Iterable[Room]) -> None:
        news = [(group, events.presence_changed(room.pk)) for room in rooms for group in events.audience(room)]
        if news:
            await events.announce_all(news)


presence = Presence()
"""This process's share."""
