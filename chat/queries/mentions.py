"""The people and rooms that a text names, and the unread messages that name a person."""

from collections.abc import Collection, Iterable

from django.db import connection

from chat.models import Membership, Mention, Room
from chat.queries.sql import Cursor, pieces, table

MENTIONS_SHOWN = 20
"""Maximum number of a room's unread messages that name a person of which their summary of it tells."""


def public_slugs_titled(title_keys: Iterable[str]) -> dict[str, str]:
    """Returns the slugs of public rooms with these title keys, by key. A private room is named to nobody."""
    rooms = Room.objects.filter(kind=Room.Kind.PUBLIC).values_list("title_key", "slug")
    return {key: slug or "" for some in pieces(title_keys) for key, slug in rooms.filter(title_key__in=some)}


def title_beginnings(title_keys: Iterable[str]) -> set[str]:
    """Returns those of these keys with which the title key of a public room begins."""
    found: set[str] = set()
    for some in pieces(title_keys):
        values = ", ".join(["(%s, %s)"] * len(some))
        ranges = [one for key in some for one in (key, f"{key}\U0010ffff")]
        found |= {key for (key,) in Cursor().rows(_BEGINNINGS.format(values), [*ranges, Room.Kind.PUBLIC.value])}
    return found


def roles_among(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Returns the roles of those of these (room, profile) pairs that are memberships."""
    found: dict[tuple[int, int], str] = {}
    for some in pieces(pairs):
        values = ", ".join(["(%s, %s)"] * len(some))
        rows = Cursor().rows(_ROLES.format(values), [one for pair in some for one in pair])
        found |= {(room_id, profile_id): role for room_id, profile_id, role in rows}
    return found


# A join: for IN over pairs SQLite scans the whole table.
_ROLES = (
    "WITH wanted (room_id, profile_id) AS (VALUES {}) SELECT m.room_id, m.profile_id, m.role"  # noqa: S608
    f" FROM wanted JOIN {table(Membership)} m ON m.room_id = wanted.room_id AND m.profile_id = wanted.profile_id"
)


def unread_mentions(whose: str) -> str:
    """Returns a column with the numbers of the last unread mentions, as one text, for rows of `listed` rooms."""
    return f"""
        CASE WHEN listed.message_count > listed.read_number THEN (
            SELECT {_JOINED} FROM (
                SELECT number FROM {table(Mention)}
                WHERE room_id = listed.id AND profile_id {whose} AND number > listed.read_number
                ORDER BY number DESC LIMIT {MENTIONS_SHOWN}
            ) named
        ) END
    """  # noqa: S608


# On PostgreSQL titles are compared by their characters, as the index has them, not by a language's order.
_FROM, _BELOW = (">=", "<") if connection.vendor == "sqlite" else ("~>=~", "~<~")
_BEGINNINGS = (
    "WITH wanted (beginning, below) AS (VALUES {}) SELECT beginning FROM wanted"  # noqa: S608
    f" WHERE EXISTS (SELECT 1 FROM {table(Room)} WHERE kind = %s"
    f" AND title_key {_FROM} wanted.beginning AND title_key {_BELOW} wanted.below)"
)


def numbers_in(*texts: str | None) -> list[int]:
    """Returns the numbers in these columns, each once, ascending: the last `MENTIONS_SHOWN`."""
    return sorted({int(number) for text in texts if text for number in text.split(",")})[-MENTIONS_SHOWN:]


_JOINED = "GROUP_CONCAT(number)" if connection.vendor == "sqlite" else "STRING_AGG(CAST(number AS text), ',')"
