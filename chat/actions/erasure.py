"""Erases a person: their messages, their name and their address."""

from typing import Any

from django.db import connection
from django.db.models import Q

from chat import queries, refusals, rules
from chat.actions import locks, memberships, moderation
from chat.models import Ban, LastAddress, Message, Profile, Room, Saved
from chat.models.room import other_of
from chat.refusals import refuse
from chat.wire import events


def erase(profile: Profile) -> str:
    """Empties all messages a person wrote, and removes their reactions and mentions of them.

    These are changes that everyone is told of. Their identity is erased too.

    Their sessions end, they leave all rooms, and the nickname becomes free. Returns their new name. The user keeps
    neither name nor password and can't sign in. Raises `Refusal`: `bad_person` for staff.
    """
    overwrite()
    name = _forget(profile)
    for room in Room.objects.filter(messages__sender=profile).distinct():
        _empty(profile, room)
    moderation.take_marks(profile)
    return name


def _forget(profile: Profile) -> str:
    """Removes their name and rights in one step: from then on they cannot do anything."""
    with locks.person(profile.pk) as own:
        if own is None:
            raise refusals.no_such_person(profile.nickname)
        user = own.user
        is_staff = getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)
        refuse(rules.erase(profile, is_staff=is_staff))
        user.set_unusable_password()
        personal: dict[str, Any] = {"password": user.password, user.USERNAME_FIELD: f"deleted-{user.pk}"}
        known = {field.name for field in user._meta.concrete_fields}
        empty: dict[str, Any] = {user.get_email_field_name(): "", "first_name": "", "last_name": "", "last_login": None}
        personal |= {field: value for field, value in empty.items() if field in known}
        if "is_active" in known:
            personal["is_active"] = False
        type(user)._default_manager.filter(pk=user.pk).update(**personal)
        Profile.objects.filter(pk=own.pk).update(kind=Profile.Kind.DELETED, holder="", language="")
        LastAddress.objects.filter(profile=own).delete()
        Ban.objects.filter(profile=own).delete()
        Saved.objects.filter(profile=own).delete()
        name = moderation.rename(own, f"Deleted person {own.pk}")
    leave_all(profile)
    return name


def _empty(profile: Profile, room: Room) -> None:
    # Also what was deleted a moment ago: that could still be undone.
    is_there = Q(deleted_at=None) | Q(deletion__isnull=False)
    said = Message.objects.filter(is_there, room=room, sender=profile).select_related("sender").order_by("number")
    while True:
        with locks.room(room.pk) as locked:
            some = list(said[: moderation.AT_ONCE])
            if locked is None or not some:
                return
            moderation.empty(locked, some)


def leave_all(profile: Profile) -> None:
    """Ends the memberships of a person who is leaving for good. The people they talked to are notified."""
    for room in queries.rooms_of([profile.pk]):
        if not room.is_direct:
            memberships.end(profile, room)


def gone(profile: Profile) -> None:
    """Runs when a person is about to be deleted with their user: notifies their rooms and ends their connections."""
    moderation.user_changed(profile.pk)
    moderation.take_marks(profile)
    leave_all(profile)
    for room in queries.rooms_of([profile.pk]):  # Only direct rooms are left, and they end with either person.
        Saved.objects.filter(profile=other_of(room, profile.pk), message__room=room).delete()
        events.announce_on_commit(events.audience(room), events.Removed(room.pk))


def overwrite() -> None:
    """Makes this connection overwrite deleted data in the SQLite file instead of only freeing the space."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def settled() -> str:
    """Has the database discard deleted data; returns a sentence on how far that has come.

    On SQLite the write-ahead log, which holds older pages, is moved into the file and truncated; this needs a moment
    without readers.
    """
    if connection.vendor != "sqlite":
        return "PostgreSQL gives up its bytes with the next VACUUM."
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return "Its bytes are out of the database's files."
    return "Its bytes leave the database's files when they are next written over: somebody is reading there now."
