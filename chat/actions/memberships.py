from django.db import transaction

from chat import queries
from chat.live import events
from chat.models import Membership, Profile, Room
from chat.refusals import Refusal


def enter(profile: Profile, room: Room, role: str = Membership.Role.MEMBER) -> bool:
    """Makes the person a member, the messages so far as read; returns whether they were none before.

    The caller has checked that they may be one.
    """
    _, created = Membership.objects.get_or_create(
        room=room, profile=profile, defaults={"role": role, "read_number": room.message_count}
    )
    if created:
        events.announce_on_commit([events.user_group(profile.pk)], events.joined(room.pk))
        events.announce_on_commit(events.audience(room), events.presence_changed(room.pk))
    return created


def join(profile: Profile, slug: str) -> Room:
    """Anyone may join a public room. Raises `Refusal`: `no_such_room`, also for a private one they are not in."""
    room = queries.visible_room(profile.pk, slug)
    if room is None:
        raise no_such_room()
    with transaction.atomic():
        enter(profile, room)
    return room


def leave(profile: Profile, room_id: int) -> None:
    """Ends the person's membership. Raises `Refusal`: `not_a_member`, `bad_room` for a direct room."""
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
    if room.kind != Room.Kind.PRIVATE:
        raise Refusal("bad_room", "People join public rooms by themselves.")
    other = queries.person(nickname)
    if other is None:
        raise no_such_person(nickname)
    if other.is_open:
        raise Refusal("bad_room", f"“{other.nickname}” is an open name: anybody could read the room by way of it.")
    with transaction.atomic():
        # Asked again under the lock: who is being removed meanwhile must not bring themselves or others in.
        _lock(room)
        if not Membership.objects.filter(room=room, profile=profile).exists():
            raise not_a_member()
        is_new = enter(other, room)
    if not is_new:
        raise Refusal("already_there", f"{other.nickname} is in “{room.title}” already.")
    return other


def remove(profile: Profile, room: Room, nickname: str) -> None:
    """The owner of a room ends somebody else's membership. Raises `Refusal`: `forbidden`, `no_such_person`."""
    if not queries.owns(profile.pk, room.pk):
        raise Refusal("forbidden", "Only the owner of a room may remove people.")
    other = queries.person(nickname)
    if other is None or queries.own_room(other.pk, room.pk) is None:
        raise no_such_person(nickname)
    if other.pk == profile.pk:
        raise Refusal("forbidden", "To go yourself, leave the room.")
    _end(other, room)


def mark_read(profile_id: int, room_id: int, number: int) -> None:
    """Remembers the last message that the person has seen; it never goes back. Raises `Refusal`: `not_a_member`."""
    membership = Membership.objects.filter(profile_id=profile_id, room_id=room_id).select_related("room").first()
    if membership is None:
        raise not_a_member()
    number = min(number, membership.room.message_count)
    with transaction.atomic():
        moved = Membership.objects.filter(pk=membership.pk, read_number__lt=number).update(read_number=number)
        if moved:
            events.announce_on_commit([events.user_group(profile_id)], events.read(room_id, number))


def no_such_room() -> Refusal:
    return Refusal("no_such_room", "There is no such room.")


def no_such_person(nickname: str) -> Refusal:
    return Refusal("no_such_person", f"Nobody here is called “{nickname[:64]}”.")


def not_a_member() -> Refusal:
    return Refusal("not_a_member", "You are not a member of this room.")


def _end(profile: Profile, room: Room) -> None:
    with transaction.atomic():
        _lock(room)
        Membership.objects.filter(room=room, profile=profile).delete()
        _keep_an_owner(room)
        events.announce_on_commit([events.user_group(profile.pk)], events.removed(room.pk))
        events.announce_on_commit(events.audience(room), events.presence_changed(room.pk))


def _lock(room: Room) -> None:
    """The room's row first, as in posting: whoever removes and whoever posts or adds cannot pass each other."""
    Room.objects.select_for_update().get(pk=room.pk)


def _keep_an_owner(room: Room) -> None:
    """A room whose last owner leaves goes to the member who has been there longest. The lobby is nobody's."""
    members = Membership.objects.filter(room=room)
    if room.is_lobby or members.filter(role=Membership.Role.OWNER).exists():
        return
    oldest = members.order_by("pk").first()
    if oldest:
        Membership.objects.filter(pk=oldest.pk).update(role=Membership.Role.OWNER)
