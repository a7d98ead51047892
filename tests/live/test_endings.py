"""How connections end, and that nothing is left of them."""

import asyncio
import gc
import time
import weakref

import pytest
from channels.layers import get_channel_layer

from chat.actions import leases
from chat.consumers import websocket
from chat.consumers.websocket import ChatConsumer
from chat.layers.local import LocalChannelLayer
from chat.live.connection import Connection
from chat.live.node import Node, node
from chat.wire import events, protocol
from tests.clients import names
from tests.live.far_end import in_thread, opened, stored
from tests.tools import until

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_who_comes_into_a_room_first_is_not_told_that_nobody_is_here(admitted_bob, bob, monkeypatch):
    taken = leases.acquire

    def take_late(*args):
        time.sleep(0.3)  # As on a disk that is slow.
        taken(*args)

    monkeypatch.setattr(leases, "acquire", take_late)
    async with opened(admitted_bob, Node(get_channel_layer())) as client:
        await client.until(lambda: client.of("presence"))
        assert all(bob.nickname in names(frame["here"]) for frame in client.of("presence"))


async def test_a_connection_that_the_server_kills_leaves_nothing_behind(admitted_bob, monkeypatch):
    """As Daphne does with one that has not ended some seconds after its client."""

    async def admit(scope):
        return admitted_bob

    async def send(message):
        if "hello" in message.get("text", ""):
            is_open.set()

    monkeypatch.setattr(websocket.admission, "let_in", admit)
    monkeypatch.setattr(websocket.origins, "is_trusted_origin", lambda scope: True)
    is_open, inbox = asyncio.Event(), asyncio.Queue()
    inbox.put_nowait({"type": "websocket.connect"})
    inbox.put_nowait({"type": "websocket.receive", "text": '{"type":"sync"}'})
    serving = asyncio.create_task(ChatConsumer.as_asgi()({"type": "websocket"}, inbox.get, send))
    await is_open.wait()
    serving.cancel()
    await asyncio.wait([serving])
    assert node().hub.connections == set()
    assert (node().feeds.rooms, node().feeds.people) == ({}, {})


class Layer(LocalChannelLayer):
    """Knows which channels are attached to it."""

    def __init__(self) -> None:
        super().__init__()
        self.attached: set[str] = set()

    def attach(self, channel, sink):
        self.attached.add(channel)
        super().attach(channel, sink)

    def detach(self, channel):
        self.attached.discard(channel)
        super().detach(channel)


async def test_of_many_connections_that_waited_and_ended_nothing_is_left(alice, bob, admitted_bob, lobby):
    """Not in the hub, the feeds, presence or the channel layer, and no connection itself."""
    layer = Layer()
    own = Node(layer)

    async def unread(text):
        await asyncio.get_running_loop().create_future()

    async def close(code):
        pass

    connections = [Connection(own, admitted_bob, unread, close) for _ in range(200)]
    for connection in connections:
        await connection.open()
    one, two, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    layer.deliver(events.room_group(lobby.pk), events.pack(three))
    layer.deliver(events.room_group(lobby.pk), events.pack(one))
    for connection in connections:
        connection.read_on(lobby.pk, 3)
        connection.close(protocol.RESTARTING)
        connection.end(0)
    gone = [weakref.ref(connection) for connection in connections]
    del connection, connections, one, two, three
    # A repair that was cancelled is a circle with its own traceback.
    await until(lambda: gc.collect() >= 0 and not any(one() for one in gone) and not layer.attached)
    assert (own.hub.connections, own.feeds.rooms, own.feeds.people) == (set(), {}, {})
    assert not layer.has_local(events.room_group(lobby.pk))
    assert not layer.has_local(events.user_group(bob.pk))
