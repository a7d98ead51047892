"""Queries of many callers at once are one query."""

import asyncio
from threading import Event

import pytest
from django.db import OperationalError

from chat.live import threads
from tests.live.asking import Asked
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("live_threads")


async def test_what_is_asked_while_a_query_runs_is_asked_together_by_the_next():
    asked, runs, may_end = Asked(), Event(), Event()
    double = asked.function

    def double_slowly(numbers):
        runs.set()
        may_end.wait(PATIENCE)
        return double(numbers)

    asked.function = double_slowly
    first = asyncio.create_task(asked(0))
    await asyncio.to_thread(runs.wait, PATIENCE)
    others = [asyncio.create_task(asked(number)) for number in (2, 4, 6)]
    await asyncio.sleep(0)
    may_end.set()
    assert await asyncio.gather(first, *others) == [0, 4, 8, 12]
    assert asked.batches == [[0], [2, 4, 6]]


async def test_a_crowd_is_asked_for_in_parts():
    asked = Asked()
    await asyncio.gather(*(asked(2) for _ in range(3 * threads.BATCH)))
    assert max(len(batch) for batch in asked.batches) == threads.BATCH


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
