"""Queries whose SQL is built once, and instances made of their rows. 20 µs for a person's rooms, of which the ORM makes
200.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

_STAND_INS = range(2**31 - 9, 2**31 - 1)
"""Of 31 bits: a larger number is in no integer column of PostgreSQL, and Django would build no query at all."""


M = TypeVar("M", bound=Model)


def loaded(model: type[M], names: Iterable[str], row: Iterable[Any], **related: Model) -> M:
    """An instance as it is stored, of values by the names of their fields, with related instances where they are known.

    What `Model.from_db` makes in 20 µs, in 2: without `__init__` and its signals. Fields that are not named are read
    when somebody asks for them, as with `only()`.
    """
    instance = model.__new__(model)
    state = instance._state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    instance.__dict__.update(zip(names, row, strict=True))
    if related:
        state.fields_cache.update(related)
    return instance


class Prepared:
    """A query of whole numbers: `build` makes it of them, and ends in `values_list`.

    It is built once, with numbers that nobody has in the places of the real ones, and then run as SQL.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._built: dict[str, tuple[str, tuple[Any, ...], Converters]] = {}

    def __call__(self, *numbers: int) -> list[tuple[Any, ...]]:
        vendor = connection.vendor
        if vendor not in self._built:
            self._built[vendor] = _compiled(self._build(*_STAND_INS[: len(numbers)]))
        sql, parameters, converters = self._built[vendor]
        found = Cursor().rows(sql, [numbers[_STAND_INS.index(one)] if one in _STAND_INS else one for one in parameters])
        return [_converted(row, converters) for row in found] if converters else found


class Cursor:
    """Runs SQL, with marks as Django has them (`%s`), on the driver's own cursor: Django's takes 14 µs more for each.

    Where queries are logged, as in tests that count them, it is Django's, so that these are seen too.
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
        """The same statement for each of the rows."""
        with self._errors:
            self._cursor.executemany(self._spelled(sql), rows)


@lru_cache(maxsize=500)
def _with_question_marks(sql: str) -> str:
    """The statement with the marks that SQLite's driver knows."""
    return sql.replace("%s", "?")


Converters = dict[int, tuple[list[Callable[..., Any]], Any]]
"""By the column's place: what makes of what the database gives what Django means by it. SQLite gives times as text."""


def _compiled(query: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...], Converters]:
    compiler = query.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    return sql, tuple(parameters), compiler.get_converters([column for column, *_ in compiler.select])


def _converted(row: tuple[Any, ...], converters: Converters) -> tuple[Any, ...]:
    values = list(row)
    for place, (converts, column) in converters.items():
        for convert in converts:
            values[place] = convert(values[place], column, connection)
    return tuple(values)
