"""The parts of our own SQL statements, a cursor that runs them, and model instances made from their rows.

A person's rooms take 20 µs this way, 200 µs through the ORM, which builds the statement anew for each call.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from itertools import islice
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, Q
from django.db.models.base import ModelState

from chat.text import nicknames

M = TypeVar("M", bound=Model)
T = TypeVar("T")

PIECE = 1_000
"""Maximum number of values in one list of a statement. SQLite allows 32,766 parameters in total, PostgreSQL 65,535."""


def pieces(values: Iterable[T]) -> Iterator[list[T]]:
    """Yields the distinct values, in order, in lists of at most `PIECE`. Used wherever values go into an `IN` list."""
    distinct = iter(dict.fromkeys(values))
    while piece := list(islice(distinct, PIECE)):
        yield piece


def loaded(model: type[M], names: Iterable[str], row: Iterable[Any], **related: Model) -> M:
    """Makes an instance as stored, from values and their field names, with related instances where they are known.

    Takes 2 µs where `Model.from_db` takes 20: it skips `__init__` and its signals. Fields not named are read on first
    access, as with `only()`.
    """
    instance = model.__new__(model)
    state = instance._state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    instance.__dict__.update(zip(names, row, strict=True))
    if related:
        state.fields_cache.update(related)
    return instance


def padded(values: Sequence[T]) -> list[T]:
    """Pads a list for `IN` to a power of two by repeating its last value.

    This keeps the number of distinct statements small, so that the driver can cache them.
    """
    size = 1 << (len(values) - 1).bit_length()
    return [*values, *([values[-1]] * (size - len(values)) if values else ())]


@lru_cache(maxsize=4)
def adapted(time: datetime) -> Any:
    """Returns a time in this database's storage format.

    Cached, because a batch of posts needs the same moment three times, at 12 µs each.
    """
    return connection.ops.adapt_datetimefield_value(time)


def as_time(stored: datetime | None) -> datetime | None:
    """Returns a time from a row as the ORM would: SQLite stores none of its zone."""
    return stored if stored is None or stored.tzinfo else stored.replace(tzinfo=_zone())


@cache
def _zone() -> tzinfo | None:
    return connection.timezone


def table(model: type[Model]) -> str:
    """Returns a model's table."""
    return connection.ops.quote_name(model._meta.db_table)


def columns(model: type[Model], names: Iterable[str], of: str = "") -> str:
    """Returns the columns of these fields (by `attname`), separated by commas; `of` is the table's alias."""
    known = {field.attname: connection.ops.quote_name(str(field.column)) for field in model._meta.local_concrete_fields}
    return ", ".join(f"{of}.{known[name]}" if of else known[name] for name in names)


def marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def rows_in(sql: str, values: Iterable[Any], *others: Any) -> list[tuple[Any, ...]]:
    """Runs a statement whose last parameters are a list, `IN ({})`: once for each piece of the values.

    A statement that groups its rows does so piece by piece.
    """
    found: list[tuple[Any, ...]] = []
    for some in pieces(values):
        listed = padded(some)
        found += Cursor().rows(_with_list(sql, len(listed)), [*others, *listed])
    return found


@lru_cache(maxsize=500)
def _with_list(sql: str, size: int) -> str:
    return sql.format(marks(range(size)))


class Cursor:
    """Runs SQL with Django's `%s` marks on the driver's own cursor: Django's cursor adds 14 µs per statement.

    Where queries are logged, as in tests that count them, it uses Django's cursor, so that these are logged too.
    """

    def __init__(self) -> None:
        own = connections[DEFAULT_DB_ALIAS]
        own.close_if_health_check_failed()
        own.ensure_connection()
        self._errors = own.wrap_database_errors
        self._cursor: Any = own.cursor() if own.queries_logged else own.connection.cursor()
        self._spelled = _with_question_marks if own.vendor == "sqlite" and not own.queries_logged else str

    def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._errors:
            self._cursor.execute(self._spelled(sql), parameters)
            found: list[tuple[Any, ...]] = self._cursor.fetchall()
        return found

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs the statement once for each row."""
        with self._errors:
            self._cursor.executemany(self._spelled(sql), rows)


@lru_cache(maxsize=500)
def _with_question_marks(sql: str) -> str:
    """Returns the statement with the marks that SQLite's driver uses."""
    return sql.replace("%s", "?")


LOOKED_THROUGH = 1_000
"""Maximum number of rows scanned one by one where no index supports the search."""


def begins_with(field: str, prefix: str) -> Q:
    """Matches a prefix by the field's index: a range on SQLite, LIKE on PostgreSQL, which sorts by language."""
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": prefix, f"{field}__lt": f"{prefix}\U0010ffff"})
    return Q(**{f"{field}__startswith": prefix})


def storable(text: str) -> bool:
    """Returns whether a stored name could equal this: no name is that long, and PostgreSQL cannot look up NUL."""
    return len(text) <= nicknames.KEY_LENGTH and "\0" not in text
