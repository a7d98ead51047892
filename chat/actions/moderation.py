"""Actions for the site's owners, called by the admin for staff and by `manage.py` commands in the shell."""

from importlib import import_module
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat import queries, refusals, rules
from chat.actions import locks, memberships, readings
from chat.models import Deletion, LockedNickname, Mention, Message, Pin, Profile, Reaction, Revision, Room, Saved
from chat.models.room import direct_key, other_of
from chat.refusals import Refusal, refuse
from chat.text import nicknames
from chat.wire import events

AT_ONCE = 500
"""Rows changed per transaction where there may be many, so that others can write in between."""


def end_sessions(profile: Profile) -> None:
    """Signs a person out everywhere. A guest, who has no password, cannot come back under their nickname.

    Raises `Refusal`: `unavailable` if the project's session store cannot list sessions.
    """
    user = profile.user
    if user.has_usable_password():
        _delete_sessions(user)
    else:
        user.set_unusable_password()  # A new unusable password invalidates sessions, which are bound to it.
        type(user)._default_manager.filter(pk=user.pk).update(password=user.password)
    with transaction.atomic():
        Profile.objects.filter(pk=profile.pk).update(holder="")
        user_changed(profile.pk)


def user_changed(user_id: int) -> None:
    """Makes a person's connections check whether they are still allowed, and close if not."""
    events.announce_on_commit([events.user_group(user_id)], events.PersonChanged())


def take_down(room: Room, number: int) -> Message:
    """Removes a message's text, also from screens where it is shown. Its place in the room stays.

    Raises `Refusal`: `no_such_message`.
    """
    with locks.room(room.pk) as locked:
        message = Message.objects.filter(room=room, number=number).select_related("sender").first()
        if locked is None or message is None:
            raise _no_such_message(room, number)
        if message.deleted_at is None or Deletion.objects.filter(message=message).exists():
            empty(locked, [message])
    return message


def empty(room: Room, messages: list[Message]) -> None:
    """Removes the messages' text and all that hangs on it, as the room's next changes.

    The caller has locked the room.
    """
    now = timezone.now()
    for message in messages:
        message.body, message.html, message.reactions, message.mentions, message.deleted_at = "", "", "", "", now
        message.pinned_at = None
    Revision.objects.filter(message__in=messages).delete()
    Reaction.objects.filter(message__in=messages).delete()
    Mention.objects.filter(message__in=messages).delete()
    Pin.objects.filter(message__in=messages).delete()
    Saved.objects.filter(message__in=messages).delete()
    Deletion.objects.filter(message__in=messages).delete()
    _store(room, messages)


def take_marks(profile: Profile) -> None:
    """Removes a person's reactions, and mentions of them, as changes announced to everyone."""
    for rows in (Reaction.objects.filter(profile=profile), Mention.objects.filter(profile=profile)):
        while found := rows.select_related("message").first():
            with locks.room(found.message.room_id) as room:
                if room is None:
                    continue
                own = rows.filter(message__room=room)
                some = list(own.values_list("message", flat=True).distinct()[:AT_ONCE])
                own.filter(message__in=some).delete()
                messages = list(Message.objects.filter(pk__in=some, deleted_at=None).select_related("sender"))
                for message in messages:
                    _take_marks(message, profile.pk)
                _store(room, messages)


def _take_marks(message: Message, profile_id: int) -> None:
    people = message.people_by_emoji
    message.people_by_emoji = {emoji: [one for one in ids if one != profile_id] for emoji, ids in people.items()}
    message.mentions = ",".join(one for one in message.mentions.split(",") if one != str(profile_id))


def _store(room: Room, messages: list[Message]) -> None:
    """Stores and announces the messages as the next changes of their room, which the caller has locked."""
    for message in messages:
        room.sequence += 1
        message.changed = room.sequence
        message.save(update_fields=["body", "html", "reactions", "mentions", "deleted_at", "pinned_at", "changed"])
    Room.objects.filter(pk=room.pk).update(sequence=room.sequence)
    if messages:
        for event in events.pieces(room, messages):
            events.announce_on_commit(events.audience(room), event)


def remove_member(profile: Profile, room: Room) -> None:
    """Ends a membership. Raises `Refusal`: `not_a_member`, `bad_room` for a direct room."""
    refuse(rules.leave(room))
    if not memberships.end(profile, room):
        raise Refusal("not_a_member.other", nickname=profile.nickname, room=room.title)


