"""What people may make, how often and how much of it: rooms, memberships, direct rooms, invitations."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from chat import queries
from chat.actions import locks, memberships, rates, rooms
from chat.actions.messages import Draft, Stored, post_messages
from chat.models import Departure, Invitation, Membership, Profile, Room
from chat.refusals import Refusal

pytestmark = [pytest.mark.django_db, pytest.mark.above_storage]

HERE, THERE = "192.0.2.1", "192.0.2.2"


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


def refused(action, *arguments) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        action(*arguments)
    return refusal.value


def crowd(count: int) -> list[Profile]:
    users = [f"guest-{number}" for number in range(count)]
    model = Profile._meta.get_field("user").related_model
    made = model.objects.bulk_create([model(username=name) for name in users])
    return Profile.objects.bulk_create(
        [Profile(user=user, nickname=user.username, nickname_key=user.username) for user in made]
    )


def own(profile: Profile, count: int, kind: str = Room.Kind.PUBLIC, role: str = "member") -> list[Room]:
    """Puts a person into so many rooms, without any action."""
    made = Room.objects.bulk_create([Room(kind=kind, title=f"{kind} {n}", slug=f"{kind}-{n}") for n in range(count)])
    Membership.objects.bulk_create([Membership(room=room, profile=profile, role=role) for room in made])
    return made


# How often.


def test_a_person_makes_so_many_rooms_at_once_and_then_waits(alice, bob):
    assert times(lambda number: rooms.create(alice, Room.Kind.PUBLIC, f"Room {number}", "")) == 20
    assert Room.objects.filter(kind=Room.Kind.PUBLIC).count() == 21
    rooms.create(bob, Room.Kind.PUBLIC, "Bob's", "")


def test_a_room_that_is_not_made_costs_nothing(alice):
    rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    for _ in range(30):
        assert rooms.create(alice, Room.Kind.PUBLIC, "Chess", "").title == "Chess"
        assert refused(rooms.create, alice, Room.Kind.PUBLIC, "Lobby", "").code == "title_taken"
    assert times(lambda number: rooms.create(alice, Room.Kind.PUBLIC, f"Room {number}", "")) == 19


def test_new_people_from_one_address_do_not_make_rooms_without_end():
    guests = crowd(12)
    for _ in range(190):
        rates.rooms.addresses.buckets.consume(HERE)
    assert times(lambda n: rooms.create(guests[n], Room.Kind.PRIVATE, f"Room {n}", "", HERE)) == 10
    assert "your address" in refused(rooms.create, guests[-1], Room.Kind.PRIVATE, "One more", "", HERE).detail
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
    """Whoever adds them, and although each of them makes few rooms."""
    cellars = own(alice, 30, Room.Kind.PRIVATE, "owner")
    Membership.objects.bulk_create([Membership(room=room, profile=bob) for room in cellars])
    adders = [alice, bob]
    assert times(lambda number: memberships.add(adders[number % 2], cellars[number], "mallory")) == 20
    assert queries.own_room(mallory.pk, cellars[-1].pk) is None


def test_a_person_does_not_add_others_without_end(alice, den):
    guests = crowd(10)
    for _ in range(93):
        rates._adds.people.buckets.consume(alice.pk)
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
    for _ in range(297):
        rates._begun.buckets.consume(alice.pk)
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
    for _ in range(595):
        rates._begins.addresses.buckets.consume(HERE)
    assert times(lambda number: begin(guests[number], guests[number + 1], number, HERE)) == 5
    begin(guests[9], guests[10], 10, THERE)


# How much.


def test_a_person_is_in_so_many_rooms_and_in_no_more(alice, bob, chess):
    own(bob, rates.ROOMS_IN - 1)
    refusal = refused(memberships.join, bob, chess.slug)
    assert (refusal.code, refusal.retry_after) == ("too_many", None)
    memberships.join(bob, "lobby")
    memberships.leave(bob, Room.objects.get(slug="lobby").pk)
    memberships.join(bob, chess.slug)
    assert refused(rooms.create, bob, Room.Kind.PRIVATE, "One more", "").code == "too_many"


def test_who_is_in_as_many_rooms_as_one_may_is_not_added_to_more(alice, bob):
    own(bob, rates.ROOMS_IN)
    den = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
    refusal = refused(memberships.add, alice, den, "bob")
    assert refusal.code == "too_many"
    assert refusal.detail.startswith("bob is in")


def test_a_person_owns_so_many_rooms_and_no_more(alice):
    own(alice, rates.ROOMS_OWNED, role="owner")
    assert refused(rooms.create, alice, Room.Kind.PUBLIC, "One more", "").code == "too_many"


def test_direct_rooms_do_not_count_among_the_rooms_one_may_be_in(alice, bob, chess):
    Membership.objects.bulk_create(
        [Membership(room=room, profile=bob)
         for room in Room.objects.bulk_create([Room(kind="direct", direct_key=f"0:{n}") for n in range(600)])]
    )  # fmt: skip
    memberships.join(bob, chess.slug)


# Leaving, and coming back.


def test_who_has_left_a_private_room_is_asked_and_not_put_back(alice, bob, den):
    memberships.leave(bob, den.pk)
    assert memberships.add(alice, den, "bob") == (bob, True)
    assert queries.own_room(bob.pk, den.pk) is None
    assert queries.visible_room(bob.pk, den.slug) is None
    (asked,) = queries.invitations_of(bob.pk)
    assert (asked.title, asked.by) == ("Den", "alice")
    assert memberships.accept(bob, asked.id) == den
    assert queries.own_room(bob.pk, den.pk).role == Membership.Role.MEMBER
    assert not Invitation.objects.exists()
    assert not Departure.objects.exists()


def test_who_has_never_been_in_a_room_is_added_at_once(alice, mallory, den):
    assert memberships.add(alice, den, "mallory") == (mallory, False)


def test_who_declines_stays_out_and_is_not_asked_again_for_a_day(alice, bob, den):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    memberships.decline(bob, queries.invitations_of(bob.pk)[0].id)
    assert queries.own_room(bob.pk, den.pk) is None
    assert refused(memberships.add, alice, den, "bob").code == "already_asked"
    Departure.objects.update(declined_at=timezone.now() - timedelta(days=2))
    assert memberships.add(alice, den, "bob").is_asked


def test_nobody_is_asked_twice_at_once(alice, bob, den):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    assert refused(memberships.add, alice, den, "bob").code == "already_asked"


def test_an_invitation_is_the_asked_person_s_alone(alice, bob, mallory, den):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    for action in (memberships.accept, memberships.decline):
        assert refused(action, mallory, asked.id).code == "no_such_invitation"
        assert refused(action, bob, asked.id + 1).code == "no_such_invitation"
    assert queries.invitations_of(mallory.pk) == []
    assert queries.invitations_of(bob.pk) == [asked]


def test_an_invitation_ends_with_the_membership_of_who_asked(alice, bob, den, person):
    person("carol")
    memberships.add(alice, den, "carol")
    memberships.leave(bob, den.pk)
    carol = queries.person("carol")
    memberships.add(carol, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    memberships.remove(alice, den, "carol")
    assert refused(memberships.accept, bob, asked.id).code == "no_such_invitation"


def test_an_invitation_that_is_taken_back_while_it_is_accepted_lets_nobody_in(alice, bob, den, person, monkeypatch):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    lock = locks.room

    @contextmanager
    def take_back(room_id: int) -> Iterator[Room | None]:
        with lock(room_id) as locked:
            Invitation.objects.all().delete()
            yield locked

    monkeypatch.setattr(locks, "room", take_back)
    assert refused(memberships.accept, bob, asked.id).code == "no_such_invitation"
    assert queries.own_room(bob.pk, den.pk) is None


def test_a_person_has_so_many_open_invitations_and_no_more(alice, bob, den, mallory):
    Invitation.objects.bulk_create(
        [Invitation(room=room, profile=bob, by=mallory) for room in own(mallory, rates.INVITATIONS, "private")]
    )
    memberships.leave(bob, den.pk)
    assert refused(memberships.add, alice, den, "bob").code == "too_many"
    assert len(queries.invitations_of(bob.pk)) == rates.INVITATIONS


def test_whom_an_owner_has_removed_only_an_owner_brings_back(alice, bob, den, person):
    person("carol")
    memberships.add(alice, den, "carol")
    memberships.remove(alice, den, "carol")
    refusal = refused(memberships.add, bob, den, "carol")
    assert (refusal.code, refusal.detail) == (
        "forbidden", "carol was removed from “Den”: only its owner may add them again.",
    )  # fmt: skip
    assert memberships.add(alice, den, "carol") == (queries.person("carol"), False)
    assert memberships.remove(alice, den, "carol") is None
    assert Departure.objects.get().was_removed


def test_a_public_room_keeps_no_trace_of_who_left(bob, chess):
    memberships.join(bob, chess.slug)
    memberships.leave(bob, chess.pk)
    assert not Departure.objects.exists()
    memberships.join(bob, chess.slug)


# On the pages.


def page_of(client, profile: Profile):
    client.force_login(profile.user)
    return client


def test_an_invitation_is_shown_with_its_two_answers(client, alice, bob, den):
    memberships.leave(bob, den.pk)
    response = page_of(client, alice).post(f"/rooms/{den.slug}/members/", {"nickname": "bob"}, follow=True)
    assert "whether they want to come back" in response.content.decode()
    page = page_of(client, bob).get("/rooms/").content.decode()
    assert "<bdi>alice</bdi> invites you back to “<bdi>Den</bdi>”" in page
    assert 'aria-label="1 invitation"' in client.get("/rooms/lobby/").content.decode()
    (asked,) = queries.invitations_of(bob.pk)
    response = client.post(f"/invitations/{asked.id}/accept/")
    assert (response.status_code, response["Location"]) == (302, f"/rooms/{den.slug}/")
    assert "invites you" not in client.get("/rooms/").content.decode()


def test_an_invitation_is_declined_by_a_button(client, alice, bob, den):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    response = page_of(client, bob).post(f"/invitations/{asked.id}/decline/", follow=True)
    assert "declined the invitation to “Den”" in response.content.decode()
    assert queries.own_room(bob.pk, den.pk) is None


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_another_s_invitation_is_refused_with_a_sentence(client, alice, bob, mallory, den, answer):
    memberships.leave(bob, den.pk)
    memberships.add(alice, den, "bob")
    (asked,) = queries.invitations_of(bob.pk)
    response = page_of(client, mallory).post(f"/invitations/{asked.id}/{answer}/")
    assert response.status_code == 403
    assert "not open any more" in response.content.decode()
    assert client.get(f"/invitations/{asked.id}/{answer}/").status_code == 405
    assert queries.invitations_of(bob.pk) == [asked]


def test_who_joins_too_fast_is_told_when_to_come_again(client, bob, chess):
    for _ in range(100):
        rates.moves.count(bob, "")
    response = page_of(client, bob).post(f"/rooms/{chess.slug}/join/")
    assert response.status_code == 429
    assert int(response["Retry-After"]) >= 1
    assert "joining and leaving rooms too fast" in response.content.decode()


def test_who_makes_rooms_too_fast_is_told_in_the_form(client, bob):
    for _ in range(20):
        rates.rooms.count(bob, "")
    response = page_of(client, bob).post("/rooms/new/", {"title": "Plans", "kind": "public"})
    assert "You are making rooms too fast." in response.content.decode()
    assert not Room.objects.filter(title="Plans").exists()


# Upgrading.


def test_rooms_of_before_learn_when_something_was_said_last(alice, chess):
    post_messages([Draft(alice.pk, f"c-{number}", "hi", room_id=chess.pk) for number in range(3)])
    said_at = Room.objects.get(pk=chess.pk).last_message_at
    Room.objects.update(last_message_at=None)
    import_module("chat.migrations.0008_departures").date_rooms(apps, None)
    assert Room.objects.get(pk=chess.pk).last_message_at == said_at
    assert Room.objects.get(slug="lobby").last_message_at is None
