"""The journal's thread: it takes calls in their order and answers each, whoever has gone meanwhile."""

import asyncio
from threading import Event

import pytest

from chat.live import threads


async def test_a_worker_takes_calls_in_their_order_and_answers_each():
    worker, taken = threads.Worker("test"), []

    def take(number):
        taken.append(number)
        return -number

    assert await asyncio.gather(*(worker.run(take, number) for number in range(50))) == [-n for n in range(50)]
    assert taken == list(range(50))


async def test_what_fails_in_a_worker_is_raised_where_it_is_waited_for_and_hinders_nobody():
    worker = threads.Worker("test")
    with pytest.raises(ZeroDivisionError):
        await worker.run(divmod, 1, 0)
    assert await worker.run(divmod, 7, 2) == (3, 1)


async def test_a_worker_goes_on_when_who_asked_has_gone(caplog):
    worker, go_on = threads.Worker("test"), Event()
    waiting = asyncio.create_task(worker.run(go_on.wait))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    go_on.set()
    assert await worker.run(divmod, 7, 2) == (3, 1)
    assert not caplog.records


async def test_a_worker_goes_on_when_the_event_loop_that_asked_has_closed():
    worker, has_begun, go_on = threads.Worker("test"), Event(), Event()

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
