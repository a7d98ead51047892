"""How the live side reads and writes: in threads of its own, each with a connection that it keeps.

asgiref would run all of it in the one thread that synchronous code shares, where a slow query stalls every socket, and
channels' `database_sync_to_async` would look for old connections to close at each call. What runs here is one function
of `queries` or `actions`, whole, so that a connection never waits in the middle of something for the event loop.
"""

import asyncio
import contextlib
import logging
import os
import select
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor, Future
from functools import partial
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
"""Threads of their own for what writes: where another program locks the database, reading goes on."""

BATCH = 100
"""Of what is asked together."""

AWAY_SECONDS = 0.5
"""How long nobody tries to connect after it failed. Else each of hundreds would wait until it fails for them too."""

ANSWER_SECONDS = 6.0
"""How long an answer is waited for. The limits of the drivers are shorter; this one holds where they do not, as on a
disk that is gone."""

END_SECONDS = 10.0

RETRY_SECONDS = 1.0
"""A call is tried a second time only if the first try failed within this time."""

_READ_ONLY = "25006"  # postgresql.org/docs/current/errcodes-appendix.html: read_only_sql_transaction


class Worker:
    """One thread, which takes calls in their order.

    What a `ThreadPoolExecutor` of one would be, without the second future, the locks and the turn of the event loop by
    which that hands on each result: they were 6% of what a message costs that comes alone to a room of 200.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[tuple[asyncio.Future[Any], Callable[..., Any], tuple]] = SimpleQueue()
        self._thread: Thread | None = None
        self._starting = Lock()

    async def run(self, function: Callable[..., R], *args: Any) -> R:
        """Returns and raises what the function does."""
        if self._thread is None:
            self._start()
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._calls.put((answer, function, args))
        return await answer

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            self._carry_out(*self._calls.get())

    @staticmethod
    def _carry_out(answer: asyncio.Future[Any], function: Callable[..., Any], args: tuple) -> None:
        result, error = None, None
        try:
            result = function(*args)
        except BaseException as caught:
            # A future takes no StopIteration.
            error = RuntimeError("StopIteration") if isinstance(caught, StopIteration) else caught
        with contextlib.suppress(RuntimeError):  # The loop has closed: nobody waits.
            answer.get_loop().call_soon_threadsafe(_settle, answer, result, error)


def _settle(answer: asyncio.Future[Any], result: Any, error: BaseException | None = None) -> None:
    """Answers, unless who asked has been cancelled."""
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)


class Threads(Executor):
    """Up to `size` threads, started when they are needed, which take calls in their order.

    They are daemons: the end of the process does not wait for one that hangs, as it would for a `ThreadPoolExecutor`'s.
    """

    def __init__(self, name: str, size: int) -> None:
        self.size = size
        self._name = name
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._unfinished = 0
        self._threads: list[Thread] = []
        self._counting = Lock()

    def submit(self, function: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        answer: Future[R] = Future()
        self._calls.put((answer, partial(function, *args, **kwargs)))
        with self._counting:
            self._unfinished += 1
            if len(self._threads) < min(self._unfinished, self.size):
                self._start()
        return answer

    def _start(self) -> None:
        thread = Thread(target=self._work, name=f"{self._name} {len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while True:
            answer, call = self._calls.get()
            if answer.set_running_or_notify_cancel():
                self._carry_out(answer, call)
            else:
                self._finish()

    def _carry_out(self, answer: Future[Any], call: Callable[[], Any]) -> None:
        try:
            result = call()
        except BaseException as error:
            self._finish()
            answer.set_exception(error)
        else:
            self._finish()
            answer.set_result(result)

    def _finish(self) -> None:
        """Before the result is told: whoever hears it finds this thread free."""
        with self._counting:
            self._unfinished -= 1


readers = Threads("live reads", READ_THREADS)
writers = Threads("live writes", WRITE_THREADS)

# Posts have a thread of their own: however many people scroll through history, who writes does not wait for them.
journal_thread = Worker("journal")


async def act(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of an action, from a thread of the live side. What it announces is sent from the event loop here.

    Raises `OperationalError` where that takes longer than `ANSWER_SECONDS`; so do the others. It may be done yet.
    """
    executor: Any = writers
    call = sync_to_async(_call, thread_sensitive=False, executor=executor)
    return await _in_time(call(function, args, kwargs, is_repeatable=False))


