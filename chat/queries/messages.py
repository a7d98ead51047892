"""Messages: history by number, changes by sequence."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import DateTimeField, Exists, OuterRef

from chat.models import (
    Membership,
    Message,
    Profile,
    Revision,
    Room,
)
from chat.queries.sql import Cursor, as_time, columns, loaded, table

PAGE = 50


REPLAY_PAGE = 50


THREAD_PAGE = 100
"""Messages of a thread on the page of it."""


class History(NamedTuple):
    """Messages of a room in ascending order, and inclusive ranges of the numbers in between that have no row.

    The application never deletes single rows, but someone with access to the database may.
    """

    messages: list[Message]
    gone: list[tuple[int, int]]


NAMES_SHOWN = 50
"""Maximum number of people named under each emoji of a message. At most `rules.EMOJI` times as many are looked up."""


class Version(NamedTuple):
    body: str
    written_at: datetime


def versions(profile_id: int, room_id: int, number: int) -> list[Version]:
    """Returns the texts that a message has had, the newest first.

    There is none of a message that is deleted or not there, and none for people who may not read the room.
    """
    message = Message.objects.filter(room=room_id, number=number, deleted_at=None).first()
    if message is None:
        return []
    earlier = Revision.objects.filter(message=message).order_by("-pk").values_list("body", "written_at")
    found = [Version(message.body, message.edited_at or message.sent_at), *(Version(*row) for row in earlier)]
    return found if may_read(profile_id, room_id) else []


class Reacted(NamedTuple):
    """An emoji on a message: the names of those who were first, and how many others there are."""

    emoji: str
    nicknames: list[str]
    others: int


def reactions(profile_id: int, room_id: int, number: int) -> list[Reacted]:
    """Returns who has reacted to a message, by emoji; none for people who may not read the room."""
    message = Message.objects.filter(room=room_id, number=number).first()
    if message is None:
        return []
    people = message.people_by_emoji
    named = {one for ids in people.values() for one in ids[:NAMES_SHOWN]}
    names = dict(Profile.objects.filter(pk__in=named).values_list("pk", "nickname"))
    shown = {emoji: [names[one] for one in ids[:NAMES_SHOWN] if one in names] for emoji, ids in people.items()}
    found = [Reacted(emoji, shown[emoji], len(ids) - len(shown[emoji])) for emoji, ids in people.items()]
    return found if may_read(profile_id, room_id) else []


def messages_before(profile_id: int, room_id: int, before: int | None = None, limit: int = PAGE) -> History | None:
    """Returns the `limit` messages below `before`, or the last ones; None if the person may not see the room."""
    readable = _readable(profile_id, room_id)
    cursor = Cursor()
    counted = list(cursor.rows(f"SELECT message_count {_READABLE}", readable))
    if not counted:
        return None
    ((count,),) = counted
    # The reading statement checks again: the person may have been removed in between.
    below = _BEYOND_ALL if before is None else before
    found = [message_in(row) for row in cursor.rows(_MESSAGES_BEFORE, [room_id, below, *readable, limit])][::-1]
    first = found[0].number if len(found) == limit else 1
    return History(found, _gaps([message.number for message in found], first, min(count, (before or count + 1) - 1)))


class Thread(NamedTuple):
    """The end of a thread, in ascending order. `root` is the number of the message with which it begins."""

    root: int
    messages: list[Message]
    has_more: bool


def thread(profile_id: int, room_id: int, number: int, before: int | None = None, limit: int = PAGE) -> Thread | None:
    """Returns the `limit` last messages of the thread that a message is in, or the last ones below `before`.

    A message to which nobody has replied is a thread of one. Returns None if the person may not see the room; a thread
    without a root if no message has the number.
    """
    readable = _readable(profile_id, room_id)
    cursor = Cursor()
    roots = cursor.rows(_ROOT, [room_id, min(number, _BEYOND_ALL), *readable])
    if not roots:
        return Thread(0, [], has_more=False) if may_read(profile_id, room_id) else None
    ((root,),) = roots
    below = _BEYOND_ALL if before is None else before
    # The reading statement checks again: the person may have been removed in between.
    found = cursor.rows(_THREAD_BEFORE, [room_id, root, below, limit, room_id, root, below, *readable, limit])
    messages = [message_in(row) for row in found][::-1]
    return Thread(root, messages, has_more=len(messages) == limit and messages[0].number != root)


def thread_messages(profile_id: int, room_id: int, number: int) -> list[Message]:
    """Returns the last messages of the thread that a message is in; none for people who may not read the room."""
    found = thread(profile_id, room_id, number, limit=THREAD_PAGE)
    return found.messages if found else []


def _gaps(numbers: Sequence[int], first: int, last: int) -> list[tuple[int, int]]:
    """Returns the ranges from `first` to `last` that are missing from the ascending numbers."""
    ends = pairwise([first - 1, *numbers, max(last, *numbers, 0) + 1])
    return [(one + 1, other - 1) for one, other in ends if other - one > 1]


def changes_after(profile_id: int, room_id: int, cursor: int) -> list[Message]:
    """Returns a room's next messages in order of change, at most `REPLAY_PAGE`; none for a non-member."""
    return [message_in(row) for row in Cursor().rows(_CHANGES_AFTER, [room_id, cursor, room_id, profile_id])]


