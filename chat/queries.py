"""The only reads. Each starts from the person who asks, so that what they may not see is not found."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from heapq import nlargest
from ipaddress import ip_network
from itertools import islice, pairwise
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.models import (
    LOBBY,
    Ban,
    Invitation,
    LastAddress,
    Lease,
    LockedNickname,
    Membership,
    Message,
    Profile,
    Room,
)
from chat.models.room import direct_key, other_of, people_of
from chat.prepared import Cursor, Prepared, adapted, loaded, marks, padded, pieces
from chat.text import lines, nicknames

PAGE = 50
REPLAY_PAGE = 50
PEOPLE_SHOWN = 50
ROOMS_SHOWN = 50
"""Rooms on one page of the list of all."""

LOOKED_THROUGH = 1_000
"""Rows that are read one by one at the most, where no index leads to what is looked for."""

OWN_ROOMS_SHOWN = 500
"""Public and private rooms in a person's lists; nobody can be in more, but for those who were before that was so."""

DIRECTS_SHOWN = 200
"""Direct rooms in a person's lists: those in which something was said last. The others are found by their people."""


# People.


def profile_of(user_id: int | None) -> Profile | None:
    """The profile of a signed-in user, if the user has chosen a nickname."""
    return profiles_of([user_id]).get(user_id) if user_id else None


def profiles_of(user_ids: Sequence[int]) -> dict[int, Profile]:
    """The same for many, by user."""
    profiles = [loaded(Profile, _PROFILE_FIELDS, row) for row in _PROFILES(user_ids)]
    return {profile.pk: profile for profile in profiles}


def person(nickname: str) -> Profile | None:
    """The person of that name, however it is spelled."""
    if not _storable(nickname):
        return None
    return Profile.objects.filter(nickname_key=nicknames.key(nickname)).first()


def look_alike(nickname: str) -> Profile | None:
    """Somebody of another name that looks like this one."""
    twin, skeleton = nicknames.twin(nickname), nicknames.skeleton(nickname)
    alike = Profile.objects.filter(skeleton__in=nicknames.looks(nickname))
    alike = alike.exclude(nickname_key=nicknames.key(nickname))
    return next((one for one in alike if one.skeleton == skeleton or one.nickname[0] == twin[0]), None)


def people(nickname_keys: Iterable[str]) -> list[Profile]:
    return [
        profile
        for some in pieces(filter(_storable, nickname_keys))
        for profile in Profile.objects.filter(nickname_key__in=some)
    ]


class Person(NamedTuple):
    nickname: str
    is_open: bool
    here: bool


def people_like(profile_id: int, like: str, now: datetime) -> list[Person]:
    """The others whose nickname has this in it, `PEOPLE_SHOWN` at most.

    First those who are here now, then those whose nickname begins so. Of the others only the `LOOKED_THROUGH` who
    joined last are looked through. Of "" only those who are here now.
    """
    if not _storable(like):
        return []
    key = nicknames.key(like)
    others = Profile.objects.exclude(Q(pk=profile_id) | Q(kind=Profile.Kind.DELETED)).order_by("nickname_key")
    here = others.filter(pk__in=Lease.objects.filter(expires_at__gt=now).values("profile"))
    if not like.strip():
        return [Person(one.nickname, one.is_open, here=True) for one in here[:PEOPLE_SHOWN]]
    last = Profile.objects.order_by("-pk").values("pk")[:LOOKED_THROUGH]
    found: dict[int, Person] = {}
    for group, is_here in (
        (here.filter(nickname_key__contains=key), True),
        (others.filter(_begins_with("nickname_key", key)), False),
        (others.filter(pk__in=last, nickname_key__contains=key), False),
    ):
        if len(found) < PEOPLE_SHOWN:
            for one in group[:PEOPLE_SHOWN]:
                found.setdefault(one.pk, Person(one.nickname, one.is_open, is_here))
    return list(found.values())[:PEOPLE_SHOWN]


def last_probe(profile_id: int) -> int:
    """The number of the person's last trial message; 0 where there is none."""
    return Profile.objects.filter(pk=profile_id).values_list("probe", flat=True).first() or 0


def holders(profile_ids: Sequence[int]) -> dict[int, str]:
    """Which connection speaks under each of these open names."""
    return dict(_HOLDERS(profile_ids))


def absent_open_names(profile_ids: Iterable[int], now: datetime) -> dict[int, str]:
    """Which of these people are open names that nobody is connected under, or erased, and what they are called."""
    live = Lease.objects.filter(profile=OuterRef("pk"), expires_at__gt=now)
    absent = Q(kind=Profile.Kind.DELETED) | Q(~Exists(live), kind=Profile.Kind.OPEN)
    found = Profile.objects.filter(absent).values_list("pk", "nickname")
    return {pk: nickname for some in pieces(profile_ids) for pk, nickname in found.filter(pk__in=some)}


