"""What goes over the channel layer, and to whom. Nothing else in the project sends to it.

An event is a hint: the database has what it speaks of, so losing one costs time and no message. All events have one
outer type; what they are about is in `kind`, and a process that does not know a kind ignores it, so that old and new
processes can run side by side. Frames are encoded here, once for all who get them.
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
    """The group of the connections of a room's members."""
    return f"room.{room_id}"


def user_group(user_id: int) -> str:
    """The group of all connections of one person."""
    return f"user.{user_id}"


def audience(room: Room) -> list[str]:
    """The groups that hear of a room. Those of a direct room are its people's own: nobody has to join first."""
    if not room.is_direct:
        return [room_group(room.pk)]
    return [user_group(user_id) for user_id in sorted(set(people_of(room)))]


async def announce(groups: Iterable[str], event: Event) -> None:
    """Tells every process. A channel layer that fails is logged and costs no message: connections sync anyway."""
    await announce_all([(group, event) for group in groups])


async def announce_all(news: Sequence[tuple[str, Event]]) -> None:
    """The same for many events, in their order, each to a group."""
    layer = get_channel_layer()
    try:
        await layer.group_send_all(news)
    except Exception:
        kinds = {event["kind"] for _, event in news}
        logger.exception("Could not announce %s; connections will find it when they sync.", ", ".join(sorted(kinds)))


def announce_on_commit(groups: Iterable[str], event: Event) -> None:
    """The same for synchronous code, once what it tells of is stored."""
    transaction.on_commit(partial(async_to_sync(announce), list(groups), event))


# What there is to tell.


EVENT_CHARACTERS = 40_000
"""Text in one event, unless one message has more by itself. Daphne sends nothing over 1 MiB, escaped and in UTF-8."""


def pieces(room: Room, stored: list[Message], after: int | None = None) -> list[Event]:
    """Changes of one room in their order, as events of which none is too large to be sent.

    `after` is the cursor after which they were read: whatever was changed between it and the first of them is no more.
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
    """Changes of one room that follow one another, from `first`, or from the first of them."""
    room_id = room.id
    frames = [protocol.MessageFrame(room_id, message.changed, message_of(message)) for message in stored]
    first, last = first or stored[0].changed, stored[-1].changed
    return _event("messages", room=room_id, first=first, last=last, frames=protocol.lines(frames))


def joined(room_id: int) -> Event:
    """To a person: you are in this room now."""
    return _event("joined", room=room_id)


def removed(room_id: int) -> Event:
    """To a person: you are in this room no more."""
    return _event("removed", room=room_id)


def notice(room_id: int, frame: bytes) -> Event:
    """Frames that have no place in the room's order: whoever is in the room gets them as they are."""
    return _event("notice", room=room_id, frames=frame)


def read(room_id: int, number: int) -> Event:
    """To a person: you have seen this room up to here, on one of your connections."""
    return notice(room_id, protocol.encode(protocol.ReadFrame(room_id, number)))


def typing(room_id: int, sender_id: int, nickname: str) -> Event:
    """To a room, but not to who types: they know."""
    event = notice(room_id, protocol.encode(protocol.TypingFrame(room_id, nickname)))
    event["sender"] = sender_id
    return event


def probe(number: int) -> Event:
    """To a person: a trial message of theirs is stored."""
    return _event("probe", frames=protocol.encode(protocol.ProbeFrame(number)))


def room_changed(room: Room) -> Event:
    """To a room: its title or topic is another now."""
    return notice(room.pk, protocol.encode(protocol.RoomFrame(room_summary(room))))


def presence_changed(room_id: int) -> Event:
    """To a room: who is here has changed. Each process looks for itself, and tells its own connections at its pace."""
    return _event("presence", room=room_id)


def signed_out(session_key: str) -> Event:
    """To a person: this session of theirs has ended."""
    return _event("signed_out", session=fingerprint(session_key))


def person_changed() -> Event:
    """To a person: look into the database whether you may still be here."""
    return _event("person_changed")


def renamed(room_id: int, before: str, nickname: str) -> Event:
    """To a room: somebody in it is called otherwise now."""
    return notice(room_id, protocol.encode(protocol.Renamed(room_id, before, nickname)))


def own_room_changed(own: OwnRoom) -> Event:
    """To a person: one of their rooms is another now, as they see it."""
    return notice(own.room.pk, protocol.encode(protocol.RoomFrame(own_summary(own))))


def taken_over(holder: str) -> Event:
    """To an open name: this connection speaks under it now."""
    return _event("taken_over", holder=holder)


def fingerprint(session_key: str) -> str:
    """Names a session on the channel layer, where its key must not be."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def _event(kind: str, **fields: Any) -> Event:
    return cast(Event, {"type": TYPE, "kind": kind, **fields})
