"""Database rows as wire structs. Pages use the same ones, so the first render equals what frames would build."""

import msgspec

from chat import paths
from chat.models import Message, Profile, Room
from chat.queries import OwnRoom, Person, Picture
from chat.wire import protocol


def person(one: Profile | Person) -> protocol.Person:
    return protocol.Person(one.user_id, one.nickname, one.is_open)


def you(profile: Profile) -> protocol.You:
    return protocol.You(profile.pk, profile.nickname, profile.kind)


def message_of(message: Message, *, with_sequence: bool = False) -> protocol.Message:
    """Serializes a message row whose sender is loaded. Outside a `message` frame it carries its own sequence."""
    return protocol.Message(
        number=message.number,
        sender=person(message.sender),
        body=message.body,
        html=message.html,
        sent_at=message.sent_at,
        client_id=message.client_id,
        reply_to=message.reply_to,
        thread=message.thread,
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        reactions=message.people_by_emoji,
        mentions=message.named,
        everyone=message.everyone,
        pinned_at=message.pinned_at,
        forwarded=bool(message.origin) and message.deleted_at is None,
        sequence=message.changed if with_sequence else msgspec.UNSET,
    )


def room_summary(room: Room) -> protocol.RoomSummary:
    """Returns a public or private room as any of its members sees it."""
    return protocol.RoomSummary(
        id=room.pk,
        slug=room.slug,
        kind=room.kind,
        title=room.title,
        topic=room.topic,
        url=room.get_absolute_url(),
        sequence=room.sequence,
        message_count=room.message_count,
    )


def own_summary(own: OwnRoom) -> protocol.RoomSummary:
    """Returns a room as one particular member sees it."""
    mentioned = list(own.mentioned) or msgspec.UNSET
    if own.other is None:
        return msgspec.structs.replace(room_summary(own.room), read_number=own.read_number, mentioned=mentioned)
    return protocol.RoomSummary(
        id=own.room.pk,
        slug=None,
        kind=own.room.kind,
        title=own.other.nickname,
        topic="",
        url=paths.reverse("chat:person", own.other.nickname),
        sequence=own.room.sequence,
        message_count=own.room.message_count,
        read_number=own.read_number,
        other=person(own.other),
        mentioned=mentioned,
    )


def presence(room: Room, picture: Picture) -> protocol.Presence:
    return protocol.Presence(
        room=room.pk,
        count=picture.count,
        members=picture.members,
        here=[person(one) for one in picture.here],
        away=None if picture.away is None else [person(one) for one in picture.away],
    )
