"""People whose connections are held in a test's own hands."""

import pytest

from chat.actions import memberships, people, rooms
from chat.layers.local import LocalChannelLayer
from chat.live.admission import Admitted
from chat.live.node import Node
from chat.models import LOBBY, Room
from tests.live.far_end import in_thread, opened, signed_in
from tests.live.handshakes import session_of


@pytest.fixture
def lobby(transactional_db):
    return Room.objects.get(slug=LOBBY)


@pytest.fixture
def admitted_bob(bob):
    return signed_in(bob)


@pytest.fixture
def node():
    """A process that hears of nothing but what a test tells it."""
    return Node(LocalChannelLayer())


@pytest.fixture
async def bob_client(admitted_bob, node):
    async with opened(admitted_bob, node) as client:
        yield client


@pytest.fixture
async def den_client(alice, bob, admitted_bob, node):
    def make():
        room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
        memberships.add(alice, room, "bob")
        return room

    room = await in_thread(make)()
    async with opened(admitted_bob, node) as client:
        yield room, client


@pytest.fixture
async def robin_client(transactional_db, lobby, node):
    """The connection called `first`, under an open name."""
    robin = await in_thread(people.join_open)("robin", "first")
    async with opened(Admitted(robin, None, (lobby.pk,), "first"), node) as client:
        yield client


@pytest.fixture
async def tab(admitted_bob, node):
    """Another connection of bob's."""
    async with opened(admitted_bob, node) as client:
        yield client


@pytest.fixture
def without_layer(monkeypatch):
    monkeypatch.setattr(LocalChannelLayer, "is_whole", property(lambda layer: False))


@pytest.fixture
def session(bob):
    """The key of bob's session."""
    return session_of(bob.user)
