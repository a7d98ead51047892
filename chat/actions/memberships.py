from typing import NamedTuple

from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from chat import queries, refusals, rules
from chat.actions import locks, rates
from chat.models import Departure, Invitation, Membership, Profile, Room, Saved
from chat.refusals import Refusal, refuse
from chat.wire import events


class Added(NamedTuple):
    """The person to be added to a room. `is_asked`: they had left it before, so they were invited instead."""

    person: Profile
    is_asked: bool


def enter(profile: Profile, room: Room, role: str = Membership.Role.MEMBER) -> bool:
    """Adds a member with everything read. Returns False if they already were one.

    The caller has locked the room and checked that the person may be a member.
    """
    _, created = Membership.objects.get_or_create(
        room=room, profile=profile, defaults={"role": role, "read_number": room.message_count}
    )
    if created:
        count(room, 1)
        if room.kind == Room.Kind.PRIVATE:
            Departure.objects.filter(room=room, profile=profile).delete()
            Invitation.objects.filter(room=room, profile=profile).delete()
        events.announce_on_commit([events.user_group(profile.pk)], events.Joined(room.pk))
        events.announce_on_commit(events.audience(room), events.PresenceChanged(room.pk))
    return created


def join(profile: Profile, slug: str, address: str = "") -> Room:
    """Adds the person to a room. Public rooms are open to anyone.

    Raises `Refusal`: `no_such_room`, also for a private room they are not in; `too_fast`, `too_many`.
    """
    seen = queries.visible_room(profile.pk, slug)
    if seen is None:
        raise refusals.no_such_room()
    with locks.room(seen.pk) as room:
        if room is None:
            raise refusals.no_such_room()
        role = queries.role_in(profile.pk, room.pk)
        refuse(rules.join(room, role))
        rates.moves.count(profile, address)
        if role is None:
            check_in(profile)
        enter(profile, room)
    return room


def leave(profile: Profile, room_id: int, address: str = "") -> None:
    """Ends the person's membership. Raises `Refusal`: `not_a_member`, `bad_room` for a direct room, `too_fast`."""
    if queries.own_room(profile.pk, room_id) is None:
        raise refusals.not_a_member()
    with locks.room(room_id):
        own = queries.own_room(profile.pk, room_id)
        if own is None:
            raise refusals.not_a_member()
        refuse(rules.leave(own.room))
        rates.moves.count(profile, address)
        _end(profile, own.room)


def add(profile: Profile, room: Room, nickname: str, address: str = "") -> Added:
    """Adds a person to a private room on behalf of a member, or invites them if they had left it.

    Raises `Refusal`: `not_a_member`, `bad_room`, `no_such_person`, `already_there`, `forbidden` for a person whom an
    owner removed, `already_asked`, `too_fast`, `too_many`.
    """
    if queries.own_room(profile.pk, room.pk) is None:
        raise refusals.not_a_member()
    with locks.room(room.pk):
        own = queries.own_room(profile.pk, room.pk)
        if own is None:
            raise refusals.not_a_member()
        refuse(rules.add_members(own.room))
        other = queries.person(nickname)
        if other is None or other.kind == Profile.Kind.DELETED:
            raise refusals.no_such_person(nickname)
        departure = Departure.objects.filter(room=room, profile=other).first()
        is_member = queries.role_in(other.pk, room.pk) is not None
        refuse(rules.add(own.room, own.role, other, departure, is_member=is_member))
        is_asked = rules.must_be_asked(departure)
        if departure and is_asked:
            _check_askable(departure, other)
        else:
            check_in(other, "too_many.theirs")
        rates.count_adding(profile, other, address)
        if is_asked:
            Invitation.objects.create(room=own.room, profile=other, by=profile)
        else:
            enter(other, own.room)
    return Added(other, is_asked)


def accept(profile: Profile, invitation_id: int, address: str = "") -> Room:
    """Accepts an invitation and enters the room. Raises `Refusal`: `no_such_invitation`, `too_fast`, `too_many`."""
    room = _room_asked_into(profile, invitation_id)
    with locks.room(room.pk) as locked:
        _room_asked_into(profile, invitation_id)  # The invitation may have been withdrawn meanwhile.
        rates.moves.count(profile, address)
        check_in(profile)
        enter(profile, locked or room)
    return room


def decline(profile: Profile, invitation_id: int) -> Room:
    """Declines an invitation. Raises `Refusal`: `no_such_invitation`."""
    room = _room_asked_into(profile, invitation_id)
    with locks.room(room.pk):
        _room_asked_into(profile, invitation_id)
        Invitation.objects.filter(pk=invitation_id, profile=profile).delete()
        Departure.objects.filter(room=room, profile=profile).update(declined_at=timezone.now())
    return room


