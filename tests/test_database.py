"""The live side's threads, when the database cannot be reached."""

import asyncio
from threading import Event

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


# The journal's thread.


async def test_a_worker_takes_calls_in_their_order_and_answers_each():
    worker, taken = database.Worker("test"), []

    def take(number):
        taken.append(number)
        return -number

    assert await asyncio.gather(*(worker.run(take, number) for number in range(50))) == [-n for n in range(50)]
    assert taken == list(range(50))


async def test_what_fails_in_a_worker_is_raised_where_it_is_waited_for_and_hinders_nobody():
    worker = database.Worker("test")
    with pytest.raises(ZeroDivisionError):
        await worker.run(divmod, 1, 0)
    assert await worker.run(divmod, 7, 2) == (3, 1)


async def test_a_worker_goes_on_when_who_asked_has_gone(caplog):
    worker, go_on = database.Worker("test"), Event()
    waiting = asyncio.create_task(worker.run(go_on.wait))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    go_on.set()
    assert await worker.run(divmod, 7, 2) == (3, 1)
    assert not caplog.records


async def test_a_worker_goes_on_when_the_event_loop_that_asked_has_closed():
    worker, has_begun, go_on = database.Worker("test"), Event(), Event()

    def wait():
        has_begun.set()
        go_on.wait()

    def ask_and_leave():
        loop = asyncio.new_event_loop()
        asked = loop.create_task(worker.run(wait))
        loop.run_until_complete(asyncio.to_thread(has_begun.wait, 10))
        asked.cancel()
        loop.run_until_complete(asyncio.gather(asked, return_exceptions=True))
        loop.close()

    await asyncio.to_thread(ask_and_leave)
    go_on.set()
    assert await worker.run(divmod, 7, 2) == (3, 1)


# Many at once.


class Asked(database.Batched[int, int]):
    """Doubles numbers, and notes how many it was asked together. Of an odd one it wants to know nothing."""

    def __init__(self) -> None:
        super().__init__(self._double)
        self.batches: list[list[int]] = []
        self.error: type[Exception] = ValueError

    def _double(self, numbers):
        self.batches.append(list(numbers))
        if any(number % 2 for number in numbers):
            raise self.error("odd")
        return [2 * number for number in numbers]


async def test_what_is_asked_while_a_query_runs_is_asked_together_by_the_next():
    asked, runs, may_end = Asked(), Event(), Event()
    double = asked.function

    def double_slowly(numbers):
        runs.set()
        may_end.wait(10)
        return double(numbers)

    asked.function = double_slowly
    first = asyncio.create_task(asked(0))
    await asyncio.to_thread(runs.wait, 10)
    others = [asyncio.create_task(asked(number)) for number in (2, 4, 6)]
    await asyncio.sleep(0)
    may_end.set()
    assert await asyncio.gather(first, *others) == [0, 4, 8, 12]
    assert asked.batches == [[0], [2, 4, 6]]


async def test_a_crowd_is_asked_for_in_parts():
    asked = Asked()
    await asyncio.gather(*(asked(2) for _ in range(3 * database.BATCH)))
    assert max(len(batch) for batch in asked.batches) == database.BATCH


async def test_one_who_makes_a_query_fail_spoils_it_for_nobody_else():
    asked = Asked()
    outcomes = await asyncio.gather(*(asked(number) for number in (2, 3, 4)), return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == [4, 8]
    assert isinstance(outcomes[1], ValueError)


async def test_a_database_that_is_away_is_not_asked_again_for_each():
    asked = Asked()
    asked.error = OperationalError
    outcomes = await asyncio.gather(*(asked(1) for _ in range(50)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {OperationalError}
    assert len(asked.batches) <= 2


async def test_who_waits_no_more_keeps_nobody_from_the_answer():
    asked = Asked()
    waiting = [asyncio.create_task(asked(number)) for number in (2, 4, 6)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == [4, 12]
    assert isinstance(outcomes[1], asyncio.CancelledError)
