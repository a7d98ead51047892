"""Frequent queries cost the same however many people once joined, and rooms were made."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chat import queries
from chat.actions import changes, leases, memberships, people, rooms
from chat.actions.messages import Draft, Original
from chat.actions.saving import Save
from chat.live import admission
from chat.models import Membership, Mention, Message, Pin, Profile, Room, Saved
from chat.refusals import Refusal
from tests.pages import browser, join, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit", "on_sqlite")]

HERE = 20
FEW, MANY = 1_500, 6_000
MARGIN = 1.2


@pytest.fixture
def on_sqlite(db):
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite counts its steps.")


def steps(action: Callable[[], object]) -> int:
    """How many instructions SQLite carries out for it: the same on each run, on any machine."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(step, 1)
    try:
        action()
    finally:
        connection.connection.set_progress_handler(None, 1)
    return count


def grow(total: int, *crowded: Room) -> None:
    """So many people have once joined the site, and been in these rooms."""
    users, start = Profile.user.field.related_model, Profile.objects.count()
    one = users.objects.order_by("pk").first()
    columns = [field.column for field in users._meta.concrete_fields if field.column not in ("id", "username")]
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{numbers} INSERT INTO auth_user (username, {', '.join(columns)})"  # noqa: S608
            f" SELECT 'once' || n, {', '.join(columns)} FROM numbers, auth_user WHERE id = %s",
            [start, total - 1, one.pk],
        )
        cursor.execute(
            "INSERT INTO chat_profile (user_id, kind, nickname, nickname_key, skeleton, created_at)"
            " SELECT id, 'guest', username, username, username, date_joined FROM auth_user"
            " WHERE username LIKE 'once%%' AND id NOT IN (SELECT user_id FROM chat_profile)",
            [],
        )
        for room in crowded:
            cursor.execute(
                "INSERT INTO chat_membership (room_id, profile_id, role, read_number, created_at)"
                " SELECT %s, user_id, 'member', 0, created_at FROM chat_profile WHERE nickname LIKE 'once%%' AND"
                " user_id NOT IN (SELECT profile_id FROM chat_membership WHERE room_id = %s)",
                [room.pk, room.pk],
            )
            Room.objects.filter(pk=room.pk).update(member_count=Membership.objects.filter(room=room).count())


@pytest.mark.parametrize("statistics", [False, True])
@pytest.mark.proof
def test_what_is_asked_costs_the_same_however_many_have_joined(statistics, alice, bob, chess, den, lobby, visitor):
    client, now, numbers = browser(alice), timezone.now(), iter(range(10**6))
    memberships.join(bob, "chess")
    scope = {"headers": [(b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode())]}
    admitted = admission.admit_all([scope])

    def leaves() -> None:
        """The only owner of chess, who comes back afterwards."""
        memberships.leave(alice, chess.pk)
        Membership.objects.filter(room=chess, role=Membership.Role.OWNER).update(role=Membership.Role.MEMBER)
        memberships.enter(alice, chess, Membership.Role.OWNER)

    actions = {
        "picture": lambda: queries.pictures([chess.pk, lobby.pk], now),
        "picture of a private room": lambda: queries.pictures([den.pk], now),
        "join page": lambda: visitor.get("/"),
        "room page": lambda: client.get("/rooms/chess/"),
        "private room's page": lambda: client.get(f"/rooms/{den.slug}/"),
        "directory": lambda: client.get("/rooms/"),
        "people": lambda: client.get("/people/"),
        "people looked for": lambda: client.get("/people/", {"q": "ce10"}),
        "rooms looked for": lambda: client.get("/rooms/", {"q": "che"}),
        "people completed": lambda: client.get("/completion/people/chess", {"q": "on"}),
        "people completed in a private room": lambda: client.get(f"/completion/people/{den.slug}", {"q": "once10"}),
        "handshake": lambda: (admission.admit_all([scope]), queries.own_rooms_of([alice.pk])),
        "heartbeat": lambda: admission.heads_of(admitted),
        "join": lambda: join(Client(), f"new {next(numbers)}"),
        "join and leave": lambda: (memberships.join(bob, "chess"), memberships.leave(bob, chess.pk)),
        "an owner leaves": leaves,
        "a name is taken": lambda: join(Client(), "bob"),
        "post": lambda: say(alice, "hello", room=lobby),
        "mention": lambda: say(alice, "@bob, @once1 and @all, see #Chess", room=chess),
        "renewal": lambda: leases.renew("one", [alice.pk], timedelta(hours=1)),
    }
    crowded = lobby, chess, den
    grow(FEW, *crowded)
    if statistics:  # Taken when nobody was here, they make SQLite plan otherwise.
        connection.cursor().execute("ANALYZE")
    leases.acquire("one", list(den.memberships.values_list("profile", flat=True)[:HERE]), timedelta(hours=1))
    for action in actions.values():  # What is kept after the first time is not counted.
        action()
    before = {what: steps(action) for what, action in actions.items()}
    grow(MANY, *crowded)
    costs = {what: steps(action) / before[what] for what, action in actions.items()}
    assert {what: cost for what, cost in costs.items() if cost > MARGIN} == {}


