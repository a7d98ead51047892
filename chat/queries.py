"""The only reads. Each starts from the person who asks, so that what they may not see is not found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from chat.models import LOBBY, Invitation, Lease, Membership, Message, Profile, Room
from chat.models.room import direct_key, other_of, people_of
from chat.prepared import Cursor, Prepared, adapted, loaded, marks, padded
from chat.text import lines, nicknames

PAGE = 50
REPLAY_PAGE = 50
PEOPLE_SHOWN = 50
ROOMS_SHOWN = 500
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
    alike = Profile.objects.filter(skeleton=nicknames.skeleton(nickname))
    return alike.exclude(nickname_key=nicknames.key(nickname)).first()


def people(nickname_keys: Iterable[str]) -> list[Profile]:
    return list(Profile.objects.filter(nickname_key__in=filter(_storable, nickname_keys)))


class Person(NamedTuple):
    nickname: str
    is_open: bool
    here: bool


def people_like(profile_id: int, like: str, now: datetime) -> list[Person]:
    """The others whose nickname has this in it, `PEOPLE_SHOWN` at most; those who are here now first.

    Of "" only those who are here now.
    """
    if not _storable(like):
        return []
    live = Lease.objects.filter(profile=OuterRef("pk"), expires_at__gt=now)
    found = Profile.objects.exclude(pk=profile_id).annotate(here=Exists(live))
    found = found.filter(nickname_key__contains=nicknames.key(like)) if like.strip() else found.filter(here=True)
    ordered = found.order_by("-here", "nickname_key")[:PEOPLE_SHOWN]
    return [Person(profile.nickname, profile.is_open, profile.here) for profile in ordered]


def last_probe(profile_id: int) -> int:
    """The number of the person's last trial message; 0 where there is none."""
    return Profile.objects.filter(pk=profile_id).values_list("probe", flat=True).first() or 0


def holders(profile_ids: Sequence[int]) -> dict[int, str]:
    """Which connection speaks under each of these open names."""
    return dict(_HOLDERS(profile_ids))


def absent_open_names(profile_ids: Iterable[int], now: datetime) -> dict[int, str]:
    """Which of these people are open names that nobody is connected under, and what they are called."""
    live = Lease.objects.filter(profile=OuterRef("pk"), expires_at__gt=now)
    found = Profile.objects.filter(~Exists(live), pk__in=list(profile_ids), kind=Profile.Kind.OPEN)
    return dict(found.values_list("pk", "nickname"))


def free_variant(typed: str) -> str:
    """A nickname near to what was typed that nobody has; "" where there is nothing to go by."""
    variants = nicknames.variants(typed)
    while some := {nicknames.key(nickname): nickname for nickname in islice(variants, 100)}:
        skeletons = {key: nicknames.skeleton(nickname) for key, nickname in some.items()}
        rows = Profile.objects.filter(Q(nickname_key__in=some) | Q(skeleton__in=skeletons.values()))
        taken = {text for row in rows.values_list("nickname_key", "skeleton") for text in row}
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

    Of very many only those in which something was said last (`ROOMS_SHOWN`, `DIRECTS_SHOWN`).
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
    rows: list[tuple] = []
    wanted = sorted(room_ids, reverse=True)
    for begin in range(0, len(wanted), _PIECE):
        rows += _OWN_NAMED(profile_id, wanted[begin : begin + _PIECE])
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
    rooms = Room.objects.filter(kind=Room.Kind.PUBLIC)
    return next((room for room in rooms if lines.key(room.title) == lines.key(title)), None)


def room_made_by(profile_id: int, kind: str, title: str, topic: str, after: datetime) -> Room | None:
    """The room that a person has made with these words since then, if nothing is said in it yet."""
    owned = Membership.objects.filter(room=OuterRef("pk"), profile_id=profile_id, role=Membership.Role.OWNER)
    fresh = Room.objects.filter(Exists(owned), created_at__gt=after, message_count=0)
    return fresh.filter(kind=kind, title=title, topic=topic).first()


def slugs_like(slug: str) -> set[str]:
    """The slugs that begin with this one."""
    return {str(found) for found in Room.objects.filter(slug__startswith=slug).values_list("slug", flat=True)}


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


