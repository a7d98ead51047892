from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Greatest, Least

from chat import queries
from chat.actions import locks
from chat.live import events
from chat.models import Membership, Profile, Room
from chat.refusals import Refusal


def enter(profile: Profile, room: Room, role: str = Membership.Role.MEMBER) -> bool:
    """Makes the person a member, the messages so far as read; returns whether they were none before.

    The caller has locked the room, and seen that they may be one.
    """
    _, created = Membership.objects.get_or_create(
        room=room, profile=profile, defaults={"role": role, "read_number": room.message_count}
    )
    if created:
        count(room, 1)
        events.announce_on_commit([events.user_group(profile.pk)], events.joined(room.pk))
        events.announce_on_commit(events.audience(room), events.presence_changed(room.pk))
    return created


def join(profile: Profile, slug: str) -> Room:
    """Anyone may join a public room. Raises `Refusal`: `no_such_room`, also for a private one they are not in."""
    seen = queries.visible_room(profile.pk, slug)
    if seen is None:
        raise no_such_room()
    with locks.room(seen.pk):
        room = queries.visible_room(profile.pk, slug)
        if room is None:
            raise no_such_room()
        enter(profile, room)
    return room


def leave(profile: Profile, room_id: int) -> None:
    """Ends the person's membership. Raises `Refusal`: `not_a_member`, `bad_room` for a direct room."""
    if queries.own_room(profile.pk, room_id) is None:
        raise not_a_member()
    with locks.room(room_id):
        own = queries.own_room(profile.pk, room_id)
        if own is None:
            raise not_a_member()
        if own.room.is_direct:
            raise Refusal("bad_room", "The private room of two people cannot be left.")
        _end(profile, own.room)


def add(profile: Profile, room: Room, nickname: str) -> Profile:
    """A member of a private room brings somebody in.

    Raises `Refusal`: `not_a_member`, `bad_room`, `no_such_person`, `already_there`.
    """
    if queries.own_room(profile.pk, room.pk) is None:
        raise not_a_member()
    with locks.room(room.pk):
        own = queries.own_room(profile.pk, room.pk)
        if own is None:
            raise not_a_member()
        if own.room.kind != Room.Kind.PRIVATE:
            raise Refusal("bad_room", "People join public rooms by themselves.")
        other = queries.person(nickname)
        if other is None or other.kind == Profile.Kind.DELETED:
            raise no_such_person(nickname)
        if other.is_open:
            raise Refusal("bad_room", f"“{other.nickname}” is an open name: anybody could read the room by way of it.")
        if not enter(other, own.room):
            raise Refusal("already_there", f"{other.nickname} is in “{own.room.title}” already.")
    return other


def remove(profile: Profile, room: Room, nickname: str) -> None:
    """The owner of a room ends somebody else's membership. Raises `Refusal`: `forbidden`, `no_such_person`."""
    forbidden = Refusal("forbidden", "Only the owner of a room may remove people.")
    if not queries.owns(profile.pk, room.pk):
        raise forbidden
    with locks.room(room.pk):
        if not queries.owns(profile.pk, room.pk):
            raise forbidden
        other = queries.person(nickname)
        if other is None or queries.own_room(other.pk, room.pk) is None:
            raise no_such_person(nickname)
        if other.pk == profile.pk:
            raise Refusal("forbidden", "To go yourself, leave the room.")
        _end(other, room)


def mark_read(profile_id: int, room_id: int, number: int) -> None:
    """Remembers the last message that the person has seen; it never goes back. Raises `Refusal`: `not_a_member`."""
    own = Membership.objects.filter(profile_id=profile_id, room_id=room_id)
    count = Room.objects.filter(pk=OuterRef("room")).values("message_count")
    with transaction.atomic():
        further = own.annotate(seen=Least(Value(number), Subquery(count))).filter(read_number__lt=F("seen"))
        if further.update(read_number=F("seen")):
            number = own.values_list("read_number", flat=True).get()
            events.announce_on_commit([events.user_group(profile_id)], events.read(room_id, number))
        elif not own.exists():
            raise not_a_member()


def no_such_room() -> Refusal:
    return Refusal("no_such_room", "There is no such room.")


def no_such_person(nickname: str) -> Refusal:
    return Refusal("no_such_person", f"Nobody here is called “{nickname[:64]}”.")


def not_a_member() -> Refusal:
    return Refusal("not_a_member", "You are not a member of this room.")


def end(profile: Profile, room: Room) -> bool:
    """Ends a membership, whoever's wish that is; whether there was one. The caller knows that it may be ended."""
    with locks.room(room.pk) as locked:
        if locked is None or not Membership.objects.filter(room=room, profile=profile).exists():
            return False
        _end(profile, locked)
    return True


def end_all(room: Room) -> None:
    """Ends all memberships of a room that is about to go. The caller has locked it."""
    Membership.objects.filter(room=room).delete()
    events.announce_on_commit(events.audience(room), events.removed(room.pk))


def not_signed_in() -> Refusal:
    return Refusal("not_signed_in", "You are not signed in any more.")


def _end(profile: Profile, room: Room) -> None:
    """Ends a membership and tells of it. The caller has locked the room."""
    ended, _ = Membership.objects.filter(room=room, profile=profile).delete()
    count(room, -ended)
    keep_an_owner(room)
    events.announce_on_commit([events.user_group(profile.pk)], events.removed(room.pk))
    events.announce_on_commit(events.audience(room), events.presence_changed(room.pk))


def count(room: Room, more: int) -> None:
    """Memberships have begun, or ended. A count that was wrong never keeps anybody in: cleaning puts it right."""
    if more:
        room.member_count = max(0, room.member_count + more)
        Room.objects.filter(pk=room.pk).update(member_count=Greatest(F("member_count") + more, 0))


def keep_an_owner(room: Room) -> None:
    """A room whose last owner leaves goes to the member who has been there longest. The lobby is nobody's."""
    members = Membership.objects.filter(room=room)
    if room.is_lobby or members.filter(role=Membership.Role.OWNER).exists():
        return
    oldest = members.filter(role=Membership.Role.MEMBER).order_by("pk").first()
    if oldest:
        Membership.objects.filter(pk=oldest.pk).update(role=Membership.Role.OWNER)
