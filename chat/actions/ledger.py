"""What posting asks and tells the database, in SQL.

The ORM would build each of these statements anew for each batch: 3.4 ms of CPU for a single message, against 0.4 so.
Only `messages.py` uses this, inside its transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from chat.models import Membership, Message, Profile, Room


class Writer(NamedTuple):
    """Somebody who is in a room, and where their membership is stored."""

    membership_id: int
    profile: Profile


def lock(room_ids: Collection[int]) -> dict[int, Room]:
    """The rooms, as they are now, and nobody else changes them until this transaction ends.

    In the order of their ids, so that two batches never wait for each other. On SQLite the transaction itself is the
    lock.
    """
    if not room_ids:
        return {}
    for_update = " FOR UPDATE" if connection.features.has_select_for_update else ""
    rows = _rows(f"{_SELECT_ROOMS} WHERE id IN ({_marks(room_ids)}) ORDER BY id{for_update}", room_ids)
    return {row[0]: _loaded(Room, _ROOM_FIELDS, row) for row in rows}


def writers(places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Writer]:
    """Who of these (room, profile) is in the room."""
    rows = _rows_of_pairs(_SELECT_WRITERS, places)
    return {
        (room_id, profile_id): Writer(membership_id, _loaded(Profile, _PROFILE_FIELDS, (profile_id, kind, nickname)))
        for room_id, profile_id, membership_id, kind, nickname in rows
    }


def already_stored(names: Collection[tuple[int, str]]) -> list[int]:
    """The ids of the messages that these (sender, client_id) name."""
    return [row[0] for row in _rows_of_pairs(_SELECT_STORED, names)]


def insert(messages: Sequence[Message]) -> None:
    """Stores new messages. Their ids stay unknown: a message is known by its room and number."""
    rows = [[getattr(message, name) for name in _MESSAGE_FIELDS] for message in messages]
    adapt = connection.ops.adapt_datetimefield_value
    for row, message in zip(rows, messages, strict=True):
        row[_SENT_AT] = adapt(message.sent_at)
    _many(_INSERT_MESSAGE, rows)


def advance(rooms: Iterable[Room]) -> None:
    """Stores how far rooms have come."""
    _many(_UPDATE_ROOM, [(room.sequence, room.message_count, room.pk) for room in rooms])


def mark_read(numbers: dict[int, int]) -> None:
    """Stores read marks, by membership."""
    _many(_UPDATE_MEMBERSHIP, [(number, membership_id) for membership_id, number in numbers.items()])


# The statements. Names come from the models, values are parameters.


def _columns(model: type[Model], names: Sequence[str]) -> str:
    columns = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    return ", ".join(columns[name] for name in names)


_ROOM_FIELDS = ("id", "kind", "slug", "title", "topic", "direct_key", "sequence", "message_count")
_PROFILE_FIELDS = ("user_id", "kind", "nickname")
_MESSAGE_FIELDS = [field.attname for field in Message._meta.concrete_fields if not field.primary_key]
_SENT_AT = _MESSAGE_FIELDS.index("sent_at")
_ROOMS, _MEMBERSHIPS = Room._meta.db_table, Membership._meta.db_table
_MESSAGES, _PROFILES = Message._meta.db_table, Profile._meta.db_table

_SELECT_ROOMS = f"SELECT {_columns(Room, _ROOM_FIELDS)} FROM {_ROOMS}"  # noqa: S608
# Pairs are looked up by joining them: two lists with IN would have each of one looked up with each of the other, and
# SQLite reads the whole table for pairs with IN.
_SELECT_WRITERS = (
    "WITH wanted (room_id, profile_id) AS (VALUES {}) SELECT m.room_id, m.profile_id, m.id, p.kind, p.nickname"  # noqa: S608
    f" FROM wanted JOIN {_MEMBERSHIPS} m ON m.room_id = wanted.room_id AND m.profile_id = wanted.profile_id"
    f" JOIN {_PROFILES} p ON p.user_id = m.profile_id"
)
_SELECT_STORED = (
    "WITH wanted (sender_id, client_id) AS (VALUES {}) SELECT m.id"  # noqa: S608
    f" FROM wanted JOIN {_MESSAGES} m ON m.sender_id = wanted.sender_id AND m.client_id = wanted.client_id"
)
_INSERT_MESSAGE = (
    f"INSERT INTO {_MESSAGES} ({_columns(Message, _MESSAGE_FIELDS)})"  # noqa: S608
    f" VALUES ({', '.join(['%s'] * len(_MESSAGE_FIELDS))})"
)
_UPDATE_ROOM = f"UPDATE {_ROOMS} SET sequence = %s, message_count = %s WHERE id = %s"  # noqa: S608
_UPDATE_MEMBERSHIP = f"UPDATE {_MEMBERSHIPS} SET read_number = %s WHERE id = %s"  # noqa: S608


def _rows(sql: str, parameters: Iterable[Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def _rows_of_pairs(sql: str, pairs: Collection[tuple[Any, Any]]) -> list[tuple]:
    if not pairs:
        return []
    return _rows(sql.format(", ".join(["(%s, %s)"] * len(pairs))), [one for pair in pairs for one in pair])


def _many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def _marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _loaded(model: type[Any], names: Sequence[str], row: Sequence[Any]) -> Any:
    return model.from_db(connection.alias, names, row)
