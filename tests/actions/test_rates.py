"""How often people may make things, and how many: rooms, memberships, direct rooms."""

import pytest

from chat import queries
from chat.actions import memberships, rates, rooms
from chat.actions.messages import Draft, Stored, post_messages
from chat.models import Membership, Profile, Room
from chat.refusals import Refusal
from tests.actions.crowds import crowd, own
from tests.actions.outcomes import refusal_of, refused
from tests.pages import browser

pytestmark = [pytest.mark.django_db, pytest.mark.above_storage]

HERE, THERE = "192.0.2.1", "192.0.2.2"
LATER = 1_000_000
"""Ids of people who are not there begin here."""


def times(action, most: int = 2000) -> int:
    """How often an action is done until it is refused for being done too fast."""
    for number in range(most):
        try:
            action(number)
        except Refusal as caught:
            refusal = caught
            break
    else:
        raise AssertionError("It is not limited.")
    assert refusal.code == "too_fast"
    assert refusal.retry_after >= 1
    assert refusal.detail.endswith("and try again.")
    return number


# How often.


def test_a_person_makes_so_many_rooms_at_once_and_then_waits(alice, bob):
    assert times(lambda number: rooms.create(alice, Room.Kind.PUBLIC, f"Room {number}", "")) == 20
    assert Room.objects.filter(kind=Room.Kind.PUBLIC).count() == 21
    rooms.create(bob, Room.Kind.PUBLIC, "Bob's", "")


def test_a_room_that_is_not_made_costs_nothing(alice):
    rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    for _ in range(30):
        assert rooms.create(alice, Room.Kind.PUBLIC, "Chess", "").title == "Chess"
        assert refused(rooms.create, alice, Room.Kind.PUBLIC, "Lobby", "") == "title_taken"
    assert times(lambda number: rooms.create(alice, Room.Kind.PUBLIC, f"Room {number}", "")) == 19


def test_new_people_from_one_address_do_not_make_rooms_without_end():
    guests = crowd(12)
    for _ in range(190):
        rates.rooms.addresses.buckets.consume(HERE)
    assert times(lambda n: rooms.create(guests[n], Room.Kind.PRIVATE, f"Room {n}", "", HERE)) == 10
    assert "your address" in refusal_of(rooms.create, guests[-1], Room.Kind.PRIVATE, "One more", "", HERE).detail
    rooms.create(guests[-1], Room.Kind.PRIVATE, "Elsewhere", "", THERE)


def test_a_room_is_changed_so_often(alice, chess):
    assert times(lambda number: rooms.edit(alice, chess, "Chess", f"Topic {number}")) == 20


def test_joining_and_leaving_is_counted(alice, bob, chess):
    def come_and_go(number: int) -> None:
        if number % 2:
            memberships.leave(bob, chess.pk)
        else:
            memberships.join(bob, chess.slug)

    assert times(come_and_go) == 100
    memberships.join(alice, "lobby")


def test_a_person_is_not_added_to_rooms_without_end(alice, bob, mallory):
    """It makes no difference who adds them, or that each of them makes few rooms."""
    cellars = own(alice, 30, Room.Kind.PRIVATE, "owner")
    Membership.objects.bulk_create([Membership(room=room, profile=bob) for room in cellars])
    adders = [alice, bob]
    assert times(lambda number: memberships.add(adders[number % 2], cellars[number], "mallory")) == 20
    assert queries.own_room(mallory.pk, cellars[-1].pk) is None


def test_a_person_does_not_add_others_without_end(alice, den):
    guests = crowd(10)
    for number in range(93):
        rates.count_adding(alice, Profile(pk=LATER + number), "")
    assert times(lambda number: memberships.add(alice, den, guests[number].nickname)) == 6  # Bob is in already.


def begin(sender: Profile, other: Profile, number: int, address: str = "") -> None:
    (outcome,) = post_messages([Draft(sender.pk, f"c-{number}", "hi", to=other.nickname, address=address)])
    if isinstance(outcome, Refusal):
        raise outcome


def test_a_person_does_not_write_to_new_people_without_end(alice, bob):
    begin(alice, bob, 1000)
    guests = crowd(70)
    assert times(lambda number: begin(alice, guests[number], number)) == 59
    begin(alice, bob, 1001)
    begin(alice, alice, 1002)


def test_a_person_is_not_written_to_by_new_people_without_end(alice):
    guests = crowd(5)
    for number in range(297):
        rates.count_beginning(Profile(pk=LATER + number), alice, "")
    assert times(lambda number: begin(guests[number], alice, number)) == 3


def test_of_a_batch_only_what_begins_too_much_is_refused(alice, bob):
    guests = crowd(70)
    drafts = [Draft(alice.pk, f"c-{guest.pk}", "hi", to=guest.nickname) for guest in guests]
    outcomes = post_messages([*drafts, Draft(bob.pk, "c", "hi", to="alice")])
    assert sum(isinstance(outcome, Stored) for outcome in outcomes) == 61
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refusal)} == {"too_fast"}
    assert Room.objects.filter(kind=Room.Kind.DIRECT).count() == 61


def test_new_people_from_one_address_do_not_write_to_others_without_end():
    guests = crowd(11)
    for number in range(595):
        rates.count_beginning(Profile(pk=LATER + number), Profile(pk=2 * LATER + number), HERE)
    assert times(lambda number: begin(guests[number], guests[number + 1], number, HERE)) == 5
    begin(guests[9], guests[10], 10, THERE)


# How much.


def test_a_person_is_in_so_many_rooms_and_in_no_more(alice, bob, chess):
    own(bob, rates.ROOMS_IN - 1)
    refusal = refusal_of(memberships.join, bob, chess.slug)
    assert (refusal.code, refusal.retry_after) == ("too_many", None)
    memberships.join(bob, "lobby")
    memberships.leave(bob, Room.objects.get(slug="lobby").pk)
    memberships.join(bob, chess.slug)
    assert refused(rooms.create, bob, Room.Kind.PRIVATE, "One more", "") == "too_many"


def test_who_is_in_as_many_rooms_as_one_may_is_not_added_to_more(alice, bob):
    own(bob, rates.ROOMS_IN)
    den = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
    refusal = refusal_of(memberships.add, alice, den, "bob")
    assert refusal.code == "too_many"
    assert refusal.detail.startswith("bob is in")


def test_a_person_owns_so_many_rooms_and_no_more(alice):
    own(alice, rates.ROOMS_OWNED, role="owner")
    assert refused(rooms.create, alice, Room.Kind.PUBLIC, "One more", "") == "too_many"


def test_direct_rooms_do_not_count_among_the_rooms_one_may_be_in(alice, bob, chess):
    Membership.objects.bulk_create(
        [Membership(room=room, profile=bob)
         for room in Room.objects.bulk_create([Room(kind="direct", direct_key=f"0:{n}") for n in range(600)])]
    )  # fmt: skip
    memberships.join(bob, chess.slug)


# On the pages.


def test_who_joins_too_fast_is_told_when_to_come_again(bob, chess):
    for _ in range(100):
        rates.moves.count(bob, "")
    response = browser(bob).post(f"/rooms/{chess.slug}/join/")
    assert response.status_code == 429
    assert int(response["Retry-After"]) >= 1
    assert "joining and leaving rooms too fast" in response.content.decode()


def test_who_makes_rooms_too_fast_is_told_in_the_form(bob):
    for _ in range(20):
        rates.rooms.count(bob, "")
    response = browser(bob).post("/rooms/new/", {"title": "Plans", "kind": "public"})
    assert "creating rooms too fast." in response.content.decode()
    assert not Room.objects.filter(title="Plans").exists()