def is_locked(nickname: str) -> bool:
    """Whether nobody may take that nickname."""
    return LockedNickname.objects.filter(skeleton__in=nicknames.looks(nickname)).exists()


def banned(who: Sequence[tuple[int, str]], now: datetime) -> set[tuple[int, str]]:
    """Which of these people, each with the address that they come from, are shut out now."""
    people = {person for person, _ in who}
    rows = [
        row
        for some in pieces(people)
        for row in Cursor().rows(_BANS.format(people=marks(padded(some))), [adapted(now), *padded(some)])
    ]
    people_out = {person for person, _ in rows}
    networks = [network for _, network in rows if network]
    return {one for one in who if one[0] in people_out or any(is_within(one[1], network) for network in networks)}


def ban_on(profile_id: int | None, address: str, now: datetime) -> Ban | None:
    """What shuts a person out, or whoever comes from that address; of several the one that lasts longest."""
    bans = Ban.objects.filter(Q(until=None) | Q(until__gt=now)).filter(Q(profile_id=profile_id) | ~Q(network=""))
    found = [ban for ban in bans if (profile_id and ban.profile_id == profile_id) or is_within(address, ban.network)]
    return max(found, key=lambda ban: (ban.until is None, ban.until), default=None)


def is_within(address: str, network: str) -> bool:
    """Whether an address, or the network that is kept in its place, lies in a network."""
    inner, outer = _parsed(address), _parsed(network)
    return inner is not None and outer is not None and inner.version == outer.version and inner.subnet_of(outer)


@lru_cache(maxsize=10_000)
def _parsed(network: str) -> Any:
    try:
        return ip_network(network)
    except ValueError:
        return None


def free_variant(typed: str) -> str:
    """A nickname near to what was typed that nobody has; "" where there is nothing to go by, or all are taken."""
    variants = nicknames.variants(typed)
    for _ in range(10):
        some = {nicknames.key(nickname): nickname for nickname in islice(variants, 100)}
        skeletons = {key: nicknames.skeleton(nickname) for key, nickname in some.items()}
        people = Profile.objects.filter(Q(nickname_key__in=some) | Q(skeleton__in=skeletons.values()))
        locked = LockedNickname.objects.filter(skeleton__in=skeletons.values()).values_list("skeleton", "skeleton")
        taken = {text for row in people.values_list("nickname_key", "skeleton").union(locked) for text in row}
        free = [nickname for key, nickname in some.items() if taken.isdisjoint((key, skeletons[key]))]
        if free:
            return free[0]
    return ""


# Rooms.


class OwnRoom(NamedTuple):
    """A room as one of its members sees it; `other` is the other person of a direct room, oneself in one's notes.

    `is_open` says that the other person is an open name.
    """

    room: Room
    read_number: int
    role: str
    other: str | None
    is_open: bool = False

    @property
    def unread(self) -> int:
        return max(0, self.room.message_count - self.read_number)


def own_rooms(profile_id: int) -> list[OwnRoom]:
    """The rooms that a person is in: the lobby first, then the others by title; last their notes, then people.

    Of very many only those in which something was said last (`OWN_ROOMS_SHOWN`, `DIRECTS_SHOWN`).
    """
    return own_rooms_of([profile_id])[0]


def own_rooms_of(profile_ids: Sequence[int]) -> list[list[OwnRoom]]:
    """The same for many people, in their order."""
    found: dict[int, list[OwnRoom]] = {profile_id: [] for profile_id in profile_ids}
    for profile_id, own in _own_rooms(_shown(_OWN_SHOWN, profile_ids)):
        found[profile_id].append(own)
    return [sorted(found[profile_id], key=_sidebar_place) for profile_id in profile_ids]


def own_rooms_named(profile_id: int, room_ids: Iterable[int]) -> list[OwnRoom]:
    """Those of these rooms that a person is in, shown or not; the newest first."""
    rows = [row for some in pieces(room_ids) for row in _OWN_NAMED(profile_id, some)]
    return sorted((own for _, own in _own_rooms(rows)), key=lambda own: own.room.pk, reverse=True)


def own_room(profile_id: int, room_id: int) -> OwnRoom | None:
    return next((own for _, own in _own_rooms(_OWN_ROOM(profile_id, room_id))), None)


def owns(profile_id: int, room_id: int) -> bool:
    """Whether a person may change a room and show people out of it."""
    owned = Membership.objects.filter(profile_id=profile_id, role=Membership.Role.OWNER)
    return owned.filter(room_id=room_id).exists()


