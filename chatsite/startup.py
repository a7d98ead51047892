"""Checks before the first connection is accepted. A failed check ends the process with a one-sentence error."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from chat.doctor import database
from chat.doctor.findings import reason


def check_database() -> None:
    """Exits unless the database responds, is writable, and has the tables that this code expects."""
    _refuse_if(_checked(_unfit))


def migrate() -> None:
    """Migrates the database. Exits if it does not respond or cannot be migrated."""
    from django.core.management import call_command

    _refuse_if(_checked(_silent))
    try:
        call_command("migrate", verbosity=0)
    except DatabaseError as error:
        _refuse_if(f"the database cannot be migrated: {reason(error)}")
    finally:
        connections.close_all()


def _checked(check: Callable[[Any], str]) -> str:
    """Returns the result of a check, run on a private connection in a short-lived thread.

    A server may import the application inside a running event loop, where Django refuses database access, and before it
    forks: its workers would share a connection that stayed open, and would read each other's results.
    """

    def run() -> str:
        own = connections.create_connection(DEFAULT_DB_ALIAS)
        try:
            return check(own)
        finally:
            own.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def _silent(connection: Any) -> str:
    silence = database.unreachable(connection)
    return f"the database does not answer: {silence}" if silence else ""


def _unfit(connection: Any) -> str:
    try:
        return _silent(connection) or database.unfit(connection) or _behind(connection)
    except DatabaseError as error:
        return f"the database cannot be read: {reason(error)}"


def _behind(connection: Any) -> str:
    missing = database.missing_migrations(connection)
    return "the database is not migrated. Run: python manage.py migrate" if missing else ""


def _refuse_if(wrong: str) -> None:
    if wrong:
        sys.exit(f"chatsite cannot start: {wrong.rstrip('.')}.")
