"""The database reads and writes of posting, in SQL on the driver's own cursor.

The ORM would rebuild each of these statements for every batch, at 3.4 ms of CPU for a single message; Django's cursors
would add 0.13 ms of overhead. This way it is 0.2 ms, half of it in the database. Only `messages.py` and `changes.py`
use this.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from chat.models import Ban, Membership, Mention, Message, Profile, Reaction, Room
from chat.queries.messages import MESSAGE_AND_SENDER, message_in
from chat.queries.sql import Cursor, adapted, columns, loaded, marks, table


class Writer(NamedTuple):
    """A member of a room and the id of their membership. `is_banned` is also true for an inactive user."""

    membership_id: int
    profile: Profile
    is_banned: bool
    role: str


ReactionKey = tuple[int, int, str]
"""The ids of a message and a profile, and an emoji."""


@contextmanager
def opened() -> Iterator["Ledger"]:
    """Opens a transaction and yields its ledger. Raises Django's `DatabaseError`s, like any query."""
    with transaction.atomic():
        yield Ledger()


class Ledger:
    """Room counters, the messages stored under them, and who may write. Valid for one transaction."""

    def __init__(self) -> None:
        self._cursor = Cursor()

    def lock(self, room_ids: Collection[int]) -> dict[int, Room]:
        """Locks the rooms until this transaction ends and returns their current state.

        Rows are locked in id order, so that two batches cannot deadlock. On SQLite the transaction itself is the lock.
        """
        if not room_ids:
            return {}
        for_update = " FOR UPDATE" if connection.features.has_select_for_update else ""
        rows = self._cursor.rows(
            f"{_SELECT_ROOMS} WHERE id IN ({marks(room_ids)}) ORDER BY id{for_update}", list(room_ids)
        )
        return {row[0]: loaded(Room, _ROOM_FIELDS, row) for row in rows}

    def writers(self, pairs: Collection[tuple[int, int]], now: datetime) -> dict[tuple[int, int], Writer]:
        """Returns those of these (room, profile) pairs that are memberships."""
        return {
            (room_id, profile_id): Writer(
                membership_id, loaded(Profile, _PROFILE_FIELDS, (profile_id, kind, nickname)), bool(is_banned), role
            )
            for room_id, profile_id, membership_id, role, kind, nickname, is_banned in self._rows_of_pairs(
                _SELECT_WRITERS, pairs, adapted(now)
            )
        }

    def already_stored(self, names: Collection[tuple[int, str]]) -> list[int]:
        """Returns the ids of the messages with these (sender, client_id) pairs."""
        return [row[0] for row in self._rows_of_pairs(_SELECT_STORED, names)]

    def messages(self, places: Collection[tuple[int, int]]) -> list[Message]:
        """Returns the messages at these (room, number) pairs, with their senders."""
        return [message_in(row) for row in self._rows_of_pairs(_SELECT_MESSAGES, places)]

    def threads(self, originals: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """Returns the threads of those of these messages, given as (room, number), that are replies themselves."""
        rows = self._rows_of_pairs(_SELECT_THREADS, originals)
        return {(room_id, number): thread for room_id, number, thread in rows}

    def insert(self, messages: Sequence[Message]) -> None:
        """Stores new messages."""
        rows = [list(_values(message)) for message in messages]
        for row in rows:
            row[_SENT_AT] = adapted(row[_SENT_AT])
        self._many(_INSERT_MESSAGE, rows)

    def advance(self, rooms: Iterable[Room], now: datetime) -> None:
        """Stores the rooms' counters, and `now` as the time of their last message."""
        at = adapted(now)
        self._many(_UPDATE_ROOM, [(room.sequence, room.message_count, at, room.id) for room in rooms])

    def change(self, messages: Iterable[Message]) -> None:
        """Stores what a change can change of messages."""
        rows = [
            (
                one.body,
                one.html,
                one.reactions,
                one.mentions,
                one.changed,
                _at(one.edited_at),
                _at(one.deleted_at),
                _at(one.pinned_at),
                one.pk,
            )
            for one in messages
        ]
        self._many(_UPDATE_MESSAGE, rows)

    def react(self, reactions: Mapping[ReactionKey, bool]) -> None:
        """Stores each reaction that is True, unless it is there, and deletes the others."""
        self._many(_INSERT_REACTION, [key for key, is_on in reactions.items() if is_on])
        self._many(_DELETE_REACTION, [key for key, is_on in reactions.items() if not is_on])

    def name(self, messages: Iterable[Message], *, before: Iterable[Message] = ()) -> None:
        """Stores whom messages name, in place of whom those of `before` have named. Names a new one by its number."""
        self._many(_DELETE_MENTIONS, [(one.pk,) for one in before])
        self._many(
            _INSERT_MENTION,
            [
                (profile_id, one.room_id, one.number)
                for one in messages
                if one.mentions
                for profile_id in [*one.named, *([None] if one.everyone else [])]
            ],
        )

    def count(self, rooms: Iterable[Room]) -> None:
        """Stores the rooms' sequences."""
        self._many(_UPDATE_SEQUENCE, [(room.sequence, room.id) for room in rooms])

    def mark_read(self, numbers: dict[int, int]) -> None:
        """Stores read marks, keyed by membership."""
        self._many(_UPDATE_MEMBERSHIP, [(number, membership_id) for membership_id, number in numbers.items()])

    def _rows_of_pairs(self, sql: str, pairs: Collection[tuple[Any, Any]], *others: Any) -> list[tuple]:
        if not pairs:
            return []
        marks = ", ".join(["(%s, %s)"] * len(pairs))
        return self._cursor.rows(sql.format(marks), [*(one for pair in pairs for one in pair), *others])

    def _many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._cursor.many(sql, rows)


def _at(time: datetime | None) -> Any:
    return time and adapted(time)


def new_message(room: Room, sender: Profile, **values: Any) -> Message:
    """Returns a room's next message, to be stored by `insert`. Room and number identify it: its id is not read back."""
    room.sequence += 1
    room.message_count += 1
    values |= {"room_id": room.id, "number": room.message_count, "changed": room.sequence, "sender_id": sender.user_id}
    message = _BLANK_MESSAGE | values
    return loaded(Message, message.keys(), message.values(), room=room, sender=sender)


# The statements. Names come from the models; values are parameters.

_ROOM_FIELDS = ("id", "kind", "slug", "title", "topic", "direct_key", "sequence", "message_count")
_PROFILE_FIELDS = ("user_id", "kind", "nickname")
_MESSAGE_FIELDS = [field.attname for field in Message._meta.concrete_fields if not field.primary_key]
_SENT_AT = _MESSAGE_FIELDS.index("sent_at")
_BLANK_MESSAGE = {field.attname: field.get_default() for field in Message._meta.concrete_fields}
_values = attrgetter(*_MESSAGE_FIELDS)
_ROOMS, _MEMBERSHIPS, _MESSAGES, _PROFILES, _BANS = map(table, (Room, Membership, Message, Profile, Ban))
_BIGINT = "CAST(%s AS bigint)"  # PostgreSQL wants to know of what kind a parameter is that may be NULL.
# A project's user model may have no `is_active`, or inherit it from another table.
_ACTIVE = next((field for field in get_user_model()._meta.concrete_fields if field.name == "is_active"), None)
_USER = _ACTIVE.model if _ACTIVE else get_user_model()
_JOIN_USERS = f" JOIN {table(_USER)} u ON {columns(_USER, [_USER._meta.pk.attname], 'u')} = m.profile_id"
_IS_INACTIVE = f"NOT {columns(_USER, ['is_active'], 'u')}" if _ACTIVE else "FALSE"

_SELECT_ROOMS = f"SELECT {columns(Room, _ROOM_FIELDS)} FROM {_ROOMS}"  # noqa: S608
# Pairs are looked up with a join: two IN lists would look up each value of one with each of the other, and for IN over
# pairs SQLite scans the whole table.
_SELECT_WRITERS = (
    "WITH wanted (room_id, profile_id) AS (VALUES {}) SELECT m.room_id, m.profile_id, m.id, m.role, p.kind, p.nickname,"  # noqa: S608
    f" ({_IS_INACTIVE} OR EXISTS (SELECT 1 FROM {_BANS} b WHERE b.profile_id = m.profile_id"
    " AND (b.until IS NULL OR b.until > %s)))"
    f" FROM wanted JOIN {_MEMBERSHIPS} m ON m.room_id = wanted.room_id AND m.profile_id = wanted.profile_id"
    f" JOIN {_PROFILES} p ON p.user_id = m.profile_id{_JOIN_USERS}"
)
_SELECT_STORED = (
    "WITH wanted (sender_id, client_id) AS (VALUES {}) SELECT m.id"  # noqa: S608
    f" FROM wanted JOIN {_MESSAGES} m ON m.sender_id = wanted.sender_id AND m.client_id = wanted.client_id"
)
_SELECT_MESSAGES = (
    f"WITH wanted (room_id, number) AS (VALUES {{}}) SELECT {MESSAGE_AND_SENDER}"  # noqa: S608
    f" FROM wanted JOIN {_MESSAGES} message ON message.room_id = wanted.room_id AND message.number = wanted.number"
    f" JOIN {_PROFILES} sender ON sender.user_id = message.sender_id"
)
_SELECT_THREADS = (
    "WITH wanted (room_id, number) AS (VALUES {}) SELECT m.room_id, m.number, m.thread"  # noqa: S608
    f" FROM wanted JOIN {_MESSAGES} m ON m.room_id = wanted.room_id AND m.number = wanted.number"
    " WHERE m.thread IS NOT NULL"
)
_INSERT_MESSAGE = (
    f"INSERT INTO {_MESSAGES} ({columns(Message, _MESSAGE_FIELDS)})"  # noqa: S608
    f" VALUES ({marks(_MESSAGE_FIELDS)})"
)
_UPDATE_ROOM = f"UPDATE {_ROOMS} SET sequence = %s, message_count = %s, last_message_at = %s WHERE id = %s"  # noqa: S608
_UPDATE_SEQUENCE = f"UPDATE {_ROOMS} SET sequence = %s WHERE id = %s"  # noqa: S608
_UPDATE_MESSAGE = (
    f"UPDATE {_MESSAGES} SET body = %s, html = %s, reactions = %s, mentions = %s, changed = %s, edited_at = %s,"  # noqa: S608
    " deleted_at = %s, pinned_at = %s WHERE id = %s"
)
_INSERT_REACTION = (
    f"INSERT INTO {table(Reaction)} (message_id, profile_id, emoji) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"  # noqa: S608
)
_DELETE_REACTION = f"DELETE FROM {table(Reaction)} WHERE message_id = %s AND profile_id = %s AND emoji = %s"  # noqa: S608
_INSERT_MENTION = (
    f"INSERT INTO {table(Mention)} (profile_id, message_id, room_id, number)"  # noqa: S608
    f" SELECT {_BIGINT}, id, room_id, number FROM {_MESSAGES} WHERE room_id = %s AND number = %s"
)
_DELETE_MENTIONS = f"DELETE FROM {table(Mention)} WHERE message_id = %s"  # noqa: S608
_UPDATE_MEMBERSHIP = f"UPDATE {_MEMBERSHIPS} SET read_number = %s WHERE id = %s"  # noqa: S608
