"""People who are in very many rooms: what they are shown is bounded, and nothing that is said to them is lost."""

import json
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from chat import queries
from chat.actions.messages import Draft, post_messages
from chat.live import hub
from chat.live.connection import ROOMS_KEPT
from chat.models import LOBBY, Membership, Profile, Room
from chat.wire import protocol
from tests.clients import frames_of, post
from tests.pages import browser

pytestmark = pytest.mark.above_storage


def crowd(count: int) -> list[Profile]:
    model = Profile._meta.get_field("user").related_model
    users = model.objects.bulk_create([model(username=f"guest-{uuid4().hex[:12]}") for number in range(count)])
    return Profile.objects.bulk_create(
        [Profile(user=user, nickname=user.username, nickname_key=user.username) for user in users]
    )


def fill(profile: Profile, directs: int, others: int = 0) -> list[Room]:
    """Direct rooms with so many people, each with a message, and so many other rooms: as they were before limits."""
    guests = crowd(directs)
    now = timezone.now()
    made = Room.objects.bulk_create(
        [
            Room(kind="direct", direct_key=f"{profile.pk}:{guest.pk}", sequence=1, message_count=1, last_message_at=now)
            for guest in guests
        ]
    )
    Membership.objects.bulk_create([Membership(room=room, profile=profile) for room in made])
    halls = Room.objects.bulk_create(
        [
            Room(kind="private", title="A hall whose title is long", slug=f"hall-{profile.pk}-{number}")
            for number in range(others)
        ]
    )
    Membership.objects.bulk_create([Membership(room=room, profile=profile) for room in halls])
    if connection.vendor == "postgresql":
        # As the server does by itself a minute after tables have grown: until then it keeps to plans for empty ones.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE chat_room, chat_membership, chat_profile")
    return made


@pytest.mark.django_db
def test_of_very_many_rooms_those_are_shown_in_which_something_was_said_last(alice, monkeypatch):
    for name in ("_OWN_LISTED", "_HEADS"):
        sql = getattr(queries.rooms, name)
        monkeypatch.setattr(queries.rooms, name, sql.replace("THEN 200 ELSE 500", "THEN 3 ELSE 2"))
    made = fill(alice, directs=6, others=5)
    post_messages([Draft(alice.pk, "c-1", "hi", made[0].pk)])
    shown = queries.own_rooms(alice.pk)
    assert {own.room.pk for own in shown if own.room.is_direct} == {made[0].pk, made[4].pk, made[5].pk}
    assert {own.room.slug for own in shown if not own.room.is_direct} == {LOBBY, f"hall-{alice.pk}-4"}
    assert queries.heads_of([alice.pk])[alice.pk].keys() == {own.room.pk for own in shown}


@pytest.mark.django_db
def test_rooms_are_found_by_their_ids_for_those_who_are_in_them_alone(alice, bob):
    made = fill(alice, directs=3)
    ids = [room.pk for room in made]
    assert [own.room.pk for own in queries.own_rooms_named(alice.pk, ids)] == ids[::-1]
    assert queries.own_rooms_named(bob.pk, ids) == []
    assert queries.own_rooms_named(alice.pk, range(10**6, 10**6 + 2000)) == []


@pytest.mark.proof
@pytest.mark.django_db
def test_a_page_of_somebody_in_very_many_rooms_is_bounded(alice):
    fill(alice, directs=3000, others=2000)
    page = browser(alice).get("/rooms/lobby/")
    assert len(page.context["rooms"]) == queries.OWN_ROOMS_SHOWN + queries.DIRECTS_SHOWN
    assert len(page.content) < 1_500_000


@pytest.mark.django_db
def test_a_page_of_a_direct_room_that_is_not_shown_has_it_in_its_list(alice):
    made = fill(alice, directs=queries.DIRECTS_SHOWN + 1)
    hidden = queries.own_room(alice.pk, made[0].pk)
    page = browser(alice).get(f"/people/{hidden.other.nickname}/")
    assert hidden.room.pk in [room["id"] for room in page.context["boot"]["rooms"]]
    assert page.context["room"]["id"] == hidden.room.pk