def own_room_ids(profile_id: int) -> list[int]:
    """The public and private rooms that a person is in."""
    return own_room_ids_of([profile_id])[profile_id]


def own_room_ids_of(profile_ids: Sequence[int]) -> dict[int, list[int]]:
    """The same for many people."""
    found: dict[int, list[int]] = {profile_id: [] for profile_id in profile_ids}
    for profile_id, room_id in _OWN_ROOM_IDS(profile_ids):
        found[profile_id].append(room_id)
    return found


def direct_room_with(profile_id: int, other_id: int) -> OwnRoom | None:
    """The direct room of two people, if one of them has written in it."""
    room = Room.objects.filter(direct_key=direct_key(profile_id, other_id)).only("pk").first()
    return own_room(profile_id, room.pk) if room else None


def visible_rooms(profile_id: int) -> QuerySet[Room]:
    """The rooms with a page of their own that a person may look into: public ones, and private ones they are in."""
    membership = Membership.objects.filter(room=OuterRef("pk"), profile_id=profile_id)
    return Room.objects.exclude(kind=Room.Kind.DIRECT).filter(Q(kind=Room.Kind.PUBLIC) | Exists(membership))


def visible_room(profile_id: int, slug: str) -> Room | None:
    return visible_rooms(profile_id).filter(slug=slug).first() if _storable(slug) else None


def public_room_titled(title: str) -> Room | None:
    """The public room whose title reads the same."""
    return Room.objects.filter(kind=Room.Kind.PUBLIC, title_key=lines.key(title)).first()


def room_made_by(profile_id: int, kind: str, title: str, topic: str, after: datetime) -> Room | None:
    """The room that a person has made with these words since then, if nothing is said in it yet."""
    owned = Room.objects.filter(memberships__profile=profile_id, memberships__role=Membership.Role.OWNER)
    fresh = owned.filter(created_at__gt=after, message_count=0)
    return fresh.filter(kind=kind, title_key=lines.key(title), title=title, topic=topic).order_by().first()


def slugs_among(slugs: Iterable[str]) -> set[str]:
    """Those of these slugs that rooms have."""
    known = Room.objects.values_list("slug", flat=True)
    return {str(found) for some in pieces(slugs) for found in known.filter(slug__in=some)}


class Asked(NamedTuple):
    """An invitation as the person who is asked sees it."""

    id: int
    title: str
    by: str


def invitations(profile_id: int) -> list[Asked]:
    """What a person is asked into, the newest first. There are few: `actions/rates.py` says how many."""
    found = Invitation.objects.filter(profile_id=profile_id).order_by("-pk")
    return [Asked(*row) for row in found.values_list("pk", "room__title", "by__nickname")]


def invitation_count(profile_id: int) -> int:
    return Invitation.objects.filter(profile_id=profile_id).count()


class Card(NamedTuple):
    """A public room as the lists show it: how many are members, how many of them are here now."""

    title: str
    topic: str
    slug: str
    url: str
    here: int
    members: int
    joined: bool


class RoomPage(NamedTuple):
    """A part of the list of public rooms. `last` is the room after which it goes on, None where this is the end."""

    cards: list[Card]
    last: int | None


