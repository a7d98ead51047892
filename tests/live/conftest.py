"""People whose connections are held in a test's own hands."""

import pytest

from chat.models import LOBBY, Room
from tests.live.far_end import Client, signed_in


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