POPULATE = """
from tests.queries.test_many_rooms import fill
from chat.models import Profile
fill(Profile.objects.get(nickname={nickname!r}), directs={directs}, others={others})
"""


@pytest.fixture
async def hermit(joins, site):
    """Somebody with 5,000 rooms, and the ids of two direct rooms that they are not shown."""
    person = await joins("hermit")
    site.manage("shell", "-v", "0", "-c", POPULATE.format(nickname=person.nickname, directs=4000, others=1000))
    return person


@pytest.mark.proof
async def test_hello_is_bounded_and_what_is_not_in_it_can_be_asked_for(hermit, site, joins):
    wire = await hermit.connect()
    assert len(wire.hello["rooms"]) == queries.OWN_ROOMS_SHOWN + queries.DIRECTS_SHOWN
    assert len(json.dumps(wire.hello)) < 400_000
    shown = {room["id"] for room in wire.hello["rooms"]}
    direct = [room["id"] for room in wire.hello["rooms"] if room["kind"] == "direct"]
    hidden = min(direct) - 1

    # Cursors that don't name it bring nothing and take nothing away; those that name it bring it.
    await wire.so_far()
    assert not [frame for frame in wire.frames if frame["type"] in ("room", "removed")]
    named = await hermit.connect({hidden: 1})
    assert (await named.expect("room"))["room"]["id"] == hidden
    assert named.synced == {str(hidden): 1}
    assert not [frame for frame in await named.so_far() if frame["type"] == "removed"]

    # A message in another one that was not shown comes, after the room that it was said in.
    another = hidden - 1
    ack = await wire.post("after a long time", room=another)
    assert (await wire.expect("room"))["room"]["id"] == another
    frame = await wire.expect_body("after a long time")
    assert (frame["room"], frame["sequence"]) == (another, ack["sequence"])
    assert frame["message"]["number"] == 2
    assert another not in shown


@pytest.mark.proof
async def test_polls_of_somebody_in_very_many_rooms_go_on(hermit):
    frames = await hermit.poll()
    hello, cursors = frames[0], frames[-1]["rooms"]
    assert len(cursors) == queries.OWN_ROOMS_SHOWN + queries.DIRECTS_SHOWN
    direct = [room["id"] for room in hello["rooms"] if room["kind"] == "direct"]
    hidden, stranger = min(direct) - 1, 10**9
    await hermit.say(post("after a long time", room=hidden))
    named = {**cursors, str(hidden - 1): 1, str(stranger): 1}
    answer = frames_of(await hermit.listen("poll", cursors=named, wait=0))
    assert [frame["room"] for frame in answer if frame["type"] == "removed"] == [stranger]
    assert [frame["room"]["id"] for frame in answer if frame["type"] == "room"] == [hidden]
    assert answer[-1]["rooms"].keys() == {*cursors, str(hidden), str(hidden - 1)}
    again = frames_of(await hermit.listen("poll", cursors=answer[-1]["rooms"], wait=0))
    assert [frame["type"] for frame in again if frame["type"] != "presence"] == ["synced"]


def test_all_cursors_that_a_site_gives_may_be_named():
    assert queries.OWN_ROOMS_SHOWN + queries.DIRECTS_SHOWN + ROOMS_KEPT < protocol.ROOMS_NAMED


def test_a_connection_that_does_not_know_all_of_very_many_rooms_is_not_looked_at_again_and_again():
    few, many = set(range(10)), set(range(queries.DIRECTS_SHOWN + 50))
    shown = dict.fromkeys(range(queries.DIRECTS_SHOWN), 0)

    def is_elsewhere(cursors: dict[int, int], rooms: set[int]) -> bool:
        return hub._is_elsewhere(SimpleNamespace(cursors=cursors), rooms)

    assert not is_elsewhere(shown, many)
    assert is_elsewhere({**shown, 10**6: 0}, many)
    assert not is_elsewhere(dict.fromkeys(few, 0), few)
    assert is_elsewhere(dict.fromkeys(range(9), 0), few)
    assert is_elsewhere(dict.fromkeys(range(11), 0), few)
