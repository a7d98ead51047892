"""How the live side reads and writes: in threads of its own, each with a connection that it keeps.

asgiref would run all of it in the one thread that synchronous code shares, where a slow query stalls every socket, and
channels' `database_sync_to_async` would look for old connections to close at each call. What runs here is one function
of `queries` or `actions`, whole, so that a connection never waits in the middle of something for the event loop.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

P = ParamSpec("P")
Q = TypeVar("Q")
R = TypeVar("R")

LIVE_THREADS = 8
BATCH = 100
"""Of what is asked together."""

AWAY_SECONDS = 0.5
"""How long nobody tries to connect after it failed. Else each of hundreds would wait until it fails for them too."""


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


pool = ThreadPoolExecutor(LIVE_THREADS, thread_name_prefix="live")

# Posts have a thread of their own: however many people scroll through history, who writes does not wait for them.
journal_thread = Worker("journal")


async def act(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of an action, from a thread of the live side. What it announces is sent from the event loop here."""
    return await sync_to_async(_call, thread_sensitive=False, executor=pool)(function, args, kwargs)


async def query(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of a query. It announces nothing, and so needs none of asgiref's bridges."""
    return await asyncio.get_running_loop().run_in_executor(pool, _call, function, args, kwargs)


async def run_in_journal(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The same in the journal's thread."""
    return await journal_thread.run(_call, function, args, kwargs)


class Batched(Generic[Q, R]):
    """A query that takes many at once. What is asked while it runs waits, and is then asked together.

    Who comes alone waits for nobody; of a crowd, as after a restart, each costs a part of a query, and no thread has
    to be woken for it. `function` answers in the order of what it is asked.
    """

    def __init__(self, function: Callable[[Sequence[Q]], Sequence[R]]) -> None:
        self.function = function
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
            found = await query(self.function, [asked for asked, _ in batch])
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


def _call(function: Callable[..., R], args: tuple, kwargs: dict) -> R:
    global _away_until
    if time.monotonic() < _away_until:
        raise OperationalError("The database could not be reached a moment ago.")
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        connection.ensure_connection()
    except OperationalError:
        _away_until = time.monotonic() + AWAY_SECONDS
        raise
    try:
        return function(*args, **kwargs)
    finally:
        if connection.errors_occurred:
            # It may be broken: the next call opens a new one, in place of the error after error of a dead one.
            connection.close()
            connection.errors_occurred = False


_away_until = 0.0
