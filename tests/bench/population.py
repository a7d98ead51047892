"""People, rooms and sessions straight into a site's tables, in bulk: 10,000 join forms would take minutes."""

import json
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench.town import Town
from tests.servers import Cluster


def settle(cluster: Cluster, town: Town) -> tuple[list[str], list[int], list[str]]:
    """Makes the people and rooms of a town. Answers the people's sessions, and the rooms' ids and slugs."""
    plan = Path(cluster.sites[0].data_dir) / "town.json"
    plan.write_text(json.dumps({"people": town.people, "rooms": [list(members) for members in town.rooms]}))
    call = f"from tests.bench.population import populate; populate({str(plan)!r})"
    made = json.loads(cluster.manage("shell", "--verbosity", "0", "-c", call))
    return made["sessions"], made["rooms"], made["slugs"]


def fill(cluster: Cluster, room: int, messages: int) -> None:
    """So many messages in a room, which is empty so far."""
    call = f"from tests.bench.population import fill_room; fill_room({room}, {messages})"
    cluster.manage("shell", "--verbosity", "0", "-c", call)


def crowd(cluster: Cluster, room: int, people: int) -> None:
    """So many people have once joined the site, and one of its rooms."""
    call = f"from tests.bench.population import crowd_room; crowd_room({room}, {people})"
    cluster.manage("shell", "--verbosity", "0", "-c", call)


def pictures(cluster: Cluster, room: int, times: int) -> Any:
    """The people who are here in a room: how many of how many, and the seconds that it takes to know."""
    call = f"from tests.bench.population import take_pictures; take_pictures({room}, {times})"
    return json.loads(cluster.manage("shell", "--verbosity", "0", "-c", call))


def stored(cluster: Cluster) -> int:
    """How many messages a site has."""
    call = "from chat.models import Message; print(Message.objects.count())"
    return int(cluster.manage("shell", "--verbosity", "0", "-c", call))


def changed(cluster: Cluster) -> int:
    """How many changes all rooms together have had, each on disk."""
    call = "from chat.models import Room; print(sum(Room.objects.values_list('sequence', flat=True)))"
    return int(cluster.manage("shell", "--verbosity", "0", "-c", call))


def populate(plan: str) -> None:
    """Runs inside the site, and prints what it has made."""
    from django.db import transaction

    town = json.loads(Path(plan).read_text())
    with transaction.atomic():
        people = _people(town["people"])
        rooms = _rooms(town["rooms"], people)
        sessions = _sessions(people)
    print(json.dumps({"sessions": sessions, "rooms": [room.pk for room in rooms], "slugs": [r.slug for r in rooms]}))


def fill_room(room_id: int, messages: int) -> None:
    """Runs inside the site: the first message by the usual way, then copies of its row by SQL."""
    from django.db import connection, transaction

    from chat.actions.messages import Draft, post_messages
    from chat.models import Membership, Message, Room

    sender = Membership.objects.filter(room=room_id).values_list("profile_id", flat=True)[0]
    post_messages([Draft(sender, "copy", "This is said again and again.", room_id, None, None)])
    own = {"number": "n", "changed": "n", "client_id": "'copy' || n"}
    columns = [field.column for field in Message._meta.concrete_fields if not field.primary_key]
    values = [own.get(column, f"first.{column}") for column in columns]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) "  # noqa: S608
            f"INSERT INTO chat_message ({', '.join(columns)}) SELECT {', '.join(values)} "
            "FROM numbers, chat_message AS first WHERE first.room_id = %s AND first.number = 1",
            [messages, room_id],
        )
        Room.objects.filter(pk=room_id).update(sequence=messages, message_count=messages)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def crowd_room(room_id: int, people: int) -> None:
    """Runs inside the site: rows like those of one who is there already, by SQL."""
    from django.contrib.auth import get_user_model
    from django.db import connection, transaction

    from chat.models import LOBBY, Membership, Room

    users = get_user_model()
    missing = people - Membership.objects.filter(room=room_id).count()
    columns = ", ".join(field.column for field in users._meta.concrete_fields if field.column not in ("id", "username"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) "  # noqa: S608
            f"INSERT INTO auth_user (username, {columns}) SELECT 'once' || n, {columns} "
            "FROM numbers, (SELECT * FROM auth_user ORDER BY id LIMIT 1) AS first",
            [missing],
        )
        cursor.execute(
            "INSERT INTO chat_profile (user_id, kind, nickname, nickname_key, skeleton, created_at)"
            " SELECT id, 'guest', username, username, username, date_joined FROM auth_user WHERE username LIKE %s",
            ["once%"],
        )
        for room in Room.objects.filter(pk=room_id) | Room.objects.filter(slug=LOBBY):
            cursor.execute(
                "INSERT INTO chat_membership (room_id, profile_id, role, read_number, created_at)"
                " SELECT %s, user_id, 'member', 0, created_at FROM chat_profile WHERE nickname LIKE %s",
                [room.pk, "once%"],
            )
            Room.objects.filter(pk=room.pk).update(member_count=room.memberships.count())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def take_pictures(room_id: int, times: int) -> None:
    """Runs inside the site."""
    from django.utils import timezone

    from chat import queries

    seconds = []
    for _ in range(times + 1):
        began = perf_counter()
        (picture,) = queries.pictures([room_id], timezone.now()).values()
        seconds.append(perf_counter() - began)
    # The first one opens the database.
    print(json.dumps({"members": picture.members, "here": picture.count, "seconds": seconds[1:]}))


def _people(count: int) -> list[Any]:
    from django.contrib.auth import get_user_model

    from chat.models import Profile

    users = [get_user_model()(username=f"person{number}", password="!") for number in range(count)]
    users = get_user_model().objects.bulk_create(users)
    return Profile.objects.bulk_create(
        Profile(user=user, nickname=user.username, nickname_key=user.username) for user in users
    )


def _rooms(plans: list[list[int]], people: list[Any]) -> list[Any]:
    from chat.models import Membership, Room

    names = [f"room{number}" for number in range(len(plans))]
    rooms = Room.objects.bulk_create(
        Room(kind=Room.Kind.PUBLIC, slug=name, title=name, title_key=name, member_count=len(members))
        for name, members in zip(names, plans, strict=True)
    )
    Membership.objects.bulk_create(
        (
            Membership(room=room, profile=people[member])
            for room, members in zip(rooms, plans, strict=True)
            for member in members
        ),
        batch_size=10_000,
    )
    return rooms


def _sessions(people: Iterable[Any]) -> list[str]:
    """A session for each person, as `django.contrib.auth.login` makes them."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib import auth
    from django.contrib.sessions.models import Session
    from django.utils import timezone
    from django.utils.crypto import get_random_string

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    expiry = timezone.now() + timezone.timedelta(days=1)
    rows = [
        Session(
            session_key=get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789"),
            session_data=store.encode(
                {
                    auth.SESSION_KEY: str(person.pk),
                    auth.BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    auth.HASH_SESSION_KEY: person.user.get_session_auth_hash(),
                }
            ),
            expire_date=expiry,
        )
        for person in people
    ]
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]
