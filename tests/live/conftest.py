"""People whose connections are held in a test's own hands."""

import pytest

from chat.actions import memberships, people, rooms
from chat.layers.local import LocalChannelLayer
from chat.live.admission import Admitted
from chat.live.hub import Hub
from chat.models import LOBBY, Room
from tests.live.far_end import Client, in_thread, signed_in


@pytest.fixture
def lobby(transactional_db):
    return Room.objects.get(slug=LOBBY)


@pytest.fixture
def admitted_bob(bob):
    return signed_in(bob)


@pytest.fixture
async def bob_client(admitted_bob):
    client = Client(admitted_bob)
    await client.connection.open()
    yield client
    await client.connection.end()


@pytest.fixture
async def den_client(alice, bob, admitted_bob):
    def make():
        room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
        memberships.add(alice, room, "bob")
        return room

    room = await in_thread(make)()
    client = Client(admitted_bob)
    await client.connection.open()
    yield room, client
    await client.connection.end()


@pytest.fixture
async def robin_client(transactional_db, lobby):
    """The connection called `first`, under an open name."""
    robin = await in_thread(people.join_open)("robin", "first")
    client = Client(Admitted(robin, None, (lobby.pk,), "first"))
    await client.connection.open()
    yield client
    await client.connection.end()


@pytest.fixture
async def tab(admitted_bob):
    """Another connection of bob's."""
    client = Client(admitted_bob)
    await client.connection.open()
    yield client
    await client.connection.end()


@pytest.fixture
def kept_by_hub():
    """Gives clients to a hub of their own, which no one watches."""
    own = Hub()

    def keep(*clients):
        own.connections.update(client.connection for client in clients)
        return own

    return keep


@pytest.fixture
def without_layer(monkeypatch):
    monkeypatch.setattr(LocalChannelLayer, "is_whole", property(lambda layer: False))