def public_rooms(now: datetime, profile_id: int | None = None, like: str = "") -> list[Card]:
    """The lobby, then the others, those with the most people first; only those that have `like` in their words."""
    leases = Lease.objects.filter(profile=OuterRef("profile"), expires_at__gt=now)
    counts = {
        row["room"]: (row["members"], row["here"])
        for row in Membership.objects.filter(room__kind=Room.Kind.PUBLIC)
        .values("room")
        .annotate(members=Count("pk"), here=Count("pk", filter=Exists(leases)))
    }
    joined = set(own_room_ids(profile_id)) if profile_id else set()
    cards = [
        Card(room.title, room.topic, room.slug or "", room.get_absolute_url(), here, members, room.pk in joined)
        for room in Room.objects.filter(kind=Room.Kind.PUBLIC)
        if nicknames.key(like) in nicknames.key(f"{room.title} {room.topic}")
        for members, here in [counts.get(room.pk, (0, 0))]
    ]
    return sorted(cards, key=lambda card: (card.slug != LOBBY, -card.here, -card.members, card.title.casefold()))


# Messages.


def messages_before(profile_id: int, room_id: int, before: int | None, limit: int) -> list[Message] | None:
    """The `limit` messages below the number `before`, ascending; None if the person may not see the room."""
    if not _may_read(profile_id, room_id):
        return None
    return last_messages(room_id, before, limit)


def last_messages(room_id: int, before: int | None = None, limit: int = PAGE) -> list[Message]:
    """The last messages of a room that the caller has found by a query that held the permission."""
    messages = Message.objects.filter(room_id=room_id).select_related("sender").order_by("-number")
    if before is not None:
        messages = messages.filter(number__lt=before)
    return list(messages[:limit])[::-1]


def changes_after(profile_id: int, room_id: int, cursor: int) -> list[Message]:
    """The next messages of a room in the order in which they changed, `REPLAY_PAGE` at most; none for a non-member."""
    return [_message(row) for row in _CHANGES_AFTER(room_id, cursor, profile_id)]


def rooms_of(profile_ids: Iterable[int]) -> list[Room]:
    """All rooms that any of these people is in."""
    return list(Room.objects.filter(memberships__profile__in=list(profile_ids)).distinct())


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
    return dict(Room.objects.filter(pk__in=list(room_ids)).values_list("pk", "sequence"))


def members_among(room_id: int, profile_ids: Iterable[int]) -> set[int]:
    """Who of these people is in a room."""
    found = Membership.objects.filter(room_id=room_id, profile_id__in=list(profile_ids))
    return set(found.values_list("profile_id", flat=True))


def changes(room_id: int, cursor: int) -> list[Message]:
    """Like `changes_after`, for connections whose memberships are checked by whoever asks."""
    messages = Message.objects.filter(room_id=room_id, changed__gt=cursor).select_related("sender", "room")
    return list(messages.order_by("changed")[:REPLAY_PAGE])


def _may_read(profile_id: int, room_id: int) -> bool:
    membership = Membership.objects.filter(room=OuterRef("pk"), profile_id=profile_id)
    return Room.objects.filter(Q(kind=Room.Kind.PUBLIC) | Exists(membership), pk=room_id).exists()


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
    return _pictures(Room.objects.filter(pk__in=list(room_ids)), now)


def picture(room: Room, now: datetime) -> Picture:
    """Who is here now, in a room that the caller has found by a query that held the permission."""
    return _pictures([room], now)[room]


def picture_of(people: Iterable[Profile], now: datetime) -> Picture:
    """The same for people who have no room together yet."""
    leases = Lease.objects.filter(profile__in=people, expires_at__gt=now)
    present = set(leases.values_list("profile_id", flat=True))
    ordered = sorted(people, key=lambda profile: profile.nickname_key)
    here = [profile.nickname for profile in ordered if profile.pk in present]
    away = [profile.nickname for profile in ordered if profile.pk not in present]
    return Picture(len(here), len(ordered), here, away, [one.nickname for one in ordered if one.is_open])


