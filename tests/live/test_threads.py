"""The live side's threads, also when the database cannot be reached."""

import asyncio
import os
import subprocess
import sys
import time
from threading import Event

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection

from chat.live import threads
from chat.models import Room
from tests.live.asking import Unreachable, ask
from tests.patience import PATIENCE
from tests.servers import ROOT

pytestmark = pytest.mark.usefixtures("live_threads")


@pytest.fixture
def away(live_threads):
    # A patch of its own, which ends before the test database is emptied, whoever else has asked for `monkeypatch`.
    with pytest.MonkeyPatch.context() as patch:
        yield Unreachable(patch)
    time.sleep(threads.AWAY_SECONDS)  # Until then nobody tries again, nor would the next test.


async def test_hundreds_who_ask_in_vain_do_not_each_try_to_connect(away):
    await asyncio.gather(*(ask(connection.close) for _ in range(threads.READ_THREADS * 3)), return_exceptions=True)
    outcomes = await asyncio.gather(*(ask() for _ in range(200)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {OperationalError}
    assert 1 <= away.attempts <= threads.READ_THREADS


async def test_it_is_tried_again_soon(away):
    with pytest.raises(OperationalError):
        await ask()
    away.come_back()
    async with asyncio.timeout(PATIENCE):
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


# A database that says nothing.


async def test_who_asks_in_vain_hears_so_in_time_and_reading_goes_on_while_all_writing_threads_hang(monkeypatch):
    monkeypatch.setattr(threads, "ANSWER_SECONDS", 0.2)
    speaks = Event()
    try:
        outcomes = await asyncio.gather(
            *(threads.act(speaks.wait, 20) for _ in range(3 * threads.WRITE_THREADS)), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {OperationalError}
        monkeypatch.undo()
        assert await ask() >= 1
    finally:
        speaks.set()
    assert await threads.act(Room.objects.count) >= 1


@pytest.mark.parametrize("pool", ["readers", "journal"])
def test_the_end_of_a_process_does_not_wait_for_a_thread_that_hangs(pool):
    """In a process of its own, which has nothing to do but to end."""
    hang = {"readers": "threads.readers.submit(hang)", "journal": "asyncio.run(ask_journal())"}[pool]
    program = f"""
import asyncio, threading
import django
django.setup()
from chat.live import threads
hangs = threading.Event()
def hang():
    hangs.set()
    threading.Event().wait()
async def ask_journal():
    task = asyncio.create_task(threads.journal_thread.run(hang))
    await asyncio.to_thread(hangs.wait)
    task.cancel()
{hang}
hangs.wait()
threads.END_SECONDS = 0.5
threads.end_without_threads()
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "chatsite.settings"}
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, timeout=PATIENCE)
    assert ended.returncode == {"readers": 1, "journal": 0}[pool]


# Connections that are of no use any more.


async def test_a_session_that_may_only_read_is_replaced_and_the_call_tried_again():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no sessions.")

    def spoil():
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")

    def write():
        return Room.objects.filter(slug="lobby").update(slug="lobby")

    await threads.run_in_journal(spoil)
    assert await threads.run_in_journal(write) == 1


@pytest.mark.parametrize("run", [threads.query, threads.act, threads.run_in_journal])
async def test_a_session_that_was_ended_meanwhile_is_replaced_before_anything_is_asked(run):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no sessions.")

    def session():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    def end(pid):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    ended = {await run(session) for _ in range(20)}
    for pid in ended:
        await sync_to_async(end)(pid)
    assert not ended & {await run(session) for _ in range(20)}


async def test_what_may_have_been_done_is_not_done_again():
    """A connection that is lost in the middle: who only reads asks once more, who writes is told."""
    tries = []

    def lose():
        tries.append(1)
        connection.ensure_connection()
        connection.connection.close()
        with connection.wrap_database_errors:
            raise connection.Database.OperationalError("the connection is lost")

    with pytest.raises(OperationalError):
        await threads.act(lose)
    assert len(tries) == 1
    if connection.vendor == "postgresql":  # SQLite's driver cannot say that a connection is closed.
        with pytest.raises(OperationalError):
            await threads.query(lose)
        assert len(tries) == 3
