"""Removes data that is no longer needed and corrects counts, in pieces, so that no post waits long for one.

A piece starts where the previous one ended, and returns where the next one starts.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, ProtectedError, QuerySet, RestrictedError
from django.utils import timezone

from chat.actions import bans, locks, memberships, readings
from chat.models import Chore, Lease, Membership, Message, Profile, Reading, Room
from chat.text import lines, pinyin
from chat.wire import events

EVERY = timedelta(hours=1)
ROWS = 500
"""Sessions removed, or people or rooms examined, in one piece."""

PEOPLE = 20
"""People removed in one piece: each removal also deletes a user and whatever the project stores for its users."""

REPLIES = 100
"""Replies examined in one piece, each with statements of its own."""

_CHORE = "cleaning"


class Piece(NamedTuple):
    """The number of rows removed or corrected, and where the next piece starts: None if nothing is left."""

    rows: int
    next: int | None


def claim() -> bool:
    """Returns True if cleaning is due and this process is to do it. On a new site it is first due after `EVERY`."""
    now = timezone.now()
    Chore.objects.get_or_create(name=_CHORE, defaults={"due_at": now + EVERY})
    due = Chore.objects.filter(name=_CHORE, due_at__lte=now)
    return due.exists() and due.update(due_at=now + EVERY) == 1


def end_sessions(start: int) -> Piece:
    """Removes expired sessions."""
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):  # Sessions are not stored in the database.
        with suppress(NotImplementedError):
            store.clear_expired()
        return Piece(0, None)
    rows = store.get_model_class().objects
    keys = list(rows.filter(expire_date__lt=timezone.now()).values_list("pk", flat=True)[:ROWS])
    rows.filter(pk__in=keys).delete()
    return Piece(len(keys), start if len(keys) == ROWS else None)


def remove_lapsed_guests(start: int) -> Piece:
    """Removes guests whose session has ended, and open names unused for as long, if they never talked to anybody.

    A guest cannot come back without a session. People who wrote something, or were written to, keep their name, because
    it appears in other people's rooms.
    """
    looked_at = list(Profile.objects.filter(pk__gt=start).order_by("pk").values_list("pk", flat=True)[:ROWS])
    if not looked_at:
        return Piece(0, None)
    gone = list(_lapsed_guests(looked_at).order_by("pk").values_list("pk", flat=True)[:PEOPLE])
    return Piece(_remove(gone), gone[-1] if len(gone) == PEOPLE else looked_at[-1])


def put_rooms_right(start: int) -> Piece:
    """Corrects member counts and title keys, which older code does not maintain."""
    rooms = list(Room.objects.filter(pk__gt=start).order_by("pk")[:ROWS])
    if not rooms:
        return Piece(0, None)
    members = Membership.objects.filter(room__in=rooms).order_by().values_list("room").annotate(count=Count("pk"))
    counted = dict(members)
    wrong = [
        room
        for room in rooms
        if (room.member_count, room.title_key) != (counted.get(room.pk, 0), lines.key(room.title))
    ]
    for room in wrong:
        with transaction.atomic():
            # Recount under the lock: someone may have joined or left meanwhile.
            for locked in Room.objects.select_for_update().filter(pk=room.pk):
                Room.objects.filter(pk=locked.pk).update(
                    member_count=locked.memberships.count(), title_key=lines.key(locked.title)
                )
    return Piece(len(wrong), rooms[-1].pk)


def put_readings_right(start: int) -> Piece:
    """Writes the readings of Chinese nicknames, which older code does not store."""
    looked_at = list(Profile.objects.filter(pk__gt=start).order_by("pk").values_list("pk", "nickname")[:ROWS])
    if not looked_at:
        return Piece(0, None)
    stored: dict[int, set[str]] = defaultdict(set)
    last = looked_at[-1][0]
    known = Reading.objects.filter(profile__gt=start, profile__lte=last)
    for profile_id, text in known.values_list("profile", "text"):
        stored[profile_id].add(text)
    wrong = [pk for pk, nickname in looked_at if stored[pk] != set(pinyin.readings(nickname))]
    for profile_id in wrong:
        with locks.person(profile_id) as profile:
            if profile:  # Looked at under the lock: they may have another nickname by now.
                readings.write(profile_id, profile.nickname)
    return Piece(len(wrong), last)


def forget_addresses(start: int) -> Piece:
    """Removes last known addresses that are past their retention time."""
    count = bans.forget_addresses(timezone.now() - bans.ADDRESSES_KEPT, ROWS)
    return Piece(count, start if count == ROWS else None)


def put_replies_in_threads(start: int) -> Piece:
    """Puts replies into their threads that older code has stored, in the order in which they were written."""
    loose = Message.objects.filter(pk__gt=start, reply_to__isnull=False, thread=None).order_by("pk")
    found = list(loose.values_list("pk", "room_id")[:REPLIES])
    with transaction.atomic():
        # A reply that is written meanwhile would look for a thread that is just being found.
        list(Room.objects.filter(pk__in={room_id for _, room_id in found}).order_by("pk").select_for_update())
        for reply in Message.objects.filter(pk__in=[pk for pk, _ in found]).order_by("pk"):
            room = Message.objects.filter(room=reply.room_id)
            thread = room.filter(number=reply.reply_to or 0).values_list("thread", flat=True).first() or reply.reply_to
            Message.objects.filter(pk=reply.pk).update(thread=thread)
            # Replies to it were taken for a thread of their own.
            room.filter(thread=reply.number).update(thread=thread)
    return Piece(len(found), found[-1][0] if len(found) == REPLIES else None)


WORK: dict[str, Callable[[int], Piece]] = {
    "expired sessions removed": end_sessions,
    "guests removed who can't come back": remove_lapsed_guests,
    "rooms counted anew": put_rooms_right,
    "readings of nicknames written": put_readings_right,
    "addresses forgotten": forget_addresses,
    "replies put into threads": put_replies_in_threads,
}


def _lapsed_guests(profile_ids: Sequence[int]) -> QuerySet[Profile]:
    direct = Membership.objects.filter(profile=OuterRef("pk"), room__kind=Room.Kind.DIRECT)
    return Profile.objects.filter(
        ~Exists(Message.objects.filter(sender=OuterRef("pk"))),
        ~Exists(direct),
        ~Exists(Lease.objects.filter(profile=OuterRef("pk"))),
        pk__in=profile_ids,
        kind__in=[Profile.Kind.GUEST, Profile.Kind.OPEN],
        # One day more, because sessions are extended only once a day.
        seen_at__lt=timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE, days=1),
    )


def _remove(profile_ids: Sequence[int]) -> int:
    """Removes these people and returns how many. People whom a project's own rows still reference are kept."""
    if not profile_ids:
        return 0
    try:
        with transaction.atomic():
            return _remove_together(profile_ids)
    except (ProtectedError, RestrictedError, IntegrityError):
        return 0 if len(profile_ids) == 1 else sum(_remove([one]) for one in profile_ids)


def _remove_together(profile_ids: Sequence[int]) -> int:
    own = Membership.objects.filter(profile__in=profile_ids)
    # Rooms are locked before people, as in posting. The query runs again under the locks, because someone may have
    # written to them meanwhile.
    rooms = Room.objects.filter(pk__in=own.values("room")).order_by("pk").select_for_update().in_bulk()
    list(Profile.objects.filter(pk__in=profile_ids).order_by("pk").select_for_update().values_list("pk"))
    gone = [one.pk for one in _lapsed_guests(profile_ids).select_related("user") if not _has_a_way_back(one.user)]
    ended = Counter(own.filter(profile__in=gone).values_list("room", flat=True))
    own.filter(profile__in=gone).delete()
    for room_id, count in ended.items():
        room = rooms.get(room_id) or Room.objects.get(pk=room_id)
        memberships.count(room, -count)
        memberships.keep_an_owner(room)
        events.announce_on_commit(events.audience(room), events.PresenceChanged(room_id))
    get_user_model()._default_manager.filter(pk__in=gone).delete()
    return len(gone)


def _has_a_way_back(user: Any) -> bool:
    """Returns True for a guest who was given a password or staff rights."""
    return bool(user.has_usable_password() or getattr(user, "is_staff", False))
