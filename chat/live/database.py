"""How the live side reads and writes: in threads of its own, each with a connection that it keeps.

asgiref would run all of it in the one thread that synchronous code shares, where a slow query stalls every socket, and
channels' `database_sync_to_async` would look for old connections to close at each call. What runs here is one function
of `queries` or `actions`, whole, so that a connection never waits in the middle of something for the event loop.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

P = ParamSpec("P")
R = TypeVar("R")

LIVE_THREADS = 8

AWAY_SECONDS = 0.5
"""How long nobody tries to connect after it failed. Else each of hundreds would wait until it fails for them too."""

pool = ThreadPoolExecutor(LIVE_THREADS, thread_name_prefix="live")

# Posts have a thread of their own: however many people scroll through history, who writes does not wait for them.
journal_thread = ThreadPoolExecutor(1, thread_name_prefix="journal")


async def act(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of an action, from a thread of the live side. What it announces is sent from the event loop here."""
    return await sync_to_async(_call, thread_sensitive=False, executor=pool)(function, args, kwargs)


async def query(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of a query. It announces nothing, and so needs none of asgiref's bridges."""
    return await asyncio.get_running_loop().run_in_executor(pool, _call, function, args, kwargs)


async def run_in_journal(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The same in the journal's thread."""
    return await asyncio.get_running_loop().run_in_executor(journal_thread, _call, function, args, kwargs)


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