def _pictures(rooms: Iterable[Room], now: datetime) -> dict[Room, Picture]:
    """In one query: of those who are here in each room, and those who are away, how many and the first names."""
    found = {room: Picture(0, 0, [], None if room.kind == Room.Kind.PUBLIC else [], []) for room in rooms}
    if not found:
        return found
    by_id = {room.pk: picture for room, picture in found.items()}
    room_ids = padded(list(by_id))
    rows = Cursor().rows(_MEMBERS.format(rooms=marks(room_ids)), [adapted(now), *room_ids])
    for room_id, is_here, place, count, nickname, kind in rows:
        picture = by_id[room_id]
        if place == 1:
            picture.members += count
            picture.count += count if is_here else 0
        names = picture.here if is_here else picture.away
        if names is not None:
            names.append(nickname)
            if kind == Profile.Kind.OPEN:
                picture.open.append(nickname)
    return found


# Own parts.

_UNREAD = {"created_at", "skeleton"}
_PROFILE_FIELDS = [field.attname for field in Profile._meta.concrete_fields if field.attname not in _UNREAD]
_PROFILES = Prepared(lambda user_ids: Profile.objects.filter(pk__in=user_ids).values_list(*_PROFILE_FIELDS))
_HOLDERS = Prepared(
    lambda profile_ids: Profile.objects.filter(pk__in=profile_ids, kind=Profile.Kind.OPEN).values_list("pk", "holder")
)
_UNREAD_FIELDS = ("created_at", "last_message_at")
_ROOM_FIELDS = [field.attname for field in Room._meta.concrete_fields if field.attname not in _UNREAD_FIELDS]
_OWN = Membership.objects.values_list("profile_id", "read_number", "role", *(f"room__{name}" for name in _ROOM_FIELDS))
_OWN_NAMED = Prepared(lambda profile_id, room_ids: _OWN.filter(profile_id=profile_id, room_id__in=room_ids))
_PIECE = 1000
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

_TABLES = {model: model._meta.db_table for model in (Membership, Profile, Lease, Room)}
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
    WHERE place <= CASE WHEN kind = '{Room.Kind.DIRECT}' THEN {DIRECTS_SHOWN} ELSE {ROOMS_SHOWN} END
"""  # noqa: S608
_OWN_SHOWN = ", ".join(("profile_id", "read_number", "role", *_ROOM_FIELDS))
_HEADS = "profile_id, id, sequence, read_number"


def _shown(columns: str, profile_ids: Sequence[int]) -> list[tuple]:
    if not profile_ids:
        return []
    people = padded(list(profile_ids))
    return Cursor().rows(_SHOWN.format(columns=columns, people=marks(people)), people)


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
    """With whose each of them is."""
    found = [(person, loaded(Room, _ROOM_FIELDS, room), read, role) for person, read, role, *room in rows]
    others = _others([(room, person) for person, room, _, _ in found if room.is_direct])
    return [
        (person, OwnRoom(room, read, role, *others.get((room.pk, person), (None, False))))
        for person, room, read, role in found
    ]


def _storable(text: str) -> bool:
    """Whether anything stored could be called this: nothing has a name so long, and PostgreSQL cannot look for NUL."""
    return len(text) <= nicknames.KEY_LENGTH and "\0" not in text


def _others(views: Sequence[tuple[Room, int]]) -> dict[tuple[int, int], tuple[str, bool]]:
    """What one person calls a direct room, by room and person: the other's nickname, and whether it is an open one."""
    if not views:
        return {}
    others = {(room.pk, person): other_of(room, person) for room, person in views}
    rows = Profile.objects.filter(pk__in=set(others.values())).values_list("pk", "nickname", "kind")
    people = {pk: (nickname, kind == Profile.Kind.OPEN) for pk, nickname, kind in rows}
    return {view: people[other] for view, other in others.items()}


def _sidebar_place(own: OwnRoom) -> tuple:
    room = own.room
    if room.is_direct:
        one, other = people_of(room)
        return (2 if one == other else 3, (own.other or "").casefold(), room.pk)
    return (0 if room.is_lobby else 1, room.title.casefold(), room.pk)
