import contextlib
import os
import sqlite3
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection


class Command(BaseCommand):
    help = "Copies an SQLite database, while the site runs, into a file that only its owner can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the new file")
        parser.add_argument(
            "--without-sessions",
            action="store_true",
            help="leave out everybody's sessions, for a copy that others get: whoever restores it signs everybody out, "
            "and guests lose their nicknames",
        )

    def handle(self, *args: Any, file: Path, without_sessions: bool = False, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("This copies SQLite only. For PostgreSQL: (umask 077; pg_dump --format=custom …)")
        try:
            # Creates the file, so that no one has it open already, readable by its owner alone from the first byte.
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise CommandError(f"{file} cannot be made: {error.strerror}.") from None
        try:
            with contextlib.closing(sqlite3.connect(file)) as copy:
                _copy(copy, without_sessions)
        except BaseException as error:
            file.unlink()
            if isinstance(error, (sqlite3.Error, DatabaseError)):
                raise CommandError(f"The database cannot be copied: {error}.") from None
            raise
        self.stdout.write(f"{file}: {file.stat().st_size} bytes{', without sessions' if without_sessions else ''}")


def _copy(copy: sqlite3.Connection, without_sessions: bool) -> None:
    connection.ensure_connection()
    driver: Any = connection.connection
    driver.backup(copy)
    copy.execute("PRAGMA journal_mode=DELETE")  # A single file, with no journal beside it.
    if without_sessions:
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute(f"DELETE FROM {Session._meta.db_table}")  # noqa: S608
        copy.commit()
        copy.execute("VACUUM")  # Otherwise the pages that held them would remain.
    (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {found}")
