"""Who may do what: the one place of permission for writes. Pure functions of rows.

Each returns the refusal, or None where it is allowed. An action asks under the lock that keeps the rows as they are,
and a page may ask before that, to say so at once. A role of None stands for somebody who is no member.
"""

from datetime import datetime, timedelta

from chat import refusals
from chat.models import Departure, Membership, Profile, Room
from chat.refusals import Refusal

ASK_AGAIN = timedelta(days=1)
"""How long nobody is asked again into a room that they have said no to."""

_OWNER = Membership.Role.OWNER


# Rooms.


def edit_room(role: str | None) -> Refusal | None:
    return None if role == _OWNER else Refusal("forbidden.edit")


def delete_room(room: Room) -> Refusal | None:
    """For those who look after the site."""
    if room.is_direct:
        return Refusal("bad_room.direct_delete")
    return Refusal("bad_room.lobby") if room.is_lobby else None


# Memberships.


def join(room: Room, role: str | None) -> Refusal | None:
    """A private room that somebody is not in is not there for them."""
    is_open = room.kind == Room.Kind.PUBLIC or role is not None
    return None if is_open else refusals.no_such_room()


def leave(room: Room) -> Refusal | None:
    return Refusal("bad_room.direct_leave") if room.is_direct else None


def add_members(room: Room) -> Refusal | None:
    return None if room.kind == Room.Kind.PRIVATE else Refusal("bad_room.public")


def add(room: Room, role: str, other: Profile, departure: Departure | None, *, is_member: bool) -> Refusal | None:
    """A member of a private room brings this person in, who may be a member already, or have left (`departure`)."""
    if other.is_open:
        return Refusal("bad_room.open_name", nickname=other.nickname)
    if is_member:
        return Refusal("already_there", nickname=other.nickname, room=room.title)
    if departure and departure.was_removed and role != _OWNER:
        return Refusal("forbidden.add_again", nickname=other.nickname, room=room.title)
    return None


def must_be_asked(departure: Departure | None) -> bool:
    """Whether somebody is asked in, and not put in: they have left by themselves."""
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
    """Whether the sender is banned; None for who is no member."""
    if is_banned is None:
        return refusals.not_a_member()
    return Refusal("banned.unsent") if is_banned else None


# People, for those who look after the site.


def free_nickname(profile: Profile, *, is_here: bool) -> Refusal | None:
    if profile.kind not in (Profile.Kind.GUEST, Profile.Kind.OPEN):
        return Refusal("bad_nickname.account", nickname=profile.nickname)
    return Refusal("is_here", nickname=profile.nickname) if is_here else None


def erase(profile: Profile, *, is_staff: bool) -> Refusal | None:
    return Refusal("bad_person.staff", nickname=profile.nickname) if is_staff else None
