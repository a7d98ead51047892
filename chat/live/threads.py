"""Database access of the live side: dedicated threads, each with a connection that it keeps.

asgiref would run everything in the one thread that synchronous code shares, where a slow query stalls every socket, and
channels' `database_sync_to_async` would check for old connections to close on each call. Each call here is one whole
function of `queries` or `actions`, so a connection never waits for the event loop halfway through.
"""

import asyncio
import contextlib
import logging
import os
import select
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connections

logger = logging.getLogger(__name__)

P = ParamSpec("P")
Q = TypeVar("Q")
R = TypeVar("R")

READ_THREADS = 5
WRITE_THREADS = 3
"""Writes have separate threads, so that reads continue while another program locks the database."""

BATCH = 100
"""Most arguments passed to a batched query at once."""

AWAY_SECONDS = 0.5
"""Pause in connection attempts after a failed one. Otherwise each of hundreds would wait for its own failure."""

ANSWER_SECONDS = 6.0
"""How long to wait for a result. The drivers' timeouts are shorter; this one applies where they do not work, such as on
a disk that is gone."""

END_SECONDS = 10.0

RETRY_SECONDS = 1.0
"""A call is tried a second time only if the first try failed within this time."""

_READ_ONLY = "25006"  # postgresql.org/docs/current/errcodes-appendix.html: read_only_sql_transaction


class Worker:
    """One thread that runs calls in order.

    Like a `ThreadPoolExecutor` of one thread, without the second future, the locks and the extra turn of the event loop
    for each result: these were 6% of the cost of a single message to a room of 200.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[tuple[asyncio.Future[Any], Callable[..., Any], tuple]] = SimpleQueue()
        self._thread: Thread | None = None
        self._starting = Lock()

    async def run(self, function: Callable[..., R], *args: Any) -> R:
        """Returns or raises what the function does."""
        if self._thread is None:
            self._start()
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._calls.put((future, function, args))
        return await future

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            self._carry_out(*self._calls.get())

    @staticmethod
    def _carry_out(future: asyncio.Future[Any], function: Callable[..., Any], args: tuple) -> None:
        result, error = None, None
        try:
            result = function(*args)
        except BaseException as caught:
            # A future does not accept StopIteration.
            error = RuntimeError("StopIteration") if isinstance(caught, StopIteration) else caught
        with contextlib.suppress(RuntimeError):  # The loop has closed: nothing waits.
            future.get_loop().call_soon_threadsafe(_settle, future, result, error)


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None = None) -> None:
    """Sets the result or the error, unless the caller has been cancelled."""
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


# A thread that hangs does not keep the process from ending: see `end_without_threads`.
readers = ThreadPoolExecutor(READ_THREADS, "live reads")
writers = ThreadPoolExecutor(WRITE_THREADS, "live writes")

# Posts have their own thread, so that they never wait for people scrolling through history.
journal_thread = Worker("journal")


async def act(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Returns the result of an action, run in a thread of the live side. Its events are sent from this event loop.

    Raises `OperationalError` after `ANSWER_SECONDS`, as `query` does too. The action may still be carried out.
    """
    call = sync_to_async(_call, thread_sensitive=False, executor=writers)
    return await _in_time(call(function, args, kwargs, is_repeatable=False))