def check_in(profile: Profile, name: str = "too_many.yours") -> None:
    """Checks that a person may be in one more room. Raises `Refusal`: `too_many`."""
    own = Membership.objects.filter(profile=profile).exclude(room__kind=Room.Kind.DIRECT)
    if own.count() >= rates.ROOMS_IN:
        raise Refusal(name, most=rates.ROOMS_IN, nickname=profile.nickname)


def check_own(profile: Profile) -> None:
    """Checks that a person may own one more room and be in it. Raises `Refusal`: `too_many`."""
    if Membership.objects.filter(profile=profile, role=Membership.Role.OWNER).count() >= rates.ROOMS_OWNED:
        raise Refusal("too_many.owned", most=rates.ROOMS_OWNED)
    check_in(profile)


def remove(profile: Profile, room: Room, nickname: str) -> None:
    """Ends another person's membership on behalf of a room's owner. Raises `Refusal`: `forbidden`, `no_such_person`."""
    refuse(rules.remove_members(queries.role_in(profile.pk, room.pk)))
    with locks.room(room.pk):
        refuse(rules.remove_members(queries.role_in(profile.pk, room.pk)))
        other = queries.person(nickname)
        own = queries.own_room(other.pk, room.pk) if other else None
        if other is None or own is None:
            raise refusals.no_such_person(nickname)
        refuse(rules.remove(profile, other))
        _end(other, own.room, is_removed=True)


def mark_read(profile_id: int, room_id: int, number: int) -> None:
    """Stores the last message the person has seen; it never moves back. Raises `Refusal`: `not_a_member`."""
    own = Membership.objects.filter(profile_id=profile_id, room_id=room_id)
    count = Room.objects.filter(pk=OuterRef("room")).values("message_count")
    with transaction.atomic():
        further = own.annotate(seen=Least(Value(number), Subquery(count))).filter(read_number__lt=F("seen"))
        if further.update(read_number=F("seen")):
            number = own.values_list("read_number", flat=True).get()
            events.announce_on_commit([events.user_group(profile_id)], events.read(room_id, number))
        elif not own.exists():
            raise refusals.not_a_member()


def end(profile: Profile, room: Room) -> bool:
    """Ends a membership, at anyone's request; returns False if there was none. The caller has checked permission."""
    with locks.room(room.pk) as locked:
        if locked is None or not Membership.objects.filter(room=room, profile=profile).exists():
            return False
        _end(profile, locked, is_removed=True)
    return True


def end_all(room: Room) -> None:
    """Ends all memberships of a room that is about to be deleted. The caller has locked it."""
    Membership.objects.filter(room=room).delete()
    events.announce_on_commit(events.audience(room), events.Removed(room.pk))


def _room_asked_into(profile: Profile, invitation_id: int) -> Room:
    found = Invitation.objects.filter(pk=invitation_id, profile=profile).select_related("room").first()
    if found is None:
        raise Refusal("no_such_invitation")
    return found.room


def _check_askable(departure: Departure, other: Profile) -> None:
    """Checks that a person who left may be invited back. Raises `Refusal`."""
    is_asked = Invitation.objects.filter(room=departure.room_id, profile=other).exists()
    refuse(rules.ask_back(departure, other, timezone.now(), is_asked=is_asked))
    if Invitation.objects.filter(profile=other).count() >= rates.INVITATIONS:
        raise Refusal("too_many.invitations", nickname=other.nickname, most=rates.INVITATIONS)


def _end(profile: Profile, room: Room, *, is_removed: bool = False) -> None:
    """Ends a membership and announces it. The caller has locked the room.

    A private room records the departure and deletes the invitations this person sent for it. What they
    have saved of it for later goes too, because they can't read it any more.
    """
    ended, _ = Membership.objects.filter(room=room, profile=profile).delete()
    count(room, -ended)
    if ended and room.kind == Room.Kind.PRIVATE:
        Departure.objects.update_or_create(room=room, profile=profile, defaults={"was_removed": is_removed})
        Invitation.objects.filter(room=room, by=profile).delete()
        Saved.objects.filter(profile=profile, message__room=room).delete()
    keep_an_owner(room)
    events.announce_on_commit([events.user_group(profile.pk)], events.Removed(room.pk))
    events.announce_on_commit(events.audience(room), events.PresenceChanged(room.pk))


def count(room: Room, more: int) -> None:
    """Adjusts a room's stored member count. A wrong count never keeps anyone from leaving: cleaning corrects it."""
    if more:
        room.member_count = max(0, room.member_count + more)
        Room.objects.filter(pk=room.pk).update(member_count=Greatest(F("member_count") + more, 0))


def keep_an_owner(room: Room) -> None:
    """Passes a room without an owner to its longest-standing member. The lobby has no owner."""
    members = Membership.objects.filter(room=room)
    if room.is_lobby or members.filter(role=Membership.Role.OWNER).exists():
        return
    oldest = members.filter(role=Membership.Role.MEMBER).order_by("pk").first()
    if oldest:
        Membership.objects.filter(pk=oldest.pk).update(role=Membership.Role.OWNER)
