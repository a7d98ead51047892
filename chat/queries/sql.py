"""Queries whose SQL is built once, and instances made of their rows. 20 µs for a person's rooms, of which the ORM makes
200.
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
"""Values in one list of a statement. SQLite takes 32,766 parameters in all, PostgreSQL 65,535."""


def pieces(values: Iterable[T]) -> Iterator[list[T]]:
    """The values, each once and in their order, in lists of `PIECE` at most: whatever takes a list for `IN` uses it."""
    distinct = iter(dict.fromkeys(values))
    while piece := list(islice(distinct, PIECE)):
        yield piece


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


Value = int | Sequence[int]


class Prepared:
    """A query of whole numbers, and of a list of them for `__in`: `build` makes it, and ends in `values_list`.

    It is built once, with values that nobody has in the places of the real ones, and then run as SQL: for a long list
    several times, so that it must be of those whose rows belong to one value of the list each.
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
    """A query for one database: its SQL, and where in its parameters each value goes."""

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
        """SQLite, for one, gives times as text. By the column's place: what makes of that what Django means by it."""
        values = list(row)
        for place, (converts, column) in self._converters.items():
            for convert in converts:
                values[place] = convert(values[place], column, connection)
        return tuple(values)


def _stand_in(place: int, value: Value) -> Any:
    """Another of its kind. Numbers are of 31 bits: of a larger one Django would know that no column has it."""
    return 2**31 - 9 + place if isinstance(value, int) else [2**31 - 9 + place]


def padded(values: Sequence[T]) -> list[T]:
    """A list for `IN` whose last value stands there again until their count is a power of two.

    So there are few different statements, which the driver keeps ready.
    """
    size = 1 << (len(values) - 1).bit_length()
    return [*values, *([values[-1]] * (size - len(values)) if values else ())]


@lru_cache(maxsize=4)
def adapted(time: datetime) -> Any:
    """As this database stores times. Kept, because a batch of posts asks three times for one moment: 12 µs each."""
    return connection.ops.adapt_datetimefield_value(time)


def marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


@lru_cache(maxsize=500)
def _with_lists(sql: str, sizes: tuple[tuple[int, int], ...]) -> str:
    """The statement with as many marks in the places of lists as they have members."""
    size_at = dict(sizes)
    first, *parts = sql.split("%s")
    return first + "".join(", ".join(["%s"] * size_at.get(at, 1)) + part for at, part in enumerate(parts))


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


LOOKED_THROUGH = 1_000
"""Rows that are read one by one at the most, where no index leads to what is looked for."""


def begins_with(field: str, prefix: str) -> Q:
    """By the field's index: SQLite's knows ranges, PostgreSQL's LIKE, for its order is a language's."""
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": prefix, f"{field}__lt": f"{prefix}\U0010ffff"})
    return Q(**{f"{field}__startswith": prefix})


def storable(text: str) -> bool:
    """Whether anything stored could be called this: nothing has a name so long, and PostgreSQL cannot look for NUL."""
    return len(text) <= nicknames.KEY_LENGTH and "\0" not in text


def table(model: type[Model]) -> str:
    """The name of a model's table."""
    return model._meta.db_table
