from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor

from chat.doctor.findings import reason
from chat.models import LOBBY, Message, Profile, Room

PIECE = 500
"""Rows stored with one statement."""

SOURCE = "source"


class Command(BaseCommand):
    help = "Copies all of an SQLite database into the site's own, which must be empty: the way to PostgreSQL."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from",
            dest="file",
            type=Path,
            required=True,
            help="the SQLite file that the site has used until now; the site must be stopped",
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        _add_source(file)
        try:
            if _plan(SOURCE):
                raise CommandError(f"{file} is not migrated. Run there, with the same code: python manage.py migrate")
            call_command("migrate", verbosity=0)
            _check_empty()
            # A single snapshot of the source; all or nothing in the target.
            with transaction.atomic(using=SOURCE), transaction.atomic():
                _clear()
                for model in _tables():
                    self.stdout.write(f"{model._meta.db_table}: {_copy(model)}")
                _reset_sequences()
                _compare()
            _count_rows()
        except DatabaseError as error:
            raise CommandError(f"Nothing was copied: {reason(error)}.") from None
        finally:
            connections[SOURCE].close()
        self.stdout.write("All rows are there, and all rooms and messages are the same.")


def _add_source(file: Path) -> None:
    known = connections.databases
    name = f"{file.resolve().as_uri()}?mode=ro"
    known[SOURCE] = known["default"] | {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": {}}


def _plan(alias: str) -> list[Any]:
    executor = MigrationExecutor(connections[alias])
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def _check_empty() -> None:
    """Checks for a new database: it has the lobby, and no people."""
    if Profile.objects.exists() or Message.objects.exists() or Room.objects.exclude(slug=LOBBY).exists():
        raise CommandError("The site's own database is not empty: people have been there. Take a new one.")


def _tables() -> list[type[models.Model]]:
    everything = apps.get_models(include_auto_created=True)
    return [model for model in everything if model._meta.managed and not model._meta.proxy]


def _clear() -> None:
    """Removes the rows that migrations created: the source has them too, under its own ids."""
    for model in _tables():
        model._base_manager.all()._raw_delete(using="default")


def _copy(model: type[models.Model]) -> int:
    fields = model._meta.concrete_fields
    count = 0
    found: Any = model._base_manager.using(SOURCE).order_by("pk").iterator(chunk_size=PIECE)
    with closing(found) as rows:
        while piece := list(islice(rows, PIECE)):
            # Raw inserts keep the rows as they are; saving would set new times.
            manager: Any = model._base_manager
            manager.all()._insert(piece, fields=fields, using="default", raw=True)
            count += len(piece)
    return count


def _reset_sequences() -> None:
    """Makes the next row get a number that no copied row has."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), _tables()):
            cursor.execute(statement)


def _count_rows() -> None:
    """Updates statistics: PostgreSQL would do so within a minute, but until then plan as if the tables were empty."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _compare() -> None:
    for model in _tables():
        counts = [model._base_manager.using(alias).count() for alias in (SOURCE, "default")]
        if counts[0] != counts[1]:
            raise CommandError(f"{model._meta.db_table} has {counts[0]} rows, and {counts[1]} came.")
    for model in (Room, Message):
        if any(one != other for one, other in zip(_rows(model, SOURCE), _rows(model, "default"), strict=True)):
            raise CommandError(f"A row of {model._meta.db_table} is not as it was. Nothing was copied.")


def _rows(model: type[models.Model], alias: str) -> Iterator[Any]:
    return model._base_manager.using(alias).order_by("pk").values_list().iterator(chunk_size=PIECE)
