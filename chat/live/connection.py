"""One client's cursors and outbox, whatever its transport."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from chat import queries
from chat.live import admission, metering, threads
from chat.live.admission import Admitted
from chat.live.feeds import RoomFeed
from chat.live.node import Node
from chat.live.outbox import Outbox, Send, Write
from chat.live.presence import AWAY_SECONDS
from chat.wire import events, protocol, rows
from chat.wire.events import Event

logger = logging.getLogger(__name__)

own_rooms = threads.Batched(queries.own_rooms_of)

STALE_SECONDS = 1.0
"""After this long without a first `sync`, an admission is checked again: nobody has told what ended it meanwhile."""

_NOTHING: Mapping[int, int] = {}

ROOMS_KEPT = 1000
"""Rooms that a connection follows because its client names them, though they are not in its person's list.

Limited so that all cursors fit in one frame.
"""


class Connection:
    """The connection of an admitted client.

    `cursors` has, for each room that the person is in, the sequence up to which the client has been given everything.
    The rooms' feeds call `hear` with their changes in order. A change that follows the cursor is forwarded at once. If
    the client is elsewhere, because it resumes from earlier or is slow, or if the room is new to it, a repair reads
    what it is missing from the database. During a repair nothing else of that room is forwarded, so each room's changes
    leave in order.

    A connection that does not hear (`hears`) enters no feed: it sends what is missing, and ends.
    """

    __slots__ = (
        "__weakref__",
        "_checks",
        "_close",
        "_closed",
        "_early",
        "_followed",
        "_node",
        "_outbox",
        "_reads",
        "_repairs",
        "_subscribes",
        "_targets",
        "_tasks",
        "admitted",
        "checked_at",
        "cursors",
        "profile",
        "put",
    )

    def __init__(
        self,
        node: Node,
        admitted: Admitted,
        send: Send,
        close: Callable[[int], Coroutine[Any, Any, None]],
        write: Write | None = None,
        *,
        subscribes: bool = True,
    ) -> None:
        self.admitted = admitted
        self.profile = admitted.profile
        self.checked_at = time.monotonic()
        self.cursors: dict[int, int] = {}
        self._node = node
        self._subscribes = subscribes
        self._followed: set[int] = set()
        """The rooms whose feeds this connection is in."""
        self._reads: dict[int, int] = {}
        self._targets: dict[int, int] = {}
        self._repairs: dict[int, asyncio.Task] = {}
        self._checks: tuple[set[int], ...] = ()
        """For each running check: the rooms that this connection has entered since the check began."""
        self._close = close
        self._outbox = Outbox(send, write, lambda: self.close(protocol.TOO_SLOW))
        self.put = self._outbox.put
        """Accepts frames for the client, one per line."""
        self._tasks: set[asyncio.Task] = set()
        self._early: list[Event] | None = []
        """Events that arrived before the heads were known."""
        self._closed = False

    # Coming and going.

    async def open(self, cursors: Mapping[int, int] | None = None, *, greets: bool = True) -> None:
        """Enters the feeds, sends what the client is missing after its cursors, and forwards events from then on.

        Enters before it reads the heads: events in between are buffered until the heads are known, and dropped if the
        heads include them. In the reverse order they would be lost.

        With `greets`, a hello comes first, and a room without a cursor begins at the head that the hello names.
        Otherwise such a room is new to the client, and is sent as one.
        """
        if self._subscribes:
            await self._node.feeds.enter_person(self).subscribed()
        rooms = await self._subscribe_and_read()
        hidden: list[queries.OwnRoom] = []
        if cursors and _may_be_cut(len(rooms)):
            shown = {own.room.pk for own in rooms}
            named = await threads.query(queries.own_rooms_named, self.profile.pk, cursors.keys() - shown)
            hidden = named[:ROOMS_KEPT]
        for own in [*rooms, *hidden]:
            self._know(own)
        if greets:
            summaries = [rows.own_summary(own) for own in rooms]
            self.put(protocol.encode(protocol.Hello(rows.you(self.profile), summaries)))
            for own in hidden:
                self.put(protocol.encode(protocol.RoomFrame(rows.own_summary(own))))
        elif cursors is not None:
            for own in rooms:
                if own.room.pk not in cursors:
                    self.put(protocol.encode(protocol.RoomFrame(rows.own_summary(own))))
        self._resume(cursors or {})
        early, self._early = self._early or [], None
        for event in early:
            self.on_event(event)
        self._node.hub.add(self)
        self._node.presence.arrive(self, [own.room for own in [*rooms, *hidden]], is_new=greets)

    def _resume(self, cursors: Mapping[int, int]) -> None:
        """Goes back to the client's cursors."""
        for room_id, cursor in cursors.items():
            head = self.cursors.get(room_id)
            if head is None:
                self.put(protocol.encode(protocol.Removed(room_id)))
            elif cursor > head:
                self.put(protocol.encode(protocol.Reset(room_id)))
            elif cursor < head:
                self.cursors[room_id] = cursor
                self._repair(room_id, head)

    async def _subscribe_and_read(self) -> list[queries.OwnRoom]:
        """Returns the person's rooms, all of which are subscribed to by then."""
        unheard = set(self.admitted.room_ids)
        while True:
            if self._subscribes:
                for feed in [self._follow(room_id) for room_id in unheard]:
                    await feed.subscribed()
            rooms = await own_rooms(self.profile.pk)
            unheard = {own.room.pk for own in rooms if not own.room.is_direct} - self._followed
            if not unheard or not self._subscribes:  # Otherwise they have entered these meanwhile.
                return rooms

    def end(self, away_seconds: float = AWAY_SECONDS) -> None:
        """Leaves all feeds. To others, the person stays here for another `away_seconds`."""
        self._closed = True
        self._outbox.end()
        self._node.hub.discard(self)
        for task in [*self._tasks, *self._repairs.values()]:
            task.cancel()
        self._node.presence.depart(self, away_seconds)
        self._node.feeds.leave_person(self)
        for room_id in self._followed:
            self._node.feeds.leave(self, room_id)

    def close(self, code: int) -> None:
        """Makes the transport close, once; sends nothing from now on. The transport calls `end` when it has closed."""
        if not self._closed:
            self._closed = True
            self._outbox.close()
            self._spawn(self._close(code))

    # From the feeds.

    def on_event(self, event: Event) -> None:
        """Handles an event. Never waits: reads and writes happen in tasks."""
        if self._early is not None:
            self._early.append(event)
            return
        match event:
            case events.Messages():
                self._on_messages(event)
            case events.Notice():
                if event.room in self.cursors and event.sender != self.profile.pk:
                    self.put(event.frames)
            case events.Probe():
                self.put(event.frames)
            case events.Joined():
                self._repair(event.room)
            case events.Removed():
                self._remove(event.room)
                # They may have rejoined since, and that event may have arrived first, so the database decides.
                self._repair(event.room)
            case events.SignedOut():
                key = self.admitted.session_key
                if key and event.session == events.fingerprint(key):
                    self.close(protocol.NOT_SIGNED_IN)
            case events.PersonChanged():
                self._spawn(self._look_again())
            case events.TakenOver():
                if event.holder != self.admitted.holder:
                    self._spawn(self._look_again())

    def _on_messages(self, event: events.Messages) -> None:
        room_id = event.room
        cursor = self.cursors.get(room_id)
        if room_id in self._repairs:
            self._targets[room_id] = max(self._targets[room_id], event.last)
        elif cursor == event.after:
            self.cursors[room_id] = event.last
            self.put(event.frames)
        elif cursor is None:
            self._repair(room_id, event.last, since=event.after)
        elif cursor < event.last:
            self._repair(room_id, event.last)

    async def _look_again(self) -> None:
        """Checks in the database whether the person may still be here.

        If two connections take an open name at once, each may receive the other's event: the database knows which was
        last.
        """
        try:
            await self.check()
        except Exception:
            logger.exception("Could not see whether %s may be here; the hub looks again.", self.profile.nickname)

    # Repair.

    async def sync(self, cursors: Mapping[int, int] = _NOTHING) -> None:
        """The first opens the connection from the client's cursors. Later ones correct what a lost event left wrong."""
        if self._early is None:
            await self.check()
            await self.settled()
            self.put(protocol.encode(protocol.Synced({})))
            return
        is_stale = time.monotonic() - self.checked_at > STALE_SECONDS
        try:
            await self.open(cursors)
            if is_stale:
                await self.check()
        except Exception:
            logger.exception("A connection could not be opened.")
            self.close(protocol.RESTARTING)
        await self.settled()
        here = {room_id: self.cursors[room_id] for room_id in cursors if room_id in self.cursors}
        self.put(protocol.encode(protocol.Synced(here)))

    @property
    def is_settled(self) -> bool:
        """Whether no repair is running: the client has been given all that it was missing."""
        return not self._repairs

    async def settled(self) -> None:
        while self._repairs:
            await asyncio.wait(list(self._repairs.values()))

    async def recap(self) -> None:
        """Sends the state outside the rooms' sequences: how far the person has read, and who is here.

        A client that reconnects for each response may have missed a change of these in between.
        """
        for room_id, number in self._reads.items():
            self.put(protocol.encode(protocol.ReadFrame(room_id, number)))
        for frame in await self._node.presence.frames(self._reads.keys()):
            self.put(frame)

    async def retell_probe(self, known: int) -> None:
        """Sends the person's last trial message, if it is newer than the one that the client knows.

        A trial message that arrives at this moment is sent twice, here and as an event: its number shows that it is the
        same one.
        """
        number = await threads.query(queries.last_probe, self.profile.pk)
        if number > known:
            self.put(protocol.encode(protocol.ProbeFrame(number)))

    async def check(self) -> dict[int, queries.Head]:
        """Checks the session, the person's rooms and their read positions against the database.

        Returns the heads of their rooms. A socket must not outlive its sign-in, so this runs at each heartbeat, and
        from the hub for a client that sends none. Missing changes are read in tasks of their own: this waits for the
        database, never for the client.

        The heads do not apply to a room that the person entered after they were requested.
        """
        self.checked_at = time.monotonic()
        if self._early is not None:
            return {}  # It is opening, and reads its rooms anyway.
        entered: set[int] = set()
        self._checks += (entered,)
        try:
            heads = await admission.heads(self.admitted)
            is_cut = heads is not None and _may_be_cut(len(heads))
            if heads is not None and is_cut and (unseen := self.cursors.keys() - heads.keys()):
                hidden = await threads.query(queries.own_rooms_named, self.profile.pk, unseen)
                heads |= {own.room.pk: queries.Head(own.room.sequence, own.read_number) for own in hidden}
        finally:
            self._checks = tuple(one for one in self._checks if one is not entered)
        if self._closed:
            return {}  # It has ended meanwhile: nothing would undo a subscription made now.
        if heads is None:
            self.close(protocol.NOT_SIGNED_IN)
            return {}
        for room_id in self.cursors.keys() - heads.keys() - entered:
            self._remove(room_id)
        for room_id, head in heads.items():
            if room_id not in self.cursors and is_cut:
                # For a room that was not shown before, it is unknown what is new: its summary counts that.
                self._repair(room_id, head.sequence, head.sequence)
            elif head.sequence > self.cursors.get(room_id, -1):
                self._repair(room_id, head.sequence)
            if room_id not in self.cursors:
                continue
            if head.read_number > self._reads.get(room_id, 0):
                self._reads[room_id] = head.read_number
                self.put(protocol.encode(protocol.ReadFrame(room_id, head.read_number)))
        return heads

    def read_on(self, room_id: int, target: int) -> None:
        """Makes this connection read up to the target by itself, at its client's pace."""
        if room_id in self.cursors:
            self._repair(room_id, target)

    def _repair(self, room_id: int, target: int = 0, since: int | None = None) -> None:
        """Brings the client from its cursor (in a room new to it: from `since`, or from now) to the target."""
        if self._closed:
            return
        self._targets[room_id] = max(target, self._targets.get(room_id, 0))
        if room_id not in self._repairs:
            self._repairs[room_id] = asyncio.get_running_loop().create_task(self._read_on(room_id, since))

    async def _read_on(self, room_id: int, since: int | None) -> None:
        try:
            if room_id not in self.cursors:
                await self._enter(room_id, since)
            while self.cursors.get(room_id, self._targets[room_id]) < self._targets[room_id]:
                # At the client's own pace: no page is held for a client that does not read.
                await self.flushed()
                if room_id not in self.cursors:
                    break
                await metering.paid((metering.people, self.profile.pk), metering.REPLAY_PAGE)
                if room_id not in self.cursors:
                    break
                cursor = self.cursors[room_id]
                page = await threads.query(queries.changes_after, self.profile.pk, room_id, cursor)
                # Frames that have arrived meanwhile and are not sent yet would count against the client.
                await self.flushed()
                if room_id not in self.cursors:
                    break
                if not page:
                    head = await threads.query(queries.head_after, self.profile.pk, room_id, cursor)
                    if head is None:
                        break
                    self.skip(room_id, cursor, head)
                for frame in events.frames_of(room_id, page, cursor):
                    self.cursors[room_id] = frame.sequence
                    self.put(protocol.encode(frame))
        except Exception:
            # The cursor is where the client is, so the next event or sync starts again from there.
            logger.exception("Could not read room %d on for %s.", room_id, self.profile.nickname)
        finally:
            # Here, not in a callback: an event that arrives after the last check of the target must start a new repair.
            if self._repairs.get(room_id) is asyncio.current_task():
                del self._repairs[room_id], self._targets[room_id]

    def skip(self, room_id: int, cursor: int, head: int) -> None:
        """Moves the cursor past changes that are no longer stored, so that the client does not wait for them."""
        if self.cursors.get(room_id) == cursor:
            self.cursors[room_id] = head

    async def _enter(self, room_id: int, since: int | None) -> None:
        own = await threads.query(queries.own_room, self.profile.pk, room_id)
        if own and self._subscribes and not own.room.is_direct:
            await self._follow(room_id).subscribed()
            own = await threads.query(queries.own_room, self.profile.pk, room_id)
        if own is None:
            self._unfollow(room_id)
            return
        self._know(own)
        self.put(protocol.encode(protocol.RoomFrame(rows.own_summary(own))))
        self._node.presence.show(self, room_id)
        if since is None and own.room.is_direct:
            since = 0  # It was created after this connection opened: all of it is new.
        if since is not None:
            self.cursors[room_id] = min(since, own.room.sequence)

    def _know(self, own: queries.OwnRoom) -> None:
        for entered in self._checks:
            entered.add(own.room.pk)
        self.cursors[own.room.pk] = own.room.sequence
        self._reads[own.room.pk] = own.read_number
        if self._subscribes:
            self._follow(own.room.pk, is_direct=own.room.is_direct).begin(own.room.sequence)

    def _remove(self, room_id: int) -> None:
        """Removes a room that the person is no longer in: nothing of it is sent from now on."""
        repair = self._repairs.pop(room_id, None)
        if repair:
            repair.cancel()
        self._targets.pop(room_id, None)
        self._unfollow(room_id)
        self.cursors.pop(room_id, None)
        self._reads.pop(room_id, None)
        self.put(protocol.encode(protocol.Removed(room_id)))

    def _follow(self, room_id: int, *, is_direct: bool = False) -> RoomFeed:
        self._followed.add(room_id)
        return self._node.feeds.enter(self, room_id, is_direct=is_direct)

    def _unfollow(self, room_id: int) -> None:
        if room_id in self._followed:
            self._followed.discard(room_id)
            self._node.feeds.leave(self, room_id)

    # To the client.

    def sent_cursors(self) -> dict[int, int] | None:
        """Returns the cursors of a client that has everything sent so far, including the message being sent right now.

        Returns None while more waits to be sent: the cursors are then ahead of the client.
        """
        return dict(self.cursors) if self._outbox.is_empty else None

    @property
    def is_flushed(self) -> bool:
        """Whether the transport has accepted all that was put."""
        return self._outbox.is_flushed

    async def flushed(self) -> None:
        """Returns when the transport has accepted all that was put."""
        await self._outbox.flushed()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _may_be_cut(shown: int) -> bool:
    """Returns whether a person whose list has this many rooms may be in others too."""
    return shown >= queries.DIRECTS_SHOWN
