"""People, rooms and sessions for a load: made in one go inside the site, where 200 join forms would take a minute."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.servers import Cluster

_districts = count(1)


@dataclass(frozen=True)
class Account:
    """Somebody who is signed in: what a browser would hold."""

    id: int
    nickname: str
    session: str


@dataclass(frozen=True)
class District:
    """People and their rooms, by the rooms' ids. Nobody else is in them."""

    accounts: list[Account]
    members: dict[int, list[Account]]
    slugs: dict[int, str]


def settle(cluster: Cluster, people: int, room_size: int, kind: str = "public") -> District:
    """New people in new rooms of `room_size`."""
    call = (
        f"from tests.delivery.population import populate; populate({next(_districts)}, {people}, {room_size}, {kind!r})"
    )
    made = json.loads(cluster.manage("shell", "--verbosity", "0", "-c", call))
    accounts = [Account(*row) for row in made["people"]]
    by_id = {account.id: account for account in accounts}
    members = {int(room): [by_id[person] for person in inside] for room, (_, inside) in made["rooms"].items()}
    slugs = {int(room): slug for room, (slug, _) in made["rooms"].items()}
    return District(accounts, members, slugs)


def populate(district: int, people: int, room_size: int, kind: str) -> None:
    """Runs inside the site, and prints whom and what it has made. The first member of each room owns it.

    Straight into the tables: nobody is connected yet who would have to hear of it.
    """
    from django.db import transaction

    from chat.models import Membership

    with transaction.atomic():
        profiles = _people([f"d{district}p{number}" for number in range(people)])
        rooms = {}
        for number in range(0, people, room_size):
            members = profiles[number : number + room_size]
            room = _room(f"d{district}r{number}", kind, len(members))
            Membership.objects.bulk_create(Membership(room=room, profile=profile) for profile in members)
            Membership.objects.filter(room=room, profile=members[0]).update(role=Membership.Role.OWNER)
            rooms[room.pk] = room.slug, [profile.pk for profile in members]
        rows = [(profile.pk, profile.nickname, _session(profile.user)) for profile in profiles]
    print(json.dumps({"people": rows, "rooms": rooms}))


def _people(nicknames: list[str]) -> list[Any]:
    from django.contrib.auth import get_user_model

    from chat.models import Profile

    users = [get_user_model()(username=nickname, password="!") for nickname in nicknames]
    users = get_user_model().objects.bulk_create(users)
    return Profile.objects.bulk_create(
        Profile(user=user, nickname=nickname, nickname_key=nickname)
        for user, nickname in zip(users, nicknames, strict=True)
    )


def _room(title: str, kind: str, members: int) -> Any:
    from chat.models import Room

    return Room.objects.create(kind=kind, slug=title, title=title, title_key=title, member_count=members)


def _session(user: Any) -> str:
    from importlib import import_module

    from django.conf import settings
    from django.contrib import auth

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[auth.SESSION_KEY] = str(user.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key
