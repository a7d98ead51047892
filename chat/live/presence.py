"""Who is here, by lease: a process says for each person with an open connection that they are here for the next while.

Leases are rows, so that every process and every page sees the same people without asking the others. A process that
is killed stops renewing, and its people are gone when their leases end. Being here is told as a whole picture of a
room, at most one a second: it needs no order, repairs itself, and bundles what changes at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import cached_property, partial
from typing import Protocol, TypeVar
from uuid import uuid4

from channels.layers import get_channel_layer
from django.utils import timezone

from chat import queries
from chat.actions import leases, people
from chat.live import threads
from chat.live.admission import Admitted
from chat.live.cleaning import cleaner
from chat.models import Profile, Room
from chat.wire import events, protocol, rows

logger = logging.getLogger(__name__)

T = TypeVar("T")

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10
AWAY_SECONDS = 3
"""How long somebody without a connection still counts as here: a page that loads anew is not a departure."""

BETWEEN_POLLS_SECONDS = 15
"""The same for somebody who polls, and so comes and goes all the time."""

LOOK_SECONDS = 1
GATHER_SECONDS = 0.1
"""Where people came or went together, more are on their way, as after a restart: they are stored and told of together.
"""


Rooms = list[Room] | None
"""Somebody's rooms, where they are known without asking."""


class Client(Protocol):
    """What presence needs of a connection."""

    admitted: Admitted
    profile: Profile
    cursors: dict[int, int]

    def put(self, frames: bytes) -> None: ...


class Presence:
    """One process's share in presence.

    Leases are written one after the other, each as things stand when it is its turn: nobody who has gone gets a lease
    by a write that was decided on before. What could not be stored, or told, is tried again until it is.
    """

    def __init__(self) -> None:
        self._connections: dict[int, set[Client]] = {}
        self._frames: dict[int, bytes] = {}
        self._groups: dict[int, list[str]] = {}
        self._to_look_at: set[int] = set()
        self._looking: asyncio.Task | None = None
        self._renewing: asyncio.Task | None = None
        self._departures: dict[int, asyncio.TimerHandle] = {}
        """People without a connection who still count as here."""
        self._due: dict[int, Rooms] = {}
        """People who have come or gone, and that is not stored yet."""
        self._settled: dict[int, Rooms] = {}
        """Those for whom it is being stored and told just now."""
        self._settling: asyncio.Task | None = None
        self._writing: asyncio.Task | None = None
        """The last write of leases: the next one begins when it has ended."""

    @cached_property
    def process(self) -> str:
        """Under which its leases stand. Made when it is first asked for: a server may fork after the import."""
        return uuid4().hex

    def arrive(self, connection: Client, rooms: list[Room], *, is_new: bool = True) -> None:
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
            self._change(person, rooms)
        for room_id in connection.cursors:
            if is_new:
                self._show_last(connection, room_id)
            if not is_arrival:  # Else it is looked at once they are in it.
                self.look_at(room_id)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def hold(self, connection: Client) -> None:
        """A connection under an open name is open: its lease is taken at once, and the one before it is told to go."""
        admitted = connection.admitted
        person = admitted.profile.pk

        async def take() -> None:
            if connection in self._connections.get(person, ()):  # It may have ended before its turn.
                await threads.act(people.hold, admitted.profile, admitted.holder, self.process, LEASE)

        await asyncio.shield(self._in_turn(take))

    def depart(self, connection: Client, away_seconds: float) -> None:
        """A connection has ended; with the person's last one they are away, unless they come back within this time."""
        person = connection.profile.pk
        connections = self._connections.get(person, set())
        if connection not in connections:
            return
        connections.remove(connection)
        if not connections:
            del self._connections[person]
            self._departures[person] = asyncio.get_running_loop().call_later(away_seconds, self._leave, person)

    async def end(self) -> None:
        """The process ends: whoever has not come to another one by now is away."""
        for leaving in self._departures.values():
            leaving.cancel()
        people = {*self._connections, *self._departures, *self._due}
        await self._in_turn(partial(threads.act, leases.end, self.process, people))
        await self._tell(dict.fromkeys(people))

    def show(self, connection: Client, room_id: int) -> None:
        """Gives a connection the last known picture of a room, and has it looked at again."""
        self._show_last(connection, room_id)
        self.look_at(room_id)
        person = connection.profile.pk
        if person in self._due or person in self._settled:
            self._change(person, None)  # They have come into the room while their lease was on its way: tell it too.

    def _show_last(self, connection: Client, room_id: int) -> None:
        if room_id in self._frames:
            connection.put(self._frames[room_id])

    async def frames(self, room_ids: Iterable[int]) -> list[bytes]:
        """Who is in these rooms now, a frame each."""
        pictures = await threads.query(queries.pictures, room_ids, timezone.now())
        return [protocol.encode(rows.presence(room, picture)) for room, picture in pictures.items()]

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
                for room, picture in (await threads.query(queries.pictures, rooms, timezone.now())).items():
                    self._show_all(room, picture)
            except Exception:
                logger.exception("Could not see who is here; looking again.")
                self._to_look_at.update(rooms)
            await asyncio.sleep(LOOK_SECONDS)

    def _show_all(self, room: Room, picture: queries.Picture) -> None:
        frame = protocol.encode(rows.presence(room, picture))
        if self._frames.get(room.pk) == frame:
            return
        groups = events.audience(room)
        self._frames[room.pk], self._groups[room.pk] = frame, groups
        for group in groups:
            get_channel_layer().deliver(group, events.notice(room.pk, frame))

    # Leases.

    def _change(self, person: int, rooms: Rooms) -> None:
        """Somebody has come or gone: their lease is written, and their rooms are told."""
        self._due[person] = rooms
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle())

    def _leave(self, person: int) -> None:
        del self._departures[person]
        self._change(person, None)

    async def _settle(self) -> None:
        """Stores and tells all changes that have come together."""
        while self._due:
            due, self._due = self._due, {}
            self._settled = due
            try:
                await self._in_turn(partial(self._write, due))
                await self._tell(due)
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
        """Writes when the write before has ended. It goes on if nobody waits for it any more."""
        before = self._writing

        async def wait_and_write() -> T:
            if before and not before.done():
                await asyncio.wait([before])
            return await write()

        self._writing = writing = asyncio.get_running_loop().create_task(wait_and_write())
        return writing

    def _forget_deserted_rooms(self) -> None:
        """Where no connection of this process is in a room, nobody tells it of changes, and its picture grows old."""
        layer = get_channel_layer()
        for room_id, groups in list(self._groups.items()):
            if not any(layer.has_local(group) for group in groups):
                del self._groups[room_id], self._frames[room_id]

    async def _tell(self, people: Mapping[int, Rooms]) -> None:
        """Has every process look at the rooms of these people."""
        found = {room for rooms in people.values() for room in rooms or ()}
        unknown = [person for person, rooms in people.items() if rooms is None]
        if unknown:
            found.update(await threads.query(queries.rooms_of, unknown))
        news = [(group, events.presence_changed(room.pk)) for room in found for group in events.audience(room)]
        if news:
            await events.announce_all(news)


presence = Presence()
"""This process's share."""