def head_after(profile_id: int, room_id: int, cursor: int) -> int | None:
    """Returns how far a cursor may move after which no changes were found.

    That is the room's sequence if there are no later changes, because their rows are gone, and the cursor itself if
    some arrived meanwhile. Returns None if the room is not ahead of the cursor, and for a non-member.
    """
    membership = Membership.objects.filter(room=OuterRef("pk"), profile_id=profile_id)
    # As in reading changes, a message whose sender is gone doesn't count.
    sender = Profile.objects.filter(pk=OuterRef("sender"))
    later = Message.objects.filter(Exists(sender), room=OuterRef("pk"), changed__gt=cursor)
    room = Room.objects.filter(Exists(membership), pk=room_id).annotate(moves=Exists(later)).first()
    if room is None or room.sequence <= cursor:
        return None
    return cursor if room.moves else room.sequence


def changes(room_id: int, cursor: int) -> list[Message]:
    """Like `changes_after`, for connections whose memberships the caller has checked."""
    messages = Message.objects.filter(room_id=room_id, changed__gt=cursor).select_related("sender", "room")
    return list(messages.order_by("changed")[:REPLAY_PAGE])


def may_read(profile_id: int, room_id: int) -> bool:
    """Returns whether the person may read a room's messages. A check after a read shows that the read was allowed."""
    return bool(Cursor().rows(f"SELECT 1 {_READABLE}", _readable(profile_id, room_id)))


def _readable(profile_id: int, room_id: int) -> list[Any]:
    return [room_id, Room.Kind.PUBLIC.value, room_id, profile_id]


_MESSAGE_FIELDS = [field.attname for field in Message._meta.concrete_fields]


_TIMES = [index for index, field in enumerate(Message._meta.concrete_fields) if isinstance(field, DateTimeField)]


_SENDER_FIELDS = ("user_id", "kind", "nickname")


MESSAGE_AND_SENDER = f"{columns(Message, _MESSAGE_FIELDS, 'message')}, {columns(Profile, _SENDER_FIELDS, 'sender')}"
"""The columns of a statement whose rows `message_in` reads."""


_BEYOND_ALL = 2**63 - 1


_READABLE = f"""
    FROM {table(Room)} WHERE id = %s
        AND (kind = %s OR EXISTS (SELECT 1 FROM {table(Membership)} WHERE room_id = %s AND profile_id = %s))
"""  # noqa: S608


_MESSAGES_BEFORE = f"""
    SELECT {MESSAGE_AND_SENDER}
    FROM {table(Message)} message JOIN {table(Profile)} sender ON sender.user_id = message.sender_id
    WHERE message.room_id = %s AND message.number < %s AND EXISTS (SELECT 1 {_READABLE})
    ORDER BY message.number DESC
    LIMIT %s
"""  # noqa: S608


_ROOT = f"""
    SELECT COALESCE(thread, number) FROM {table(Message)}
    WHERE room_id = %s AND number = %s AND EXISTS (SELECT 1 {_READABLE})
"""  # noqa: S608


# Its replies by their index, no more than are wanted, and the message with which it begins.
_THREAD_BEFORE = f"""
    SELECT {columns(Message, _MESSAGE_FIELDS, "message")}, {columns(Profile, _SENDER_FIELDS, "sender")}
    FROM {table(Message)} message JOIN {table(Profile)} sender ON sender.user_id = message.sender_id
    WHERE message.id IN (
            SELECT id FROM (
                SELECT id FROM {table(Message)} WHERE room_id = %s AND thread = %s AND number < %s
                ORDER BY number DESC LIMIT %s
            ) replies
            UNION ALL SELECT id FROM {table(Message)} WHERE room_id = %s AND number = %s AND number < %s
        )
        AND EXISTS (SELECT 1 {_READABLE})
    ORDER BY message.number DESC
    LIMIT %s
"""  # noqa: S608


_CHANGES_AFTER = f"""
    SELECT {MESSAGE_AND_SENDER}
    FROM {table(Message)} message JOIN {table(Profile)} sender ON sender.user_id = message.sender_id
    WHERE message.room_id = %s AND message.changed > %s
        AND EXISTS (SELECT 1 FROM {table(Membership)} WHERE room_id = %s AND profile_id = %s)
    ORDER BY message.changed
    LIMIT {REPLAY_PAGE}
"""  # noqa: S608


def message_in(row: Sequence[Any]) -> Message:
    """Returns a message with its sender."""
    size = len(_MESSAGE_FIELDS)
    values = list(row[:size])
    for index in _TIMES:
        values[index] = as_time(values[index])
    return loaded(Message, _MESSAGE_FIELDS, values, sender=loaded(Profile, _SENDER_FIELDS, row[size:]))
