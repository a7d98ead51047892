"""What is checked before the first connection is taken."""

import sys

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def check_database() -> None:
    """Ends the process with a sentence if the database cannot be used as it is."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        sys.exit(f"chatsite cannot start: the database does not answer: {str(error).strip()}")
    finally:
        connection.close()
    if missing:
        sys.exit("chatsite cannot start: the database is not migrated. Run: python manage.py migrate")
