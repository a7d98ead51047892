"""Queries whose SQL is built once, and model instances made from their rows.

A person's rooms take 20 µs this way, 200 µs through the ORM.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, Q, QuerySet
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


Value = int | Sequence[int]


class Prepared:
    """A query with integer parameters and lists of integers for `__in`: `build` makes it, ending in `values_list`.

    It is built once, with placeholder values that cannot occur, and then run as SQL. A long list is split over several
    runs, so each row must belong to a single value of the list.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._built: dict[str, _Built] = {}

    def __call__(self, *values: Value) -> list[tuple[Any, ...]]:
        vendor = connection.vendor
        if vendor not in self._built:
            self._built[vendor] = _Built(self._build, values)
        built = self._built[vendor]
        for place, value in enumerate(values):
            if not isinstance(value, int) and len(value) > PIECE:
                some = [(*values[:place], piece, *values[place + 1 :]) for piece in pieces(value)]
                return [row for one in some for row in built.rows(one)]
        return built.rows(values)


class _Built:
    """A query for one database: its SQL, and the position of each value in its parameters."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], values: Sequence[Value]) -> None:
        stand_ins = [_stand_in(place, value) for place, value in enumerate(values)]
        compiler = build(*stand_ins).query.get_compiler(connection=connection)
        self._sql, parameters = compiler.as_sql()
        self._parameters = list(parameters)
        self._converters = compiler.get_converters([column for column, *_ in compiler.select])
        numbers = [one[0] if isinstance(one, list) else one for one in stand_ins]
        self._places = [(at, numbers.index(one)) for at, one in enumerate(parameters) if one in numbers]
        self._lists = [at for at, place in self._places if isinstance(stand_ins[place], list)]

    def rows(self, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        sql, parameters = self._sql, self._parameters.copy()
        for at, place in self._places:
            value = values[place]
            parameters[at] = value if isinstance(value, int) else padded(value)
        if self._lists:
            sizes = {at: len(parameters[at]) for at in self._lists}
            if not all(sizes.values()):
                return []
            sql = _with_lists(sql, tuple(sizes.items()))
            parameters = [one for at, whole in enumerate(parameters) for one in (whole if at in sizes else [whole])]
        found = Cursor().rows(sql, parameters)
        return [self._converted(row) for row in found] if self._converters else found

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Applies Django's converters by column position, because SQLite, for one, returns times as text."""
        values = list(row)
        for place, (converts, column) in self._converters.items():
            for convert in converts:
                values[place] = convert(values[place], column, connection)
        return tuple(values)


def _stand_in(place: int, value: Value) -> Any:
    """Returns a placeholder of the same kind. It fits in 31 bits: Django knows that no column holds a larger number."""
    return 2**31 - 9 + place if isinstance(value, int) else [2**31 - 9 + place]


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


def marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


@lru_cache(maxsize=500)
def _with_lists(sql: str, sizes: tuple[tuple[int, int], ...]) -> str:
    """Returns the statement with one mark per member for each list."""
    size_at = dict(sizes)
    first, *parts = sql.split("%s")
    return first + "".join(", ".join(["%s"] * size_at.get(at, 1)) + part for at, part in enumerate(parts))


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


def table(model: type[Model]) -> str:
    """Returns a model's table name."""
    return model._meta.db_table
