"""Feeds: what the channel layer brings reaches this process's connections once and in order.

A feed subscribes one channel of this process to a group, however many connections are behind it. A room's feed settles
the order of the room's changes and reads what is missing, once for all. A person's feed has what is for them alone, and
all of their direct rooms, which have no group of their own.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine
from typing import Any, Protocol

from chat import queries
from chat.live import threads
from chat.live.admission import Admitted
from chat.models import Profile
from chat.wire import events
from chat.wire.events import Event, Messages

logger = logging.getLogger(__name__)

EARLY_SECONDS = 0.2
"""How long an event that arrived ahead of its predecessors waits for them, before they are read."""

EARLY_EVENTS = 100
"""Most events that a room buffers. Beyond it they are read at once, with what they wait for."""

PAGE_SECONDS = 0.1
"""Time for connections to send one page before the next is read for all of them; slower ones read alone."""

RETRY_SECONDS = 1.0

AT_ONCE = 50
"""Connections checked concurrently, so that their queries are batched."""


class Layer(Protocol):
    """The part of a channel layer that feeds use."""

    async def new_channel(self) -> str: ...

    async def group_add(self, group: str, channel: str) -> None: ...

    async def group_discard(self, group: str, channel: str) -> None: ...

    def attach(self, channel: str, sink: Callable[[dict[str, Any]], None]) -> None: ...

    def detach(self, channel: str) -> None: ...


class Member(Protocol):
    """A connection as the feeds see it."""

    admitted: Admitted
    profile: Profile
    cursors: dict[int, int]

    @property
    def is_flushed(self) -> bool: ...

    def on_event(self, event: Event) -> None: ...

    def skip(self, room_id: int, cursor: int, head: int) -> None: ...

    def read_on(self, room_id: int, target: int) -> None: ...

    async def check(self) -> Any: ...


class Feed:
    """The connections of this process that hear one group."""

    def __init__(self, layer: Layer, group: str | None, look: Callable[[int], None]) -> None:
        self.members: set[Member] = set()
        self._layer = layer
        self._look = look
        self._group = group
        self._channel = ""
        self._loop = asyncio.get_running_loop()
        self._subscribing = self._loop.create_task(self._subscribe(group)) if group else None

    async def subscribed(self) -> None:
        """Returns once what is sent to the group from now on arrives here."""
        if self._subscribing:
            await asyncio.shield(self._subscribing)

    async def end(self) -> None:
        """Unsubscribes. Call it when the last member has gone."""
        if self._subscribing and self._group:
            await asyncio.wait([self._subscribing])
            self._layer.detach(self._channel)
            await self._layer.group_discard(self._group, self._channel)

    async def _subscribe(self, group: str) -> None:
        self._channel = await self._layer.new_channel()
        self._layer.attach(self._channel, self._receive)
        await self._layer.group_add(group, self._channel)

    def _receive(self, message: dict[str, Any]) -> None:
        event = events.unpack(message)
        if event is not None:
            self.on_event(event)

    def on_event(self, event: Event) -> None:
        """Handles an event. Never waits."""
        if isinstance(event, Messages):
            self._on_messages(event)
        elif isinstance(event, events.PresenceChanged):
            self._look(event.room)
        else:
            self._give(event, self.members)

    def _on_messages(self, event: Messages) -> None:
        raise NotImplementedError

    def _give(self, event: Event, to: Collection[Member]) -> None:
        for member in tuple(to):
            try:
                member.on_event(event)
            except Exception:
                # One failing connection must not keep the others from the event.
                logger.exception("A connection of %s could not take an event.", member.profile.nickname)


class _Early:
    """An event that arrived ahead of its predecessors."""

    __slots__ = ("deadline", "event")

    def __init__(self, event: Messages, deadline: float) -> None:
        self.event = event
        self.deadline = deadline


class RoomFeed(Feed):
    """One room in this process: its connections, and the sequence up to which they have been given its changes.

    An event that follows the sequence is given to all members at once. When two processes store in one room one after
    the other, their events may arrive out of order: an early event is buffered, and keeps its own deadline however busy
    the room is. What is still missing by then is read from the database, once for all. A member whose own cursor is
    elsewhere, because it resumes from earlier or is slow, reads on by itself.
    """

    def __init__(self, layer: Layer, room_id: int, group: str | None, look: Callable[[int], None]) -> None:
        super().__init__(layer, group, look)
        self.sequence: int | None = None
        """None until the first member knows it, or the first event tells."""
        self._room_id = room_id
        self._early: dict[int, _Early] = {}
        """By the sequence that each event follows, in the order of their deadlines."""
        self._target = 0
        """The sequence up to which is read, if that is not reached yet."""
        self._reading: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, head: int) -> None:
        """Sets the sequence that a member has read after it subscribed, if none is known."""
        if self.sequence is None:
            self.sequence = head

    def read_to(self, target: int) -> asyncio.Task[None]:
        """Reads what is missing up to a sequence, in a task that ends when it is given, or could not be read.

        What could not be read is read again after `RETRY_SECONDS`.
        """
        self._target = max(self._target, target)
        if self._reading is None:
            self._reading = self._loop.create_task(self._read())
        return self._reading

    async def catch_up(self, head: int) -> None:
        """Reads up to the head, for all members, once an event may have been lost."""
        if self.sequence is None:
            return
        if self.sequence < head:
            await asyncio.wait([self.read_to(head)])
        for member in self.members:
            if member.cursors.get(self._room_id, head) < head:
                member.read_on(self._room_id, head)

    async def end(self) -> None:
        if self._reading:
            self._reading.cancel()
        if self._timer:
            self._timer.cancel()
        await super().end()

    # In order.

    def _on_messages(self, event: Messages) -> None:
        if self.sequence is None or event.after == self.sequence:
            self._advance(event)
        elif event.last <= self.sequence:
            return
        elif event.after < self.sequence:
            self.read_to(event.last)
        else:
            self._buffer(event)

    def _advance(self, event: Messages, outside: Collection[Member] = ()) -> None:
        """Gives the members the next changes, and those that were waiting for them."""
        following: Messages | None = event
        while following:
            self.sequence = following.last
            self._give(following, self.members.difference(outside) if outside else self.members)
            early = self._early.pop(following.last, None) if self._early else None
            following = early.event if early else None

    def _buffer(self, event: Messages) -> None:
        early = self._early.get(event.after)
        if early:
            early.event = max(early.event, event, key=lambda one: one.last)
        elif len(self._early) < EARLY_EVENTS:
            self._early[event.after] = _Early(event, self._loop.time() + EARLY_SECONDS)
            self._set_timer()
        else:
            self.read_to(event.last)

    def _set_timer(self) -> None:
        """Wakes this at the first deadline."""
        if self._early and self.members and not self._timer and not self._reading:
            self._timer = self._loop.call_at(next(iter(self._early.values())).deadline, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._drop_known()
        now = self._loop.time()
        overdue = [early.event.last for early in self._early.values() if early.deadline <= now]
        target = max([self._target, *overdue])
        if self.sequence is not None and self.sequence < target:
            self.read_to(target)
        else:
            self._set_timer()

    def _drop_known(self) -> None:
        """Drops early events that lie within what has been given."""
        known = self.sequence or 0
        self._early = {after: early for after, early in self._early.items() if early.event.last > known}

    # Reading what is missing.

    async def _read(self) -> None:
        try:
            while self.members and self.sequence is not None and self.sequence < self._target:
                await self._read_page(self.sequence, self._target)
        except Exception:
            logger.exception("Could not read what is missing in room %d; trying again.", self._room_id)
            if self._timer:
                self._timer.cancel()
            self._timer = self._loop.call_later(RETRY_SECONDS, self._wake)
        finally:
            self._reading = None
            self._drop_known()
            self._set_timer()

    async def _read_page(self, cursor: int, target: int) -> None:
        """Reads one page and gives it to all members, while they keep up. A slower one reads on by itself.

        The same fault may have lost the event that a membership ended. Memberships are therefore read after the
        changes, so that nobody is given anything said after they were removed.
        """
        changes = await threads.query(queries.changes, self._room_id, cursor)
        asked = set(self.members)
        inside = await threads.query(queries.members_among, self._room_id, {member.profile.pk for member in asked})
        outside = {member for member in asked if member.profile.pk not in inside}
        await check(outside)
        if self.sequence != cursor:
            return  # The missing changes have arrived meanwhile.
        if not changes:  # The rows up to the target are gone.
            self._skip(cursor, target)
            return
        for event in events.pieces(changes[0].room, changes, after=cursor):
            if event.after == self.sequence:
                self._advance(event, outside)
        if self.sequence < target:
            for member in await self._slow():
                member.read_on(self._room_id, target)

    def _skip(self, cursor: int, target: int) -> None:
        self.sequence = target
        for member in self.members:
            member.skip(self._room_id, cursor, target)
        early = self._early.pop(target, None)
        if early:
            self._advance(early.event)

    async def _slow(self) -> set[Member]:
        """Returns the members that have not sent what they were given within `PAGE_SECONDS`."""
        until = self._loop.time() + PAGE_SECONDS
        slow = self.members
        while slow := {member for member in slow if not member.is_flushed}:
            if self._loop.time() > until:
                break
            await asyncio.sleep(PAGE_SECONDS / 10)
        return slow


class PersonFeed(Feed):
    """One person in this process: what is for them alone, and their direct rooms."""

    def __init__(self, layer: Layer, person: int, rooms: "dict[int, RoomFeed]", look: Callable[[int], None]) -> None:
        super().__init__(layer, events.user_group(person), look)
        self._rooms = rooms

    def _on_messages(self, event: Messages) -> None:
        """Passes them to the room's feed. A member that is not in it does not know the room yet, and enters it."""
        feed = self._rooms.get(event.room)
        self._give(event, self.members - feed.members if feed else self.members)
        if feed:
            feed.on_event(event)


