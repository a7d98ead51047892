"""What is checked before the first connection is taken. What is wrong ends the process with one sentence."""

import sys

from django.db import connection

from chat.doctor import database


def check_database() -> None:
    """The database answers, and has the tables that this code expects."""
    check_database_answers()
    try:
        missing = database.missing_migrations()
    finally:
        connection.close()
    if missing:
        sys.exit("chatsite cannot start: the database is not migrated. Run: python manage.py migrate")


def check_database_answers() -> None:
    reason = database.unreachable()
    if reason:
        sys.exit(f"chatsite cannot start: the database does not answer: {reason}")
