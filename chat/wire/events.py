"""The events on the channel layer and their recipients. Nothing else in the project sends to it.

An event is a hint: its content is in the database, so a lost event costs time but no message. On the layer it is a
message of type `TYPE` with the packed event, and each process unpacks it once for all its recipients. A process ignores
events it does not know, so old and new processes can run side by side. Frames are encoded here, once for all.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from msgspec import Struct

from chat.models import Message, Profile, Room
from chat.models.room import people_of
from chat.queries import OwnRoom
from chat.wire import protocol
from chat.wire.rows import message_of, own_summary, person, room_summary

logger = logging.getLogger(__name__)

TYPE = "chat.event"


class Messages(Struct, frozen=True, gc=False, tag="messages"):
    """To a room: its changes after the sequence `after`, up to `last`."""

    room: int
    after: int
    last: int
    frames: bytes


class Notice(Struct, frozen=True, gc=False, tag="notice"):
    """To a room, or to a person about a room: frames outside its sequence, forwarded as they are.

    The person `sender` does not get them.
    """

    room: int
    frames: bytes
    sender: int = 0


class PresenceChanged(Struct, frozen=True, gc=False, tag="presence"):
    """To a room: each process reads who is here and tells its own connections at its own pace."""

    room: int


class Joined(Struct, frozen=True, gc=False, tag="joined"):
    """To a person: they are now in this room."""

    room: int


class Removed(Struct, frozen=True, gc=False, tag="removed"):
    """To a person, or to a room that is no more: they are no longer in this room."""

    room: int


class Probe(Struct, frozen=True, gc=False, tag="probe"):
    """To a person: a trial message of theirs is stored."""

    frames: bytes


class SignedOut(Struct, frozen=True, gc=False, tag="signed_out"):
    """To a person: the session with this fingerprint has ended."""

    session: str


class PersonChanged(Struct, frozen=True, gc=False, tag="person_changed"):
    """To a person: check in the database whether they may still be here."""


class TakenOver(Struct, frozen=True, gc=False, tag="taken_over"):
    """To an open name: the connection `holder` now speaks under it."""

    holder: str


Event = Messages | Notice | PresenceChanged | Joined | Removed | Probe | SignedOut | PersonChanged | TakenOver

Announcement = tuple[str, Event]
"""A group and the event sent to it."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Event).decode


def pack(event: Event) -> dict[str, Any]:
    """Returns the event as a message for the channel layer."""
    return {"type": TYPE, "event": _pack(event)}


def unpack(message: dict[str, Any]) -> Event | None:
    """Returns the event in a message; None if this process does not know it."""
    try:
        event: Event = _unpack(message["event"])
    except (KeyError, msgspec.DecodeError):
        return None
    return event


def room_group(room_id: int) -> str:
    """Returns the group of the connections of a room's members."""
    return f"room.{room_id}"


def user_group(user_id: int) -> str:
    """Returns the group of all connections of one person."""
    return f"user.{user_id}"


def audience(room: Room) -> list[str]:
    """Returns the groups that receive a room's events. A direct room uses its people's own groups: no join needed."""
    if not room.is_direct:
        return [room_group(room.id)]
    return [user_group(user_id) for user_id in sorted(set(people_of(room)))]


async def announce(groups: Iterable[str], event: Event) -> None:
    """Sends an event to every process. A failing channel layer is logged and costs no message: connections sync."""
    await announce_all([(group, event) for group in groups])


async def announce_all(announcements: Sequence[Announcement]) -> None:
    """Sends many events in order, each to a group; otherwise like `announce`."""
    layer = get_channel_layer()
    try:
        await layer.group_send_all([(group, pack(event)) for group, event in announcements])
    except Exception:
        kinds = {type(event).__name__ for _, event in announcements}
        logger.exception("Could not announce %s; connections will find it when they sync.", ", ".join(sorted(kinds)))


def announce_on_commit(groups: Iterable[str], event: Event) -> None:
    """Like `announce`, for synchronous code: sends the event once the transaction has committed."""
    transaction.on_commit(partial(async_to_sync(announce), list(groups), event))


# Events of rows.

EVENT_CHARACTERS = 40_000
"""Text per event, unless a single message is longer. Daphne sends nothing over 1 MiB, escaped and in UTF-8."""


def pieces(room: Room, stored: list[Message], after: int | None = None) -> list[Messages]:
    """Returns ordered changes of one room as events, none of them too large to be sent.

    `after` is the cursor after which they were read: changes between it and the first of them no longer exist.
    """
    parts: list[list[Message]] = []
    size = 0
    for message in stored:
        size += message.size
        if not parts or size > EVENT_CHARACTERS:
            parts.append([])
            size = message.size
        parts[-1].append(message)
    cursor = stored[0].changed - 1 if after is None else after
    told = []
    for part in parts:
        told.append(messages(room, part, cursor))
        cursor = part[-1].changed
    return told


def messages(room: Room, stored: list[Message], after: int | None = None) -> Messages:
    """Returns consecutive changes of one room as an event that follows `after`, by default all before the first."""
    if after is None:
        after = stored[0].changed - 1
    return Messages(room.id, after, stored[-1].changed, protocol.lines(frames_of(room.id, stored, after)))


def frames_of(room_id: int, stored: list[Message], after: int) -> list[protocol.MessageFrame]:
    """Returns changes of one room in their order, the first of which follows `after`."""
    sequences = [after, *(message.changed for message in stored)]
    return [
        protocol.MessageFrame(room_id, before, message.changed, message_of(message))
        for before, message in zip(sequences, stored, strict=False)
    ]


def read(room_id: int, number: int) -> Notice:
    """To a person: they have read this room up to `number`, on one of their connections."""
    return Notice(room_id, protocol.encode(protocol.ReadFrame(room_id, number)))


def mention(room_id: int, number: int, sender: int = 0) -> Notice:
    """To a person, or to a room but the message's `sender`: this message names them."""
    return Notice(room_id, protocol.encode(protocol.Mention(room_id, number)), sender)


def saved(room_id: int, number: int, *, is_on: bool) -> Notice:
    """To a person: they have saved a message, or removed it from what they have saved."""
    return Notice(room_id, protocol.encode(protocol.SavedFrame(room_id, number, is_on)))


def typing(room_id: int, profile: Profile) -> Notice:
    """To a room, except the person typing."""
    return Notice(room_id, protocol.encode(protocol.TypingFrame(room_id, person(profile))), profile.pk)


def probe(number: int) -> Probe:
    """To a person: a trial message of theirs is stored."""
    return Probe(protocol.encode(protocol.ProbeFrame(number)))


def room_changed(room: Room) -> Notice:
    """To a room: its title or topic has changed."""
    return Notice(room.pk, protocol.encode(protocol.RoomFrame(room_summary(room))))


def renamed(room_id: int, profile: Profile) -> Notice:
    """To a room: a member's nickname has changed."""
    return Notice(room_id, protocol.encode(protocol.Renamed(room_id, person(profile))))


def own_room_changed(own: OwnRoom) -> Notice:
    """To a person: one of their rooms has changed, as they see it."""
    return Notice(own.room.pk, protocol.encode(protocol.RoomFrame(own_summary(own))))


def signed_out(session_key: str) -> SignedOut:
    """To a person: this session of theirs has ended."""
    return SignedOut(fingerprint(session_key))


def fingerprint(session_key: str) -> str:
    """Returns an identifier of a session for the channel layer, where its key must not appear."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]
