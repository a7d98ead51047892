"""The far end of a connection, and words that nobody is told of."""

import asyncio
import contextlib
import gc
import json
import weakref
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.test import Client as Browser

from chat import queries
from chat.actions.messages import Draft, post_messages
from chat.layers.local import LocalChannelLayer
from chat.live.admission import Admitted
from chat.live.connection import Connection
from chat.live.node import Node
from chat.wire import events
from tests.patience import PATIENCE

in_thread = sync_to_async


class Client:
    """The far end of a connection: keeps what it was sent, and can be told to stop reading."""

    def __init__(self, admitted, node=None):
        self.messages: list[str] = []
        self.closed: list[int] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.asked = asyncio.Event()
        """Whether it was asked to take something."""
        self.arrived = asyncio.Event()
        self.gone = asyncio.Event()
        self.node = node or Node(LocalChannelLayer())
        self.layer = self.node.layer
        self.connection = Connection(self.node, admitted, self.send, self.close)

    async def send(self, text):
        self.asked.set()
        await self.reading.wait()
        self.messages.append(text)
        self.arrived.set()

    async def close(self, code):
        self.closed.append(code)
        self.gone.set()

    def tell(self, event):
        """The events that the channel layer brings, to a room that this person is in or to them alone."""
        feeds = self.node.feeds
        feed = feeds.rooms.get(event.room) if isinstance(event, events.Messages | events.Notice) else None
        (feed or feeds.people[self.connection.profile.pk]).on_event(event)

    @property
    def frames(self):
        return [json.loads(line) for message in self.messages for line in message.split("\n")]

    def of(self, kind):
        return [frame for frame in self.frames if frame["type"] == kind]

    async def until(self, condition):
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.arrived.clear()
                await self.arrived.wait()

    async def messages_seen(self, count):
        await self.until(lambda: len(self.of("message")) >= count)
        return [frame["sequence"] for frame in self.of("message")]


def signed_in(profile) -> Admitted:
    browser = Browser()
    browser.force_login(profile.user)
    return Admitted(profile, browser.session.session_key, tuple(queries.own_room_ids(profile.pk)))


def stored(sender, room, *bodies):
    """Stores messages without telling anybody; the event that would tell of each."""
    drafts = [Draft(sender.pk, f"{room.pk}-{body}"[:64], body, room_id=room.pk) for body in bodies]
    return [events.messages(outcome.room, [outcome.message]) for outcome in post_messages(drafts)]


@contextlib.asynccontextmanager
async def opened(admitted: Admitted, node: Node | None = None) -> AsyncIterator[Client]:
    """A client whose connection is open until the end of the block."""
    client = Client(admitted, node)
    await client.connection.open()
    yield client
    client.connection.end()


def assert_gone(client: Client) -> None:
    """Nothing refers to the connection any more, so that it needs no garbage collector to go."""
    gone = weakref.ref(client.connection)
    gc.disable()
    try:
        del client.connection
        assert gone() is None
    finally:
        gc.enable()