class Feeds:
    """All feeds of this process. A feed exists while it has members."""

    def __init__(self, layer: Layer) -> None:
        self.rooms: dict[int, RoomFeed] = {}
        self.people: dict[int, PersonFeed] = {}
        self.look: Callable[[int], None] = _nobody
        """Called with the id of a room where presence has changed."""
        self._layer = layer
        self._ending: set[asyncio.Task[None]] = set()

    def enter_person(self, member: Member) -> PersonFeed:
        """Returns the feed of a member's person, with the member in it."""
        person = member.profile.pk
        feed = self.people.get(person)
        if feed is None:
            feed = self.people[person] = PersonFeed(self._layer, person, self.rooms, self.look)
        feed.members.add(member)
        return feed

    def enter(self, member: Member, room_id: int, *, is_direct: bool = False) -> RoomFeed:
        """Returns the feed of a room, with the member in it. A direct room's events come by its people's own feeds."""
        feed = self.rooms.get(room_id)
        if feed is None:
            group = None if is_direct else events.room_group(room_id)
            feed = self.rooms[room_id] = RoomFeed(self._layer, room_id, group, self.look)
        feed.members.add(member)
        return feed

    def leave_person(self, member: Member) -> None:
        self._leave(self.people, member.profile.pk, member)

    def leave(self, member: Member, room_id: int) -> None:
        self._leave(self.rooms, room_id, member)

    def _leave(self, feeds: dict[int, Any], key: int, member: Member) -> None:
        feed = feeds.get(key)
        if feed:
            feed.members.discard(member)
            if not feed.members:
                del feeds[key]
                self._spawn(feed.end())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def check(members: Collection[Member]) -> None:
    """Checks that each connection may still be here and is in the right rooms."""
    waiting = list(members)

    async def check_some() -> None:
        while waiting:
            await waiting.pop().check()

    await asyncio.gather(*(check_some() for _ in range(min(AT_ONCE, len(waiting)))))


def _nobody(room_id: int) -> None:
    pass
