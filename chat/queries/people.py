"""People: profiles, nicknames, and the connections that hold open names."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from chat.models import (
    Lease,
    LockedNickname,
    Profile,
)
from chat.queries.sql import LOOKED_THROUGH, begins_with, columns, loaded, pieces, rows_in, storable, table
from chat.text import nicknames

PEOPLE_SHOWN = 50


def profile_of(user_id: int | None) -> Profile | None:
    """Returns the profile of a signed-in user, or None if the user has not chosen a nickname."""
    return profiles_of([user_id]).get(user_id) if user_id else None


def profiles_of(user_ids: Sequence[int]) -> dict[int, Profile]:
    """Like `profile_of` for many, by user id."""
    profiles = [loaded(Profile, _PROFILE_FIELDS, row) for row in rows_in(_PROFILES, user_ids)]
    return {profile.pk: profile for profile in profiles}


def person(nickname: str) -> Profile | None:
    """Returns the person with this nickname, in any spelling."""
    if not storable(nickname):
        return None
    return Profile.objects.filter(nickname_key=nicknames.key(nickname)).first()


def look_alike(nickname: str) -> Profile | None:
    """Returns a person with a different nickname that looks like this one."""
    twin, skeleton = nicknames.twin(nickname), nicknames.skeleton(nickname)
    alike = Profile.objects.filter(skeleton__in=nicknames.looks(nickname))
    alike = alike.exclude(nickname_key=nicknames.key(nickname))
    return next((one for one in alike if one.skeleton == skeleton or one.nickname[0] == twin[0]), None)


def people_named(nickname_keys: Iterable[str]) -> list[Profile]:
    return [
        profile
        for some in pieces(filter(storable, nickname_keys))
        for profile in Profile.objects.filter(nickname_key__in=some)
    ]


class Person(NamedTuple):
    """A person as others see them."""

    user_id: int
    nickname: str
    is_open: bool

    @classmethod
    def of(cls, user_id: int, nickname: str, kind: str) -> "Person":
        return cls(user_id, nickname, kind == Profile.Kind.OPEN)


class PersonCard(NamedTuple):
    """A person in a list of people, and whether they are here now."""

    nickname: str
    is_open: bool
    here: bool


def people_like(profile_id: int, like: str, now: datetime) -> list[PersonCard]:
    """Returns other people whose nickname contains this text, at most `PEOPLE_SHOWN`.

    Those here now come first, then nicknames that begin with it. Of the others only the `LOOKED_THROUGH` who joined
    last are searched. For "" only those here now are returned.
    """
    if not storable(like):
        return []
    key = nicknames.key(like)
    others = Profile.objects.exclude(Q(pk=profile_id) | Q(kind=Profile.Kind.DELETED)).order_by("nickname_key")
    here = others.filter(pk__in=Lease.objects.filter(expires_at__gt=now).values("profile"))
    if not like.strip():
        return [PersonCard(one.nickname, one.is_open, here=True) for one in here[:PEOPLE_SHOWN]]
    last = Profile.objects.order_by("-pk").values("pk")[:LOOKED_THROUGH]
    found: dict[int, PersonCard] = {}
    for group, is_here in (
        (here.filter(nickname_key__contains=key), True),
        (others.filter(begins_with("nickname_key", key)), False),
        (others.filter(pk__in=last, nickname_key__contains=key), False),
    ):
        if len(found) < PEOPLE_SHOWN:
            for one in group[:PEOPLE_SHOWN]:
                found.setdefault(one.pk, PersonCard(one.nickname, one.is_open, is_here))
    return list(found.values())[:PEOPLE_SHOWN]


def last_probe(profile_id: int) -> int:
    """Returns the number of the person's last trial message, or 0."""
    return Profile.objects.filter(pk=profile_id).values_list("probe", flat=True).first() or 0


def holders(profile_ids: Sequence[int]) -> dict[int, str]:
    """Returns the connection that holds each of these open names."""
    return dict(rows_in(_HOLDERS, profile_ids))


def absent_open_names(profile_ids: Iterable[int], now: datetime) -> dict[int, str]:
    """Returns those of these people who are erased, or open names with no connection, with their nicknames."""
    live = Lease.objects.filter(profile=OuterRef("pk"), expires_at__gt=now)
    absent = Q(kind=Profile.Kind.DELETED) | Q(~Exists(live), kind=Profile.Kind.OPEN)
    found = Profile.objects.filter(absent).values_list("pk", "nickname")
    return {pk: nickname for some in pieces(profile_ids) for pk, nickname in found.filter(pk__in=some)}


def free_variant(typed: str) -> str:
    """Returns a free nickname close to the typed one; "" if there is nothing to work with, or all are taken."""
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


_UNREAD = {"created_at", "seen_at", "skeleton"}


_PROFILE_FIELDS = [field.attname for field in Profile._meta.concrete_fields if field.attname not in _UNREAD]


_PROFILES = f"SELECT {columns(Profile, _PROFILE_FIELDS)} FROM {table(Profile)} WHERE user_id IN ({{}})"  # noqa: S608


_HOLDERS = (
    f"SELECT user_id, holder FROM {table(Profile)}"  # noqa: S608
    f" WHERE kind = '{Profile.Kind.OPEN}' AND user_id IN ({{}})"
)
