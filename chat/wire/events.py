"""The events on the channel layer and their recipients. Nothing else in the project sends to it.

An event is a hint: its content is in the database, so a lost event costs time but no message. All events share one
outer type; `kind` says what an event is about. A process ignores kinds it does not know, so old and new processes can
run side by side. Frames are encoded here, once for all recipients.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, TypedDict, cast

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from chat.models import Message, Room
from chat.models.room import people_of
from chat.queries import OwnRoom
from chat.wire import protocol
from chat.wire.rows import message_of, own_summary, room_summary

logger = logging.getLogger(__name__)

TYPE = "chat.event"


class Event(TypedDict, total=False):
    type: str
    kind: str
    room: int
    first: int
    last: int
    frames: bytes
    sender: int
    session: str
    holder: str


def room_group(room_id: int) -> str:
    """Returns the group of the connections of a room's members."""
    return f"room.{room_id}"


def user_group(user_id: int) -> str:
    """Returns the group of all connections of one person."""
    return f"user.{user_id}"


def audience(room: Room) -> list[str]:
    """Returns the groups that receive a room's events. A direct room uses its people's own groups: no join needed."""
    if not room.is_direct:
        return [room_group(room.pk)]
    return [user_group(user_id) for user_id in sorted(set(people_of(room)))]


async def announce(groups: Iterable[str], event: Event) -> None:
    """Sends an event to every process. A failing channel layer is logged and costs no message: connections sync."""
    await announce_all([(group, event) for group in groups])


async def announce_all(news: Sequence[tuple[str, Event]]) -> None:
    """Sends many events in order, each to a group; otherwise like `announce`."""
    layer = get_channel_layer()
    try:
        await layer.group_send_all(news)
    except Exception:
        kinds = {event["kind"] for _, event in news}
        logger.exception("Could not announce %s; connections will find it when they sync.", ", ".join(sorted(kinds)))


def announce_on_commit(groups: Iterable[str], event: Event) -> None:
    """Like `announce`, for synchronous code: sends the event once the transaction has committed."""
    transaction.on_commit(partial(async_to_sync(announce), list(groups), event))


# Events.


EVENT_CHARACTERS = 40_000
"""Text per event, unless a single message is longer. Daphne sends nothing over 1 MiB, escaped and in UTF-8."""


def pieces(room: Room, stored: list[Message], after: int | None = None) -> list[Event]:
    """Returns ordered changes of one room as events, none of them too large to be sent.

    `after` is the cursor after which they were read: changes between it and the first of them no longer exist.
    """
    parts: list[list[Message]] = []
    size = 0
    for message in stored:
        size += len(message.body) + len(message.html)
        if not parts or size > EVENT_CHARACTERS:
            parts.append([])
            size = len(message.body) + len(message.html)
        parts[-1].append(message)
    cursor = stored[0].changed - 1 if after is None else after
    told = []
    for part in parts:
        told.append(messages(room, part, cursor + 1))
        cursor = part[-1].changed
    return told


def messages(room: Room, stored: list[Message], first: int | None = None) -> Event:
    """Returns consecutive changes of one room as an event that begins at `first`, by default at the first change."""
    room_id = room.id
    frames = [protocol.MessageFrame(room_id, message.changed, message_of(message)) for message in stored]
    first, last = first or stored[0].changed, stored[-1].changed
    return _event("messages", room=room_id, first=first, last=last, frames=protocol.lines(frames))


def joined(room_id: int) -> Event:
    """To a person: they are now in this room."""
    return _event("joined", room=room_id)


def removed(room_id: int) -> Event:
    """To a person: they are no longer in this room."""
    return _event("removed", room=room_id)


def notice(room_id: int, frame: bytes) -> Event:
    """Frames outside the room's sequence, forwarded as they are to everyone in the room."""
    return _event("notice", room=room_id, frames=frame)


def read(room_id: int, number: int) -> Event:
    """To a person: they have read this room up to `number`, on one of their connections."""
    return notice(room_id, protocol.encode(protocol.ReadFrame(room_id, number)))


def typing(room_id: int, sender_id: int, nickname: str) -> Event:
    """To a room, except the person typing."""
    event = notice(room_id, protocol.encode(protocol.TypingFrame(room_id, nickname)))
    event["sender"] = sender_id
    return event


def probe(number: int) -> Event:
    """To a person: a trial message of theirs is stored."""
    return _event("probe", frames=protocol.encode(protocol.ProbeFrame(number)))


def room_changed(room: Room) -> Event:
    """To a room: its title or topic has changed."""
    return notice(room.pk, protocol.encode(protocol.RoomFrame(room_summary(room))))


def presence_changed(room_id: int) -> Event:
    """To a room: presence has changed. Each process reads it and notifies its own connections at its own pace."""
    return _event("presence", room=room_id)


def signed_out(session_key: str) -> Event:
    """To a person: this session of theirs has ended."""
    return _event("signed_out", session=fingerprint(session_key))


def person_changed() -> Event:
    """To a person's connections: check in the database whether they may still be here."""
    return _event("person_changed")


def renamed(room_id: int, before: str, nickname: str) -> Event:
    """To a room: a member's nickname has changed."""
    return notice(room_id, protocol.encode(protocol.Renamed(room_id, before, nickname)))


def own_room_changed(own: OwnRoom) -> Event:
    """To a person: one of their rooms has changed, as they see it."""
    return notice(own.room.pk, protocol.encode(protocol.RoomFrame(own_summary(own))))


def taken_over(holder: str) -> Event:
    """To an open name: the connection `holder` now speaks under it."""
    return _event("taken_over", holder=holder)


def fingerprint(session_key: str) -> str:
    """Returns an identifier of a session for the channel layer, where its key must not appear."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def _event(kind: str, **fields: Any) -> Event:
    return cast(Event, {"type": TYPE, "kind": kind, **fields})