def test_a_page_of_rooms_costs_the_same_however_many_there_are(alice, bob, chess, visitor):
    client = browser(bob)

    numbers = iter(range(10**6))

    def make(total: int) -> None:
        Room.objects.bulk_create(
            Room(
                kind="public", slug=f"r{number}", title=f"R {number}", title_key=f"r {number}", member_count=number % 7
            )
            for number in range(Room.objects.count(), total)
        )

    looks = {
        "join page": lambda: visitor.get("/"),
        "next page": lambda: client.get("/rooms/", {"after": client.get("/rooms/").context["last"]}),
        "looked for": lambda: client.get("/rooms/", {"q": "r 1"}),
        "completed": lambda: client.get("/completion/rooms", {"q": "r"}),
        "made": lambda: rooms.create(alice, Room.Kind.PUBLIC, f"Another {next(numbers)}", ""),
        "renamed": lambda: rooms.edit(alice, chess, f"Chess {next(numbers)}", ""),
    }
    make(FEW)
    for look in looks.values():
        look()
    before = {what: steps(look) for what, look in looks.items()}
    make(MANY)
    costs = {what: steps(look) / before[what] for what, look in looks.items()}
    assert {what: cost for what, cost in costs.items() if cost > MARGIN} == {}


@pytest.mark.parametrize("is_read", [True, False])
def test_a_list_of_rooms_costs_the_same_however_often_its_person_was_named(is_read, alice, bob, den):
    def name(times: int) -> None:
        """As if bob had been named so often, and as often with everybody."""
        first = den.message_count + 1
        say(alice, "words", room=den, times=times)
        den.refresh_from_db()
        said = Message.objects.filter(room=den, number__gte=first)
        Mention.objects.bulk_create(
            Mention(message=one, room=den, number=one.number, profile=whom) for one in said for whom in (bob, None)
        )
        if is_read:
            memberships.mark_read(bob.pk, den.pk, den.message_count)

    def look() -> list[int]:
        return next(list(own.mentioned) for own in queries.own_rooms(bob.pk) if own.room.pk == den.pk)

    name(50)
    assert len(look()) == (0 if is_read else queries.MENTIONS_SHOWN)
    before = steps(look)
    name(1_000)
    assert steps(look) < before * MARGIN


def test_a_name_near_one_of_which_thousands_are_taken_is_not_looked_for_without_end(
    alice, django_assert_max_num_queries
):
    users = Profile.user.field.related_model
    made = users.objects.bulk_create([users(username=f"u{number}", password="!") for number in range(1_200)])
    names = ["bob", *(f"bob{number}" for number in range(2, 1_201))]
    Profile.objects.bulk_create(
        [Profile(user=user, nickname=name, nickname_key=name) for user, name in zip(made, names, strict=True)]
    )
    with django_assert_max_num_queries(10):
        assert queries.free_variant("bob") == ""
    assert people.join("bobby").nickname == "bobby"


def test_what_is_kept_costs_the_same_however_many_messages_and_pins_there_are_elsewhere(
    alice, bob, mallory, den, chess, lobby
):
    numbers = iter(range(10**6))

    def write(total: int) -> None:
        for room in (den, chess):
            Message.objects.bulk_create(
                Message(
                    room=room, number=number, changed=2 * total + number, sender=alice, client_id=f"{room.pk} {number}",
                    body="words", sent_at=timezone.now(), pinned_at=timezone.now() if room == chess else None,
                )
                for number in range(room.messages.count() + 1, total + 1)
            )  # fmt: skip
            Room.objects.filter(pk=room.pk).update(message_count=total, sequence=4 * total)
        rest = chess.messages.filter(pin=None)
        Pin.objects.bulk_create(Pin(message=one, room=chess, profile=alice, pinned_at=one.pinned_at) for one in rest)
        rest = chess.messages.filter(saved_by=None)
        Saved.objects.bulk_create(Saved(message=one, profile=mallory, saved_at=one.pinned_at) for one in rest)

    def change(*requests) -> None:
        assert not [one for one in changes.store(requests) if isinstance(one, Refusal)]

    def forward() -> None:
        change(Draft(alice.pk, f"f{next(numbers)}", "", lobby.pk, forward=Original(den.pk, 5)))

    looks = {
        "pins": lambda: queries.pins(alice.pk, den.pk),
        "their numbers": lambda: queries.pinned_numbers(alice.pk, den.pk),
        "saved": lambda: queries.saved(alice.pk),
        "saved of a room": lambda: queries.saved_numbers(alice.pk, den.pk),
        "pin": lambda: [change(changes.Pin(alice.pk, "p", den.pk, 9, on)) for on in (True, False)],
        "save": lambda: [change(Save(alice.pk, "s", den.pk, 9, on)) for on in (True, False)],
        "forward": forward,
        "origin": lambda: queries.origin(alice.pk, lobby.pk, 1),
        "leave": lambda: (memberships.remove(alice, den, "bob"), memberships.enter(bob, den)),
        "purge": changes.purge,
    }
    write(FEW)
    for number in range(1, 9):
        change(changes.Pin(alice.pk, "p", den.pk, number, True), Save(alice.pk, "s", den.pk, number, True))
    for look in looks.values():
        look()
    before = {what: steps(look) for what, look in looks.items()}
    write(MANY)
    costs = {what: steps(look) / max(1, before[what]) for what, look in looks.items()}
    assert {what: cost for what, cost in costs.items() if cost > MARGIN} == {}