async def query(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of a query. It announces nothing, and so needs none of asgiref's bridges."""
    return await _in_time(asyncio.get_running_loop().run_in_executor(readers, _call, function, args, kwargs))


async def run_in_journal(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The same in the journal's thread. How long that may take is the journal's to say."""
    return await journal_thread.run(_call, function, args, kwargs)


async def _run_in_journal_in_time(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    return await _in_time(run_in_journal(function, *args, **kwargs))


async def _in_time(answer: Awaitable[R]) -> R:
    try:
        async with asyncio.timeout(ANSWER_SECONDS) as limit:
            return await answer
    except TimeoutError:
        if limit.expired():
            raise OperationalError(f"The database has not answered within {ANSWER_SECONDS:.0f} s.") from None
        raise


class Batched(Generic[Q, R]):
    """A query that takes many at once. What is asked while it runs waits, and is then asked together.

    Who comes alone waits for nobody; of a crowd, as after a restart, each costs a part of a query, and no thread has
    to be woken for it. `function` answers in the order of what it is asked.
    """

    def __init__(self, function: Callable[[Sequence[Q]], Sequence[R]], *, in_journal: bool = False) -> None:
        self.function = function
        self._run: Any = _run_in_journal_in_time if in_journal else query
        self._waiting: list[tuple[Q, asyncio.Future[R]]] = []
        self._work: asyncio.Task[None] | None = None

    async def __call__(self, asked: Q) -> R:
        """Raises what the function raises for this one."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        self._waiting.append((asked, answer))
        if self._work is None or self._work.done():
            self._work = loop.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            await self._answer(batch)

    async def _answer(self, batch: list[tuple[Q, asyncio.Future[R]]]) -> None:
        try:
            found = await self._run(self.function, [asked for asked, _ in batch])
        except Exception as error:
            if len(batch) == 1 or isinstance(error, OperationalError):
                for _, answer in batch:
                    _settle(answer, None, error)
            else:  # One of them is to blame, and the others shall not suffer for it.
                for one in batch:
                    await self._answer([one])
            return
        for (_, answer), result in zip(batch, found, strict=True):
            _settle(answer, result)


def _call(function: Callable[..., R], args: tuple, kwargs: dict, is_repeatable: bool = True) -> R:
    """Runs the function, on a connection that works as far as one can tell without asking.

    It is tried once more, on another connection, where the first one turns out to be of no use. If it was lost on the
    way only what is repeatable is: whether the last statement was carried out is not known then.
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
    """Whether the server has hung up meanwhile. Then there is something to read on a line where nobody was asked.

    Asking the server each time would be a round trip for each message.
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
    """Whether the session may only read: it is on a standby, or was opened while nobody might write."""
    return getattr(error.__cause__, "sqlstate", None) == _READ_ONLY


def _discard(connection: Any) -> None:
    """Closes the driver's connection too: a pool would hand it out again."""
    if connection.connection is not None:
        with contextlib.suppress(Exception):
            connection.connection.close()
    with contextlib.suppress(DatabaseError):
        connection.close()
    connection.errors_occurred = False


def end_without_threads() -> None:
    """Has the process end within `END_SECONDS`, though threads that make pages hang: Python would wait for them."""

    def end() -> None:
        time.sleep(END_SECONDS)
        logger.error("Threads still wait for the database; the process ends without them.")
        os._exit(1)

    Thread(target=end, name="end", daemon=True).start()


_away_until = 0.0