def public_rooms(
    now: datetime, profile_id: int | None = None, after: int | None = None, limit: int = ROOMS_SHOWN
) -> RoomPage:
    """The lobby, rooms in which people are now, then those with the most members; or, of these, those `after` one."""
    here = _here_in_public_rooms(now)
    busy = [room_id for room_id, _ in nlargest(limit // 2, here.items(), key=lambda item: item[1])]
    first = {room.pk: room for room in _public().filter(Q(pk__in=busy) | Q(slug=LOBBY))}
    before = _public().filter(pk=after).first() if after else None
    rooms = [] if before else sorted(first.values(), key=lambda room: _directory_place(room, here))
    wanted = limit - len(rooms)
    # One more than is shown tells whether there are more; those that stand first are passed over.
    rest = [room for room in _by_size(before, wanted + 1 + len(first)) if room.pk not in first]
    shown = rooms + rest[:wanted]
    return RoomPage(_cards(shown, here, profile_id), shown[-1].pk if len(rest) > wanted else None)


def public_rooms_like(now: datetime, profile_id: int, like: str) -> RoomPage:
    """The public rooms that have this in their title or topic, `ROOMS_SHOWN` at most, those with the most people first.

    Of all rooms only the beginnings of titles are looked at; the `LOOKED_THROUGH` largest are looked through.
    """
    key, folded = lines.key(like), nicknames.key(like)
    if not (_storable(like) and key):
        return RoomPage([], None)
    found = {room.pk: room for room in _public().filter(_begins_with("title_key", key))[:ROOMS_SHOWN]}
    for room in _by_size(None, LOOKED_THROUGH):
        if key in room.title_key or folded in nicknames.key(room.topic):
            found[room.pk] = room
    here = _here_in_public_rooms(now)
    ordered = sorted(found.values(), key=lambda room: _directory_place(room, here))
    return RoomPage(_cards(ordered[:ROOMS_SHOWN], here, profile_id), None)


def _public() -> QuerySet[Room]:
    return Room.objects.filter(kind=Room.Kind.PUBLIC).only(
        "kind", "slug", "title", "title_key", "topic", "member_count"
    )


def _by_size(before: Room | None, limit: int) -> list[Room]:
    """Public rooms in the order of the index that has them by size: the first ones, or those that come after one."""
    rooms = _public().order_by("-member_count", "title_key", "pk")
    if before is None:
        return list(rooms[:limit])
    alike = rooms.filter(member_count=before.member_count, title_key__gte=before.title_key)
    alike = alike.filter(Q(title_key__gt=before.title_key) | Q(pk__gt=before.pk))
    found = list(alike[:limit])
    return found + list(rooms.filter(member_count__lt=before.member_count)[: limit - len(found)])


def _directory_place(room: Room, here: Mapping[int, int]) -> tuple:
    return (not room.is_lobby, -here.get(room.pk, 0), -room.member_count, room.title_key)


def _here_in_public_rooms(now: datetime) -> dict[int, int]:
    """How many are here now, for each public room in which somebody is."""
    counts: Counter[int] = Counter()
    for some in pieces(_live(now)):
        people = padded(some)
        sql = _HERE_IN_PUBLIC.format(people=marks(people))
        counts.update(dict(Cursor().rows(sql, [*people, Room.Kind.PUBLIC.value])))
    return counts


def _cards(rooms: Sequence[Room], here: Mapping[int, int], profile_id: int | None) -> list[Card]:
    own = Membership.objects.filter(profile_id=profile_id, room__in=rooms) if profile_id else Membership.objects.none()
    joined = set(own.values_list("room_id", flat=True))
    return [
        Card(
            room.title,
            room.topic,
            room.slug or "",
            room.get_absolute_url(),
            here.get(room.pk, 0),
            room.member_count,
            room.pk in joined,
        )
        for room in rooms
    ]


def all_about(profile: Profile) -> dict[str, Any]:
    """All that is stored about a person: themselves, their rooms, their words.

    Of the private rooms of two, which they can read to the end, what the other one has written as well.
    """
    address = LastAddress.objects.filter(profile=profile).values("address", "seen_at").first()
    own = Membership.objects.filter(profile=profile).order_by("room")
    direct = own.filter(room__kind=Room.Kind.DIRECT).values("room")
    said = Message.objects.filter(Q(sender=profile) | Q(room__in=direct)).order_by("room", "number")
    return {
        "profile": {
            "id": profile.pk,
            "nickname": profile.nickname,
            "kind": profile.kind,
            "created_at": profile.created_at,
            "last_address": address,
            "bans": list(profile.bans.values("network", "reason", "until", "created_at")),
        },
        "rooms": list(
            own.values("room", "room__kind", "room__slug", "room__title", "role", "read_number", "created_at")
        ),
        "messages": list(said.values(*_EXPORTED)),
    }


_EXPORTED = [
    "room", "number", "sender__nickname", "body", "reply_to", "sent_at", "edited_at", "deleted_at", "client_id",
]  # fmt: skip


# Messages.


class History(NamedTuple):
    """Messages of a room, ascending, and the numbers among theirs that have no row: ranges, both ends included.

    Nothing of ours deletes a row; but somebody who has the database may.
    """

    messages: list[Message]
    gone: list[tuple[int, int]]


def messages_before(profile_id: int, room_id: int, before: int | None = None, limit: int = PAGE) -> History | None:
    """The `limit` messages below the number `before`, or the last ones; None if the person may not see the room."""
    count = _readable(profile_id, room_id).values_list("message_count", flat=True).first()
    if count is None:
        return None
    # Asked again by the statement that reads: between the two they may have been removed.
    messages = Message.objects.filter(Exists(_readable(profile_id, room_id)), room_id=room_id)
    if before is not None:
        messages = messages.filter(number__lt=before)
    found = list(messages.select_related("sender").order_by("-number")[:limit])[::-1]
    first = found[0].number if len(found) == limit else 1
    return History(found, _gaps([message.number for message in found], first, min(count, (before or count + 1) - 1)))


def _gaps(numbers: Sequence[int], first: int, last: int) -> list[tuple[int, int]]:
    """The ranges from `first` to `last` of what is not among the numbers, which ascend."""
    ends = pairwise([first - 1, *numbers, max(last, *numbers, 0) + 1])
    return [(one + 1, other - 1) for one, other in ends if other - one > 1]


def changes_after(profile_id: int, room_id: int, cursor: int) -> list[Message]:
    """The next messages of a room in the order in which they changed, `REPLAY_PAGE` at most; none for a non-member."""
    return [_message(row) for row in _CHANGES_AFTER(room_id, cursor, profile_id)]


def head_after(profile_id: int, room_id: int, cursor: int) -> int | None:
    """How far a cursor may move after which no changes were found.

    To where the room is, if there are none: their rows are gone. Nowhere, if some have come meanwhile. None where the
    room is not ahead of it at all, and for a non-member.
    """
    membership = Membership.objects.filter(room=OuterRef("pk"), profile_id=profile_id)
    # As the changes are read: one whose sender is gone is none.
    sender = Profile.objects.filter(pk=OuterRef("sender"))
    later = Message.objects.filter(Exists(sender), room=OuterRef("pk"), changed__gt=cursor)
    room = Room.objects.filter(Exists(membership), pk=room_id).annotate(moves=Exists(later)).first()
    if room is None or room.sequence <= cursor:
        return None
    return cursor if room.moves else room.sequence


def rooms_of(profile_ids: Iterable[int]) -> list[Room]:
    """All rooms that any of these people is in."""
    found = {
        room.pk: room
        for some in pieces(profile_ids)
        for room in Room.objects.filter(memberships__profile__in=some).distinct()
    }
    return list(found.values())


def rooms_with(profile_id: int) -> QuerySet[Room]:
    """The rooms that a person is in, or has written in."""
    member = Membership.objects.filter(room=OuterRef("pk"), profile_id=profile_id)
    said = Message.objects.filter(sender=profile_id).values("room").order_by()
    return Room.objects.filter(Exists(member) | Q(pk__in=said))


class Head(NamedTuple):
    sequence: int
    read_number: int


def heads_of(profile_ids: Sequence[int]) -> dict[int, dict[int, Head]]:
    """Where each of the rooms that these people are shown stands now, by person and room."""
    found: dict[int, dict[int, Head]] = {profile_id: {} for profile_id in profile_ids}
    for profile_id, room_id, sequence, read_number in _shown(_HEADS, profile_ids):
        found[profile_id][room_id] = Head(sequence, read_number)
    return found


def room_ids_of(profile_ids: Sequence[int]) -> dict[int, set[int]]:
    """All rooms that each of these people is in, by person. For the hub, which compares them with its connections."""
    found: dict[int, set[int]] = {profile_id: set() for profile_id in profile_ids}
    for profile_id, room_id in _ROOM_IDS(profile_ids):
        found[profile_id].add(room_id)
    return found


def room_heads(room_ids: Iterable[int]) -> dict[int, int]:
    """The sequence at which each of these rooms is. For the hub, whose connections' memberships have been checked."""
    heads = Room.objects.values_list("pk", "sequence")
    return {pk: sequence for some in pieces(room_ids) for pk, sequence in heads.filter(pk__in=some)}


def members_among(room_id: int, profile_ids: Iterable[int]) -> set[int]:
    """Who of these people is in a room."""
    members = Membership.objects.filter(room_id=room_id).values_list("profile_id", flat=True)
    return {member for some in pieces(profile_ids) for member in members.filter(profile_id__in=some)}


def changes(room_id: int, cursor: int) -> list[Message]:
    """Like `changes_after`, for connections whose memberships are checked by whoever asks."""
    messages = Message.objects.filter(room_id=room_id, changed__gt=cursor).select_related("sender", "room")
    return list(messages.order_by("changed")[:REPLAY_PAGE])


def may_read(profile_id: int, room_id: int) -> bool:
    """Whether the person may see what is said in a room. Asked after something was read, it was allowed."""
    return _readable(profile_id, room_id).exists()


def _readable(profile_id: int, room_id: int) -> QuerySet[Room]:
    membership = Membership.objects.filter(room=OuterRef("pk"), profile_id=profile_id)
    return Room.objects.filter(Q(kind=Room.Kind.PUBLIC) | Exists(membership), pk=room_id)


# Who is here.

NAMES_SHOWN = 100


@dataclass
class Picture:
    """Who is in a room: the counts of all, the first names. `away` is None where a room is public.

    `open` has those of the names that are open ones.
    """

    count: int
    members: int
    here: list[str]
    away: list[str] | None
    open: list[str]


def pictures(room_ids: Iterable[int], now: datetime) -> dict[Room, Picture]:
    """Who is here now, for each of these rooms."""
    return _pictures([room for some in pieces(room_ids) for room in Room.objects.filter(pk__in=some)], now)


def picture(room: Room, now: datetime) -> Picture:
    """Who is here now, in a room that the caller has found by a query that held the permission."""
    return _pictures([room], now)[room]


def picture_of(people: Iterable[Profile], now: datetime) -> Picture:
    """The same for people who have no room together yet."""
    ordered = sorted(people, key=lambda profile: profile.nickname_key)
    live = Lease.objects.filter(expires_at__gt=now).values_list("profile_id", flat=True)
    present = {one for some in pieces(one.pk for one in ordered) for one in live.filter(profile_id__in=some)}
    here = [profile.nickname for profile in ordered if profile.pk in present]
    away = [profile.nickname for profile in ordered if profile.pk not in present]
    return Picture(len(here), len(ordered), here, away, [one.nickname for one in ordered if one.is_open])


def _pictures(rooms: Sequence[Room], now: datetime) -> dict[Room, Picture]:
    """All members of a room are looked at only where they are few, or no more than the people who are here anywhere."""
    small, large = _by_work(rooms, now)
    found = {room: Picture(0, 0, [], None if room.kind == Room.Kind.PUBLIC else [], []) for room in rooms}
    by_id = {room.pk: picture for room, picture in found.items()}
    for ids in pieces(room.pk for room in small):
        for room_id, is_here, place, count, nickname, kind in _rows_of(_MEMBERS, ids, now):
            if place == 1:
                by_id[room_id].members += count
            _note(by_id[room_id], is_here, place, count, nickname, kind)
    for room_id, rows in _present(large, now).items():
        by_id[room_id].count = sum(count for place, count, *_ in rows if place == 1)
        # Each piece of the people has its first names.
        for *_, nickname, kind in sorted(rows, key=lambda row: row[2])[:NAMES_SHOWN]:
            _note(by_id[room_id], True, 0, 0, nickname, kind)
    for room in large:
        found[room].members = max(room.member_count, found[room].count)
        if room.kind != Room.Kind.PUBLIC:
            for nickname, kind in Cursor().rows(_AWAY, [room.pk, LOOKED_THROUGH, adapted(now)]):
                _note(found[room], False, 0, 0, nickname, kind)
    return found


def _present(rooms: Sequence[Room], now: datetime) -> dict[int, list[tuple]]:
    """Of those who are here anywhere, how many are in each of these rooms and the first names, for each piece of them.

    Never from all members to leases. In one statement with the leases SQLite may read all members after all, to make a
    filter of them that it takes for cheaper: so it thinks where its statistics are from when nobody was here.
    """
    found: dict[int, list[tuple]] = defaultdict(list)
    people = _live(now) if rooms else []
    for ids in pieces(room.pk for room in rooms):
        for some in pieces(people):
            wanted, here = padded(ids), padded(some)
            sql = _PRESENT.format(rooms=marks(wanted), people=marks(here))
            for room_id, *row in Cursor().rows(sql, [*wanted, *here]):
                found[room_id].append(tuple(row))
    return found


def _live(now: datetime) -> list[int]:
    """Who is here now."""
    return list(Lease.objects.filter(expires_at__gt=now).values_list("profile_id", flat=True).distinct())


def _by_work(rooms: Sequence[Room], now: datetime) -> tuple[list[Room], list[Room]]:
    """Rooms of which all members are looked at, and those of which the people who are here are."""
    few = NAMES_SHOWN
    if any(room.member_count > few for room in rooms):
        few = max(few, Lease.objects.filter(expires_at__gt=now).count())
    private = max(few, LOOKED_THROUGH)  # Those who are away are named there too.
    small: list[Room] = []
    large: list[Room] = []
    for room in rooms:
        is_small = room.member_count <= (few if room.kind == Room.Kind.PUBLIC else private)
        (small if is_small else large).append(room)
    return small, large


def _rows_of(sql: str, room_ids: list[int], now: datetime) -> list[tuple]:
    wanted = padded(room_ids)
    return Cursor().rows(sql.format(rooms=marks(wanted)), [adapted(now), *wanted])


def _note(picture: Picture, is_here: bool, place: int, count: int, nickname: str, kind: str) -> None:
    """Adds one name; the first one of those who are here says how many they are."""
    if place == 1 and is_here:
        picture.count = count
    names = picture.here if is_here else picture.away
    if names is not None:
        names.append(nickname)
        if kind == Profile.Kind.OPEN:
            picture.open.append(nickname)


# Own parts.

_UNREAD = {"created_at", "seen_at", "skeleton"}
_PROFILE_FIELDS = [field.attname for field in Profile._meta.concrete_fields if field.attname not in _UNREAD]
_PROFILES = Prepared(lambda user_ids: Profile.objects.filter(pk__in=user_ids).values_list(*_PROFILE_FIELDS))
_HOLDERS = Prepared(
    lambda profile_ids: Profile.objects.filter(pk__in=profile_ids, kind=Profile.Kind.OPEN).values_list("pk", "holder")
)
_UNREAD_FIELDS = ("created_at", "title_key", "last_message_at")
_ROOM_FIELDS = [field.attname for field in Room._meta.concrete_fields if field.attname not in _UNREAD_FIELDS]
_OWN = Membership.objects.values_list("profile_id", "read_number", "role", *(f"room__{name}" for name in _ROOM_FIELDS))
_OWN_NAMED = Prepared(lambda profile_id, room_ids: _OWN.filter(profile_id=profile_id, room_id__in=room_ids))
_OWN_ROOM = Prepared(lambda profile_id, room_id: _OWN.filter(profile_id=profile_id, room_id=room_id))
_OWN_ROOM_IDS = Prepared(
    lambda profile_ids: (
        Membership.objects.filter(profile_id__in=profile_ids)
        .exclude(room__kind=Room.Kind.DIRECT)
        .values_list("profile_id", "room_id")
    )
)
_ROOM_IDS = Prepared(
    lambda profile_ids: Membership.objects.filter(profile_id__in=profile_ids).values_list("profile_id", "room_id")
)

_TABLES = {model: model._meta.db_table for model in (Membership, Profile, Lease, Room, Ban)}
_BANS = (
    f"SELECT profile_id, network FROM {_TABLES[Ban]} WHERE (until IS NULL OR until > %s)"  # noqa: S608
    " AND (network <> '' OR profile_id IN ({people}))"
)
# The ORM would ask anew for each leaseholder at each mention of `here`.
_MEMBERS = f"""
    SELECT room_id, here, place, count, nickname, kind FROM (
        SELECT room_id, here, nickname, kind, is_public, COUNT(*) OVER (PARTITION BY room_id, here) AS count,
            ROW_NUMBER() OVER (PARTITION BY room_id, here ORDER BY nickname_key) AS place
        FROM (
            SELECT member.room_id, present.profile_id IS NOT NULL AS here, person.nickname, person.nickname_key,
                person.kind, room.kind = '{Room.Kind.PUBLIC}' AS is_public
            FROM {_TABLES[Membership]} member
            JOIN {_TABLES[Room]} room ON room.id = member.room_id
            JOIN {_TABLES[Profile]} person ON person.user_id = member.profile_id
            LEFT JOIN (SELECT DISTINCT profile_id FROM {_TABLES[Lease]} WHERE expires_at > %s) present
                ON present.profile_id = member.profile_id
            WHERE member.room_id IN ({{rooms}})
        ) members
    ) placed
    WHERE place = 1 OR place <= {NAMES_SHOWN} AND (here OR NOT is_public)
    ORDER BY here DESC, place
"""  # noqa: S608
_PRESENT = f"""
    SELECT room_id, place, count, nickname_key, nickname, kind FROM (
        SELECT member.room_id, person.nickname_key, person.nickname, person.kind,
            COUNT(*) OVER (PARTITION BY member.room_id) AS count,
            ROW_NUMBER() OVER (PARTITION BY member.room_id ORDER BY person.nickname_key) AS place
        FROM {_TABLES[Membership]} member CROSS JOIN {_TABLES[Profile]} person
        WHERE member.room_id IN ({{rooms}}) AND member.profile_id IN ({{people}}) AND person.user_id = member.profile_id
    ) placed
    WHERE place <= {NAMES_SHOWN}
"""  # noqa: S608
_AWAY = f"""
    SELECT person.nickname, person.kind
    FROM (SELECT profile_id FROM {_TABLES[Membership]} WHERE room_id = %s ORDER BY profile_id LIMIT %s) member
    CROSS JOIN {_TABLES[Profile]} person
    WHERE person.user_id = member.profile_id AND NOT EXISTS
        (SELECT 1 FROM {_TABLES[Lease]} held WHERE held.profile_id = member.profile_id AND held.expires_at > %s)
    ORDER BY person.nickname_key
    LIMIT {NAMES_SHOWN}
"""  # noqa: S608
_HERE_IN_PUBLIC = f"""
    SELECT member.room_id, COUNT(*) FROM {_TABLES[Membership]} member CROSS JOIN {_TABLES[Room]} room
    WHERE member.profile_id IN ({{people}}) AND room.id = member.room_id AND room.kind = %s
    GROUP BY member.room_id
"""  # noqa: S608

# Of each person's rooms those that they are shown. Window functions are more than `Prepared` can build.
_SHOWN = f"""
    SELECT {{columns}} FROM (
        SELECT member.profile_id, member.read_number, member.role, {", ".join(f"room.{name}" for name in _ROOM_FIELDS)},
            ROW_NUMBER() OVER (
                PARTITION BY member.profile_id, room.kind = '{Room.Kind.DIRECT}'
                ORDER BY CASE WHEN room.slug = '{LOBBY}' THEN 0 ELSE 1 END,
                    COALESCE(room.last_message_at, room.created_at) DESC, room.id DESC
            ) AS place
        FROM {_TABLES[Membership]} member JOIN {_TABLES[Room]} room ON room.id = member.room_id
        WHERE member.profile_id IN ({{people}})
    ) placed
    WHERE place <= CASE WHEN kind = '{Room.Kind.DIRECT}' THEN {DIRECTS_SHOWN} ELSE {OWN_ROOMS_SHOWN} END
"""  # noqa: S608
_OWN_SHOWN = ", ".join(("profile_id", "read_number", "role", *_ROOM_FIELDS))
_HEADS = "profile_id, id, sequence, read_number"


def _shown(columns: str, profile_ids: Sequence[int]) -> list[tuple]:
    rows: list[tuple] = []
    for some in pieces(profile_ids):
        people = padded(some)
        rows += Cursor().rows(_SHOWN.format(columns=columns, people=marks(people)), people)
    return rows


_MESSAGE_FIELDS = [field.attname for field in Message._meta.concrete_fields]
_SENDER_FIELDS = ("user_id", "kind", "nickname")
_CHANGES_AFTER = Prepared(
    lambda room_id, cursor, profile_id: (
        Message.objects.filter(Exists(Membership.objects.filter(room_id=room_id, profile_id=profile_id)))
        .filter(room_id=room_id, changed__gt=cursor)
        .order_by("changed")
        .values_list(*_MESSAGE_FIELDS, *(f"sender__{name}" for name in _SENDER_FIELDS))[:REPLAY_PAGE]
    )
)


def _message(row: tuple) -> Message:
    size = len(_MESSAGE_FIELDS)
    return loaded(Message, _MESSAGE_FIELDS, row[:size], sender=loaded(Profile, _SENDER_FIELDS, row[size:]))


def _own_rooms(rows: list[tuple]) -> list[tuple[int, OwnRoom]]:
    """With whose each of them is. A private room of two whose other person is gone is nobody's any more."""
    found = [(person, loaded(Room, _ROOM_FIELDS, room), read, role) for person, read, role, *room in rows]
    others = _others([(room, person) for person, room, _, _ in found if room.is_direct])
    return [
        (person, OwnRoom(room, read, role, *others.get((room.pk, person), (None, False))))
        for person, room, read, role in found
        if not room.is_direct or (room.pk, person) in others
    ]


def _begins_with(field: str, prefix: str) -> Q:
    """By the field's index: SQLite's knows ranges, PostgreSQL's LIKE, for its order is a language's."""
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": prefix, f"{field}__lt": f"{prefix}\U0010ffff"})
    return Q(**{f"{field}__startswith": prefix})


def _storable(text: str) -> bool:
    """Whether anything stored could be called this: nothing has a name so long, and PostgreSQL cannot look for NUL."""
    return len(text) <= nicknames.KEY_LENGTH and "\0" not in text


def _others(views: Sequence[tuple[Room, int]]) -> dict[tuple[int, int], tuple[str, bool]]:
    """What one person calls a direct room, by room and person: the other's nickname, and whether it is an open one."""
    if not views:
        return {}
    others = {(room.pk, person): other_of(room, person) for room, person in views}
    rows = Profile.objects.values_list("pk", "nickname", "kind")
    people = {
        pk: (nickname, kind == Profile.Kind.OPEN)
        for some in pieces(others.values())
        for pk, nickname, kind in rows.filter(pk__in=some)
    }
    return {view: people[other] for view, other in others.items() if other in people}


def _sidebar_place(own: OwnRoom) -> tuple:
    room = own.room
    if room.is_direct:
        one, other = people_of(room)
        return (2 if one == other else 3, (own.other or "").casefold(), room.pk)
    return (0 if room.is_lobby else 1, room.title.casefold(), room.pk)
