"""Presence, over a database of leases that can be made to wait or to fail."""

import asyncio
from types import SimpleNamespace

from django.db import OperationalError

from chat.actions import leases
from chat.layers.local import LocalChannelLayer
from chat.live.feeds import Feeds
from chat.live.presence import Presence
from chat.models import Room

ROOM = Room(pk=5)


class FakeConnection:
    """Somebody's connection in a room."""

    def __init__(self, person: int) -> None:
        self.profile = SimpleNamespace(pk=person)
        self.cursors = {ROOM.pk: 1}

    def put(self, frame: bytes) -> None:
        pass


def quiet_presence() -> Presence:
    """That of a process in which nobody hears of it."""
    return Presence(Feeds(LocalChannelLayer()))


def two_are_here() -> tuple[Presence, FakeConnection]:
    """A process's presence with two people, and the connection of the first, who is number 1."""
    presence, alice, bob = quiet_presence(), FakeConnection(1), FakeConnection(2)
    for connection in (alice, bob):
        presence.arrive(connection, [ROOM])
    return presence, alice


class LeaseDatabase:
    """Keeps the leases of one process; a write can be made to wait or to fail."""

    def __init__(self) -> None:
        self.stored: set[int] = set()
        """The people who have leases."""
        self.writes: list[str] = []
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.failures = 0
        """How many writes will fail from now on."""
        self.cleared: set[int] = set()
        """The people whose leases of other processes the next renewal clears away."""

    async def act(self, function, *args):
        self.writes.append(function.__name__)
        await self.may_write.wait()
        if self.failures:
            self.failures -= 1
            raise OperationalError("away")
        if function is leases.settle:
            _, here, gone, _ = args
            self.stored = (self.stored | set(here)) - set(gone)
        elif function is leases.renew:
            changed = self.stored ^ set(args[1]) | self.cleared
            self.stored, self.cleared = set(args[1]), set()
            return changed
        elif function is leases.end:
            self.stored -= set(args[1])
        else:
            self.stored.add(args[0].pk)
        return set()
