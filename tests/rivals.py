"""Somebody else who acts while an action is under way."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

_WRITES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def before_the_lock(rival: Callable[[], Any]) -> Iterator[list[str]]:
    """Has `rival` act once, at the last moment at which an action inside of the block holds no lock yet.

    On SQLite that is before its transaction begins: BEGIN IMMEDIATE waits for the writer that came first, and so what
    was read before it is old by then. On PostgreSQL it is before the first row is locked or written. What the action
    has looked at until then was another state than the one that it changes. The rival has a connection of its own, so
    the test needs real transactions. Gives what was asked before, so that a test can see that there was a look.
    """
    asked: list[str] = []
    has_acted = False

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal has_acted
        if not has_acted:
            if _locks(sql):
                has_acted = True
                with ThreadPoolExecutor(1) as elsewhere:
                    elsewhere.submit(_act, rival).result()
            else:
                asked.append(sql)
        return execute(sql, params, many, context)

    with _seen(watch):
        yield asked
    assert has_acted, "the action locked and wrote nothing"


@contextmanager
def before_statement(place: int, rival: Callable[[], Any]) -> Iterator[list[str]]:
    """Has `rival` act before the statement of that place, counted from 0, inside of the block. Gives all statements."""
    asked: list[str] = []
    is_acting = False

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal is_acting
        if not is_acting:
            asked.append(sql)
            if len(asked) == place + 1:
                is_acting = True
                rival()
                is_acting = False
        return execute(sql, params, many, context)

    with _seen(watch):
        yield asked


def _act(rival: Callable[[], Any]) -> None:
    try:
        rival()
    finally:
        connections.close_all()


def _locks(sql: str) -> bool:
    if connection.vendor == "sqlite" and sql.startswith(("BEGIN", "SAVEPOINT")):
        return True
    return sql.lstrip().startswith(_WRITES) or "FOR UPDATE" in sql or "FOR NO KEY UPDATE" in sql


@contextmanager
def _seen(watch: Callable[..., Any]) -> Iterator[None]:
    """Also those statements that go by the driver's own cursor otherwise (`chat.queries.sql.Cursor`)."""
    before, connection.force_debug_cursor = connection.force_debug_cursor, True
    try:
        with connection.execute_wrapper(watch):
            yield
    finally:
        connection.force_debug_cursor = before
