"""The live side's threads, when the database cannot be reached."""

import asyncio

import pytest
from django.db import OperationalError, connection, connections

from chat.live import database
from chat.models import Room

pytestmark = pytest.mark.usefixtures("live_threads")


class Away:
    """The database refuses connections, and each attempt is counted, until it is back."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.attempts = 0
        self.come_back = patch.undo
        patch.setattr(type(connections["default"]), "get_new_connection", self._refuse)

    def _refuse(self, parameters):
        self.attempts += 1
        raise OperationalError("connection refused")


@pytest.fixture
def away(live_threads):
    # A patch of its own, which ends before the test database is emptied, whoever else has asked for `monkeypatch`.
    with pytest.MonkeyPatch.context() as patch:
        yield Away(patch)
    database._away_until = 0.0


async def ask(function=Room.objects.count):
    return await database.query(function)


async def test_hundreds_who_ask_in_vain_do_not_each_try_to_connect(away):
    await asyncio.gather(*(ask(connection.close) for _ in range(database.LIVE_THREADS * 3)), return_exceptions=True)
    outcomes = await asyncio.gather(*(ask() for _ in range(200)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {OperationalError}
    assert 1 <= away.attempts <= database.LIVE_THREADS


async def test_it_is_tried_again_soon(away):
    with pytest.raises(OperationalError):
        await ask()
    away.come_back()
    async with asyncio.timeout(10):
        while True:
            try:
                assert await ask() >= 1
                return
            except OperationalError:
                await asyncio.sleep(0.05)


async def test_an_error_on_a_connection_that_stands_hinders_nobody():
    def fail():
        Room.objects.count()
        raise OperationalError("disk full")

    with pytest.raises(OperationalError):
        await ask(fail)
    assert await ask() >= 1
