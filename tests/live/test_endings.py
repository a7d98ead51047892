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
from chat.live import connection as connection_module
from chat.live import hub as hub_module
from chat.live.connection import Connection
from chat.live.hub import hub
from chat.live.presence import Presence
from chat.wire import events, protocol
from tests.live.far_end import Client, in_thread, stored

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


async def test_who_comes_into_a_room_first_is_not_told_that_nobody_is_here(admitted_bob, bob, monkeypatch):
    taken = leases.take

    def take_late(*args):
        time.sleep(0.3)  # As on a disk that is slow.
        taken(*args)

    monkeypatch.setattr(leases, "take", take_late)
    client = Client(admitted_bob, get_channel_layer())
    await client.connection.open()
    await client.until(lambda: client.of("presence"))
    assert all(bob.nickname in frame["here"] for frame in client.of("presence"))
    await client.connection.end()


async def test_a_connection_that_the_server_kills_leaves_nothing_behind(admitted_bob, monkeypatch):
    """As Daphne does with one that has not ended some seconds after its client."""

    async def admit(scope):
        return admitted_bob

    async def send(message):
        if "hello" in message.get("text", ""):
            is_open.set()

    monkeypatch.setattr(websocket.admission, "let_in", admit)
    monkeypatch.setattr(websocket.admission, "is_trusted_origin", lambda scope: True)
    is_open, inbox = asyncio.Event(), asyncio.Queue()
    inbox.put_nowait({"type": "websocket.connect"})
    serving = asyncio.create_task(ChatConsumer.as_asgi()({"type": "websocket"}, inbox.get, send))
    await is_open.wait()
    serving.cancel()
    await asyncio.wait([serving])
    assert hub.connections == set()


async def test_of_many_connections_that_waited_and_ended_nothing_is_left(alice, bob, admitted_bob, lobby, monkeypatch):
    """Not in the hub, its feeds, presence or the channel layer, and no connection itself."""
    layer, own = get_channel_layer(), Presence()
    for module in (connection_module, hub_module):
        monkeypatch.setattr(module, "presence", own)

    async def unread(text):
        await asyncio.get_running_loop().create_future()

    async def close(code):
        pass

    connections = []
    for number in range(200):
        connection = Connection(admitted_bob, layer, f"specific.local!{number}", unread, close)
        layer.attach(f"specific.local!{number}", connection.deliver)
        await connection.open()
        connections.append(connection)
    one, two, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    layer.deliver(events.room_group(lobby.pk), three)
    assert len(hub.feeds[lobby.pk]._early[3].connections) == 200
    layer.deliver(events.room_group(lobby.pk), one)
    for number, connection in enumerate(connections):
        connection.read_on(lobby.pk, 3)
        connection.close(protocol.RESTARTING)
        layer.detach(f"specific.local!{number}")
        await connection.end(0)
    gone = [weakref.ref(connection) for connection in connections]
    del connection, connections, one, two, three
    async with asyncio.timeout(10):
        while own._departures or own._due or not own._settling.done() or hub.feeds:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    gc.collect()  # A repair that was cancelled is a circle with its own traceback.
    assert [one for one in gone if one()] == []
    assert (hub.connections, own._connections) == (set(), {})
    assert not layer.has_local(events.room_group(lobby.pk))
    assert not layer.has_local(events.user_group(bob.pk))
    assert not [channel for channel in layer._sinks if channel.startswith("specific.local!")]
    own._renewing.cancel()
