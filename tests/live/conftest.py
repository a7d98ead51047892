"""People whose connections are held in a test's own hands."""

import pytest

from chat.actions import memberships, people, rooms
from chat.layers.local import LocalChannelLayer
from chat.live.admission import Admitted
from chat.live.hub import Hub
from chat.models import LOBBY, Room
from tests.live.far_end import in_thread, opened, signed_in


@pytest.fixture
def lobby(transactional_db):
    return Room.objects.get(slug=LOBBY)


@pytest.fixture
def admitted_bob(bob):
    return signed_in(bob)


@pytest.fixture
async def bob_client(admitted_bob):
    async with opened(admitted_bob) as client:
        yield client


@pytest.fixture
async def den_client(alice, bob, admitted_bob):
    def make():
        room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
        memberships.add(alice, room, "bob")
        return room

    room = await in_thread(make)()
    async with opened(admitted_bob) as client:
        yield room, client


@pytest.fixture
async def robin_client(transactional_db, lobby):
    """The connection called `first`, under an open name."""
    robin = await in_thread(people.join_open)("robin", "first")
    async with opened(Admitted(robin, None, (lobby.pk,), "first")) as client:
        yield client


@pytest.fixture
async def tab(admitted_bob):
    """Another connection of bob's."""
    async with opened(admitted_bob) as client:
        yield client


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