def delete_room(room: Room) -> None:
    """Deletes a room and its messages. The room is closed first, in one step; its messages are then deleted in pieces.

    Raises `Refusal`: `bad_room` for the lobby and for a direct room.
    """
    with locks.room(room.pk) as locked:
        if locked is None:
            raise refusals.no_such_room()
        refuse(rules.delete_room(locked))
        memberships.end_all(locked)
        Room.objects.filter(pk=locked.pk).update(kind=Room.Kind.PRIVATE, slug=f"deleted-{uuid4().hex}")
    while ids := list(Message.objects.filter(room=room).values_list("pk", flat=True)[:AT_ONCE]):
        Message.objects.filter(pk__in=ids).delete()
    Room.objects.filter(pk=room.pk).delete()


def free_nickname(profile: Profile) -> str:
    """Renames a guest who is away, so that their nickname can be taken again; returns their new name.

    Their messages stay, under the new name. Raises `Refusal`: `bad_nickname` for anyone but a guest or an open name,
    `is_here`.
    """
    with locks.person(profile.pk) as own:
        if own is None:
            raise refusals.no_such_person(profile.nickname)
        refuse(rules.free_nickname(own, is_here=own.leases.filter(expires_at__gt=timezone.now()).exists()))
        return rename(own, f"{own.nickname} left", own.nickname, "somebody left")


def lock_nickname(typed: str) -> LockedNickname:
    """Locks a nickname, so that nobody can take it; a current holder keeps it. Raises `Refusal`: `bad_nickname`."""
    nickname = " ".join(typed.split())
    if not nickname or len(nickname) > nicknames.LENGTH or "\0" in nickname:
        raise Refusal("bad_nickname.length", most=nicknames.LENGTH)
    with locks.titles():  # The same lock as in joining: a join at this moment either gets the name first or is refused.
        locked, _ = LockedNickname.objects.get_or_create(
            skeleton=nicknames.skeleton(nickname), defaults={"nickname": nickname}
        )
    return locked


def unlock_nickname(typed: str) -> None:
    """Unlocks a nickname. Raises `Refusal`: `bad_nickname` if it was not locked."""
    if not LockedNickname.objects.filter(skeleton=nicknames.skeleton(typed)).delete()[0]:
        raise Refusal("bad_nickname.not_locked", nickname=typed[:64])


def rename(profile: Profile, *wanted: str) -> str:
    """Gives a person the first of these names that is valid, or a free variant of it. Returns the new name.

    People who see the person are notified. The caller has locked the person. Several names are passed because new names
    must not mix scripts: a name in a non-Latin script, for instance, cannot have "left" appended.
    """
    while True:
        nickname = next(filter(None, map(queries.free_variant, wanted)))
        renamed = {
            "nickname": nickname,
            "nickname_key": nicknames.key(nickname),
            "skeleton": nicknames.skeleton(nickname),
        }
        try:
            with transaction.atomic():
                Profile.objects.filter(pk=profile.pk).update(**renamed)
                readings.write(profile.pk, nickname)
            break
        except IntegrityError:  # Another person took it at the same moment.
            continue
    profile.nickname, profile.nickname_key = nickname, nicknames.key(nickname)
    user_changed(profile.pk)
    for room in queries.rooms_with(profile.pk):
        events.announce_on_commit(events.audience(room), events.renamed(room.pk, profile))
        events.announce_on_commit(events.audience(room), events.PresenceChanged(room.pk))
        if room.is_direct and other_of(room, profile.pk) != profile.pk:
            own = queries.own_room(other_of(room, profile.pk), room.pk)
            if own:
                group = events.user_group(other_of(room, profile.pk))
                events.announce_on_commit([group], events.own_room_changed(own))
    return nickname


def _delete_sessions(user: Any) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):
        raise Refusal("unavailable.sessions")
    for session in store.get_model_class().objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            store(session.session_key).delete()


def _no_such_message(room: Room, number: int) -> Refusal:
    if room.is_direct:
        return Refusal("no_such_message.private", number=number)
    return Refusal("no_such_message.here", number=number, room=room.title)


def room_called(slug: str) -> Room:
    """Returns the public or private room at that address, for site owners. Raises `Refusal`: `no_such_room`."""
    room = Room.objects.filter(slug=slug).first()
    if room is None:
        raise Refusal("no_such_room.at", slug=slug[:80])
    return room


def direct_room_of(one: str, other: str) -> Room:
    """Returns two people's direct room. Raises `Refusal`: `no_such_person`, `no_such_room` if they have none."""
    key = direct_key(person_called(one).pk, person_called(other).pk)
    room = Room.objects.filter(direct_key=key).first()
    if room is None:
        raise Refusal("no_such_room.between", one=one[:64], other=other[:64])
    return room


def person_called(nickname: str) -> Profile:
    """Returns the person with this nickname. Raises `Refusal`: `no_such_person`."""
    found = queries.person(nickname)
    if found is None:
        raise refusals.no_such_person(nickname)
    return found
