"""Permissions: the only place that decides who may write what. Pure functions of rows.

Each returns the refusal, or None if it is allowed. An action checks under the lock that keeps the rows unchanged; a
page may check earlier, to show the refusal at once. A role of None means a non-member.
"""

from datetime import datetime, timedelta

from chat import refusals
from chat.models import Deletion, Departure, Membership, Message, Profile, Room
from chat.refusals import Refusal

ASK_AGAIN = timedelta(days=1)
"""How long a person is not invited again into a room they declined."""

UNDO = timedelta(seconds=10)
"""How long a deletion can be undone. After that the text is gone."""

EMOJI = 20
"""Maximum number of different emoji on a message."""

REACTIONS = 1000
"""Maximum number of reactions to a message. Each change of it is sent with all of them: about 7 KB."""

_OWNER = Membership.Role.OWNER


# Rooms.


def edit_room(role: str | None) -> Refusal | None:
    return None if role == _OWNER else Refusal("forbidden.edit")


def delete_room(room: Room) -> Refusal | None:
    """For site owners."""
    if room.is_direct:
        return Refusal("bad_room.direct_delete")
    return Refusal("bad_room.lobby") if room.is_lobby else None


# Memberships.


def join(room: Room, role: str | None) -> Refusal | None:
    """For a non-member, a private room does not exist."""
    is_open = room.kind == Room.Kind.PUBLIC or role is not None
    return None if is_open else refusals.no_such_room()


def leave(room: Room) -> Refusal | None:
    return Refusal("bad_room.direct_leave") if room.is_direct else None


def add_members(room: Room) -> Refusal | None:
    return None if room.kind == Room.Kind.PRIVATE else Refusal("bad_room.public")


def add(room: Room, role: str, other: Profile, departure: Departure | None, *, is_member: bool) -> Refusal | None:
    """A member of a private room adds this person, who may already be a member, or may have left (`departure`)."""
    if other.is_open:
        return Refusal("bad_room.open_name", nickname=other.nickname)
    if is_member:
        return Refusal("already_there", nickname=other.nickname, room=room.title)
    if departure and departure.was_removed and role != _OWNER:
        return Refusal("forbidden.add_again", nickname=other.nickname, room=room.title)
    return None


def must_be_asked(departure: Departure | None) -> bool:
    """Returns whether a person must be invited rather than added: they left by themselves."""
    return departure is not None and not departure.was_removed


def ask_back(departure: Departure, other: Profile, now: datetime, *, is_asked: bool) -> Refusal | None:
    if is_asked:
        return Refusal("already_asked", nickname=other.nickname)
    if departure.declined_at and departure.declined_at > now - ASK_AGAIN:
        return Refusal("already_asked.declined", nickname=other.nickname)
    return None


def remove_members(role: str | None) -> Refusal | None:
    return None if role == _OWNER else Refusal("forbidden.remove")


def remove(profile: Profile, other: Profile) -> Refusal | None:
    return Refusal("forbidden.remove_oneself") if other.pk == profile.pk else None


# Messages.


def post(is_banned: bool | None) -> Refusal | None:
    """`is_banned` is None for a non-member."""
    if is_banned is None:
        return refusals.not_a_member()
    return Refusal("banned.unsent") if is_banned else None


def change(profile: Profile, *, is_banned: bool) -> Refusal | None:
    """Changing messages at all. An open name belongs to nobody: the next one to use it did not write its messages."""
    return post(is_banned) or (Refusal("forbidden.open_name") if profile.is_open else None)


def edit_message(message: Message, profile: Profile) -> Refusal | None:
    if message.sender_id != profile.pk:
        return Refusal("forbidden.edit_message")
    return Refusal("message_deleted") if message.deleted_at else None


def delete_message(message: Message, profile: Profile, role: str | None) -> Refusal | None:
    """A room's owner may delete everybody's; a direct room has no owner."""
    is_allowed = message.sender_id == profile.pk or role == _OWNER
    return None if is_allowed else Refusal("forbidden.delete_message")


def restore_message(deletion: Deletion | None, profile: Profile, now: datetime) -> Refusal | None:
    """Only the person who deleted it, and only for a moment."""
    if deletion is None or deletion.profile_id != profile.pk or deletion.deleted_at <= now - UNDO:
        return Refusal("too_late")
    return None


def react(message: Message) -> Refusal | None:
    return Refusal("message_deleted.react") if message.deleted_at else None


def add_reaction(people: dict[str, list[int]], emoji: str) -> Refusal | None:
    """`people` are those who have reacted to the message, by emoji."""
    if emoji not in people and len(people) >= EMOJI:
        return Refusal("too_many_emoji", most=EMOJI)
    if sum(map(len, people.values())) >= REACTIONS:
        return Refusal("too_many_reactions", most=REACTIONS)
    return None


def mention_everyone(room: Room, role: str | None) -> bool:
    """Returns whether `@here` and `@all` of this person mean everybody: not in the lobby, which has all people."""
    if room.is_direct or room.is_lobby:
        return False
    return role == _OWNER or (room.kind == Room.Kind.PRIVATE and role is not None)


# People, for site owners.


def free_nickname(profile: Profile, *, is_here: bool) -> Refusal | None:
    if profile.kind not in (Profile.Kind.GUEST, Profile.Kind.OPEN):
        return Refusal("bad_nickname.account", nickname=profile.nickname)
    return Refusal("is_here", nickname=profile.nickname) if is_here else None


def erase(profile: Profile, *, is_staff: bool) -> Refusal | None:
    return Refusal("bad_person.staff", nickname=profile.nickname) if is_staff else None
