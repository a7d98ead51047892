"""What is checked before the first connection is taken. What is wrong ends the process with one sentence."""

import sys
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def check_database() -> None:
    """The database answers, and has the tables that this code expects."""
    check_database_answers()
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    finally:
        connection.close()
    if missing:
        sys.exit("chatsite cannot start: the database is not migrated. Run: python manage.py migrate")


def check_database_answers() -> None:
    driver: Any = connection
    try:
        if connection.vendor == "postgresql":
            # Not through the pool: that one goes on trying for long, and then keeps the reason to itself.
            driver.Database.connect(**driver.get_connection_params()).close()
        connection.ensure_connection()
    except (DatabaseError, driver.Database.Error) as error:
        reason = " ".join(str(error).split())
        sys.exit(f"chatsite cannot start: the database does not answer: {reason}")