async def query(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Returns the result of a query. A query announces nothing, so it does not need asgiref's bridges."""
    return await _in_time(asyncio.get_running_loop().run_in_executor(readers, _call, function, args, kwargs))


async def run_in_journal(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Returns the result of a function run in the journal's thread. The journal sets its own time limit."""
    return await journal_thread.run(_call, function, args, kwargs)


async def _run_in_journal_in_time(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    return await _in_time(run_in_journal(function, *args, **kwargs))


async def _in_time(future: Awaitable[R]) -> R:
    try:
        async with asyncio.timeout(ANSWER_SECONDS) as limit:
            return await future
    except TimeoutError:
        if limit.expired():
            raise OperationalError(f"The database has not answered within {ANSWER_SECONDS:.0f} s.") from None
        raise


class Batched(Generic[Q, R]):
    """A query that accepts many arguments at once. Calls made while it runs wait, and then run together.

    A single call does not wait; in a crowd, as after a restart, each call costs a fraction of a query and wakes no
    thread of its own. `function` returns its results in the order of its arguments.
    """

    def __init__(self, function: Callable[[Sequence[Q]], Sequence[R]], *, in_journal: bool = False) -> None:
        self.function = function
        self._run: Any = _run_in_journal_in_time if in_journal else query
        self._waiting: list[tuple[Q, asyncio.Future[R]]] = []
        self._work: asyncio.Task[None] | None = None

    async def __call__(self, asked: Q) -> R:
        """Raises what the function raises for this one."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((asked, future))
        if self._work is None or self._work.done():
            self._work = loop.create_task(self._run_all())
        return await future

    async def _run_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            await self._run_batch(batch)

    async def _run_batch(self, batch: list[tuple[Q, asyncio.Future[R]]]) -> None:
        try:
            found = await self._run(self.function, [asked for asked, _ in batch])
        except Exception as error:
            if len(batch) == 1 or isinstance(error, OperationalError):
                for _, future in batch:
                    _settle(future, None, error)
            else:  # One of them caused this; the others must not fail with it.
                for one in batch:
                    await self._run_batch([one])
            return
        for (_, future), result in zip(batch, found, strict=True):
            _settle(future, result)


def _call(function: Callable[..., R], args: tuple, kwargs: dict, is_repeatable: bool = True) -> R:
    """Runs the function on a connection that works, as far as can be determined without a round trip.

    Retries once, on another connection, if the first one turns out to be unusable. If the connection was lost during
    the call, only repeatable calls are retried: it is then unknown whether the last statement was carried out.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    began = time.monotonic()
    if _has_died(connection):
        _discard(connection)
    tries = 2
    while True:
        tries -= 1
        _connect(connection)
        try:
            return function(*args, **kwargs)
        except DatabaseError as error:
            is_worth_it = _is_read_only(error) or (is_repeatable and _is_lost(connection))
            if not tries or not is_worth_it or time.monotonic() - began > RETRY_SECONDS:
                raise
        finally:
            if connection.errors_occurred:
                _discard(connection)


def _connect(connection: Any) -> None:
    global _away_until
    if time.monotonic() < _away_until:
        raise OperationalError("The database could not be reached a moment ago.")
    try:
        connection.ensure_connection()
    except OperationalError:
        _away_until = time.monotonic() + AWAY_SECONDS
        raise


def _has_died(connection: Any) -> bool:
    """Returns whether the server has closed the connection. An idle connection then has unrequested data to read.

    Querying the server each time would cost a round trip per message.
    """
    pgconn = getattr(connection.connection, "pgconn", None)
    if pgconn is None:
        return False
    if pgconn.status != 0:  # postgresql.org/docs/current/libpq-status.html: CONNECTION_OK
        return True
    line = select.poll()
    line.register(pgconn.socket, select.POLLIN)
    return bool(line.poll(0)) and not connection.is_usable()


def _is_lost(connection: Any) -> bool:
    return connection.connection is None or getattr(connection.connection, "closed", False)


def _is_read_only(error: DatabaseError) -> bool:
    """Returns whether the session is read-only: it is on a standby, or was opened while writes were disabled."""
    return getattr(error.__cause__, "sqlstate", None) == _READ_ONLY


def _discard(connection: Any) -> None:
    """Closes the connection, and the driver's too, because a pool would hand it out again."""
    if connection.connection is not None:
        with contextlib.suppress(Exception):
            connection.connection.close()
    with contextlib.suppress(DatabaseError):
        connection.close()
    connection.errors_occurred = False


def end_without_threads() -> None:
    """Makes the process exit within `END_SECONDS` even if threads hang: Python would wait for them."""

    def end() -> None:
        time.sleep(END_SECONDS)
        logger.error("Threads still wait for the database; the process ends without them.")
        os._exit(1)

    Thread(target=end, name="end", daemon=True).start()


_away_until = 0.0
