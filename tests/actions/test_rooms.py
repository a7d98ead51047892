"""Rooms and memberships: who may do what, and what becomes of the others."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, Event, Thread

import pytest
from django.db import connection
from django.utils import timezone

from chat import queries
from chat.actions import leases, memberships, moderation, people, rooms
from chat.actions.messages import Draft, post_messages
from chat.models import Lease, Membership, Profile, Room
from chat.refusals import Refusal
from tests.actions.outcomes import members, names, refused

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=30)


def own_rooms(profile) -> list[str]:
    return [own.room.title or own.other.nickname for own in queries.own_rooms(profile.pk)]


def test_everybody_is_in_the_lobby_from_the_start(alice, bob, lobby):
    assert members(lobby) == {"alice", "bob"}


def test_a_nickname_is_taken_in_all_its_spellings(person):
    person("Ｂｏｂ")
    assert refused(person, "bob") == "nickname_taken"
    assert refused(person, " BOB ") == "nickname_taken"
    assert queries.free_variant("bob") == "bob2"


def test_a_user_of_the_project_may_take_a_nickname_as_a_member(db, django_user_model):
    user = django_user_model.objects.create_user("someone")
    profile = people.join("someone", user)
    assert (profile.pk, profile.kind) == (user.pk, "member")


@pytest.mark.parametrize(("taken", "alike"), [("limes11", "Iimes11"), ("Ian", "lan")])
def test_a_capital_i_does_not_stand_for_a_small_l_at_the_beginning(person, taken, alike):
    person(taken)
    assert refused(people.join, alike) == "nickname_taken"
    moderation.lock_nickname("lea")
    assert refused(people.join, "Iea") == "nickname_taken"
    moderation.lock_nickname("Ivo")
    assert person("Lvo")


def test_names_are_alike_as_they_are_shown(person):
    person("Lan")
    assert person("Ian")


@pytest.mark.parametrize("alike", ["AIice", "\u0410\u0406\u0456\u0441\u0435"])
def test_a_nickname_is_taken_for_all_that_look_like_it(person, alike):
    person("Alice")
    with pytest.raises(Refusal, match="looks like “Alice”, which is taken") as refusal:
        person(alike)
    assert refusal.value.code == "nickname_taken"
    assert refused(people.join_open, alike, "") == "nickname_taken"
    assert queries.free_variant(alike) == f"{alike}2"


def test_a_name_from_before_names_were_compared_by_their_looks_stays_somebodys(person):
    """Such names stand side by side, and a look alike of both is refused as of any other."""
    legacy = person("mark")
    Profile.objects.filter(pk=legacy.pk).update(nickname="m\u0430rk", nickname_key="m\u0430rk", kind="open")
    with pytest.raises(Refusal, match="looks like “m\u0430rk”"):
        person("mark")
    assert queries.person("M\u0410RK") == legacy
    assert people.join_open("m\u0430rk", "holder") == legacy


def test_of_two_names_that_look_alike_and_come_at_once_one_is_taken(transactional_db, monkeypatch):
    """The second may look only when the first is stored: while the first looks it waits for as long as one lets it."""
    look_alike = queries.look_alike
    has_looked = Event()
    outcomes = []

    def look(nickname):
        alike = look_alike(nickname)
        if nickname == "Alice":
            second.start()
            has_looked.wait(0.5)
        else:
            has_looked.set()
        return alike

    def come():
        try:
            outcomes.append(refused(people.join, "AIice"))
        finally:
            connection.close()

    second = Thread(target=come)
    monkeypatch.setattr(queries, "look_alike", look)
    people.join("Alice")
    second.join(10)
    assert outcomes == ["nickname_taken"]


def test_a_guest_has_no_password(alice):
    assert not alice.user.has_usable_password()
    assert alice.kind == "guest"


def test_who_makes_a_room_owns_it(alice):
    room = rooms.create(alice, Room.Kind.PUBLIC, " 读书  会 ", " Books ")
    assert (room.title, room.topic, room.slug) == ("读书 会", "Books", "读书-会")
    assert queries.own_room(alice.pk, room.pk).role == Membership.Role.OWNER


def test_a_public_title_is_given_once_and_a_private_one_tells_nothing(alice, bob):
    rooms.create(alice, Room.Kind.PRIVATE, "Plans", "")
    assert rooms.create(bob, Room.Kind.PUBLIC, "Plans", "").slug == "plans"
    assert refused(rooms.create, bob, Room.Kind.PUBLIC, "plans", "") == "title_taken"
    rooms.create(bob, Room.Kind.PRIVATE, "Plans", "")


@pytest.mark.parametrize("kind", [Room.Kind.PUBLIC, Room.Kind.PRIVATE])
def test_a_form_that_is_sent_twice_makes_one_room(alice, bob, kind):
    room = rooms.create(alice, kind, "Plans", "of ours")
    assert rooms.create(alice, kind, " Plans", "of ours ") == room
    assert members(room) == {"alice"}


def test_a_room_in_which_something_was_said_is_not_taken_for_a_new_one(alice):
    room = rooms.create(alice, Room.Kind.PRIVATE, "Plans", "")
    post_messages([Draft(alice.pk, "c-1", "hello", room.pk)])
    assert rooms.create(alice, Room.Kind.PRIVATE, "Plans", "") != room


def test_a_room_of_long_ago_is_not_taken_for_a_new_one(alice):
    room = rooms.create(alice, Room.Kind.PRIVATE, "Plans", "")
    Room.objects.filter(pk=room.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    assert rooms.create(alice, Room.Kind.PRIVATE, "Plans", "") != room


@pytest.mark.parametrize(("kind", "title"), [("public", " "), ("direct", "Title"), ("other", "Title")])
def test_a_room_has_a_title_and_a_kind(alice, kind, title):
    assert refused(rooms.create, alice, kind, title, "") == "bad_room"


def test_a_title_that_is_a_word_of_the_site_gets_another_address(alice):
    assert rooms.create(alice, Room.Kind.PUBLIC, "New", "").slug != "new"
    assert rooms.create(alice, Room.Kind.PUBLIC, "🙂", "").slug


def test_only_the_owner_changes_a_room(alice, bob, mallory, den):
    for other in (bob, mallory):
        assert refused(rooms.edit, other, den, "Mine", "") == "forbidden"
    rooms.edit(alice, den, "Ours", "Together")
    den.refresh_from_db()
    assert (den.title, den.topic) == ("Ours", "Together")


def test_private_rooms_are_seen_by_their_members_only(alice, bob, mallory, den):
    assert queries.visible_room(bob.pk, den.slug) == den
    assert queries.visible_room(mallory.pk, den.slug) is None
    assert den.slug not in [card.slug for card in queries.public_rooms(timezone.now(), bob.pk).cards]
    assert queries.messages_before(mallory.pk, den.pk, None, 10) is None
    assert queries.changes_after(mallory.pk, den.pk, 0) == []


def test_a_direct_room_has_no_page_and_nobody_else(alice, bob, mallory):
    room = rooms.direct(alice, bob)
    assert queries.messages_before(mallory.pk, room.pk, None, 10) is None
    assert queries.direct_room_with(mallory.pk, alice.pk) is None
    assert room not in queries.visible_rooms(alice.pk)
    assert refused(memberships.leave, alice, room.pk) == "bad_room"
    assert refused(memberships.add, alice, room, "mallory") == "bad_room"


def test_anyone_joins_a_public_room_and_starts_without_unread_messages(alice, bob):
    room = rooms.create(alice, Room.Kind.PUBLIC, "Open", "")
    post_messages([Draft(alice.pk, "c", "hi", room_id=room.pk)])
    memberships.join(bob, "open")
    memberships.join(bob, "open")
    assert queries.own_room(bob.pk, room.pk).unread == 0


def test_nobody_joins_a_private_room_by_themselves(mallory, den):
    assert refused(memberships.join, mallory, den.slug) == "no_such_room"
    assert refused(memberships.join, mallory, "no-such-room") == "no_such_room"


def test_members_add_others_to_a_private_room_and_nobody_else_does(bob, mallory, den, person):
    assert refused(memberships.add, mallory, den, "mallory") == "not_a_member"
    person("carol")
    memberships.add(bob, den, "CAROL")
    assert members(den) == {"alice", "bob", "carol"}
    assert refused(memberships.add, bob, den, "nobody there") == "no_such_person"


def test_people_are_not_added_to_public_rooms(alice, bob):
    room = rooms.create(alice, Room.Kind.PUBLIC, "Open", "")
    assert refused(memberships.add, alice, room, "bob") == "bad_room"


def test_only_the_owner_removes_people(alice, bob, mallory, den):
    assert refused(memberships.remove, bob, den, "alice") == "forbidden"
    assert refused(memberships.remove, mallory, den, "bob") == "forbidden"
    assert refused(memberships.remove, alice, den, "mallory") == "no_such_person"
    assert refused(memberships.remove, alice, den, "alice") == "forbidden"
    memberships.remove(alice, den, "Bob")
    assert members(den) == {"alice"}


def test_a_room_whose_owner_leaves_goes_to_who_has_been_there_longest(alice, bob, den, person):
    person("carol")
    memberships.add(alice, den, "carol")
    memberships.leave(alice, den.pk)
    assert queries.own_room(bob.pk, den.pk).role == Membership.Role.OWNER


def test_the_lobby_is_nobodys(alice, bob, lobby):
    memberships.leave(alice, lobby.pk)
    assert queries.own_room(bob.pk, lobby.pk).role == Membership.Role.MEMBER


def test_what_somebody_wrote_stays_when_they_leave(alice, bob, den):
    post_messages([Draft(bob.pk, "c", "I was here", room_id=den.pk)])
    memberships.leave(bob, den.pk)
    assert [message.sender.nickname for message in queries.messages_before(alice.pk, den.pk).messages] == ["bob"]


def test_read_marks_move_forward_only_and_not_past_the_end(alice, bob, lobby):
    post_messages([Draft(alice.pk, f"c{number}", "hi", room_id=lobby.pk) for number in range(3)])
    for number, expected in ((2, 2), (1, 2), (99, 3)):
        memberships.mark_read(bob.pk, lobby.pk, number)
        assert queries.own_room(bob.pk, lobby.pk).read_number == expected
    assert refused(memberships.mark_read, bob.pk, 10**9, 1) == "not_a_member"


def test_the_sidebar_has_the_lobby_first_then_rooms_notes_and_people(alice, bob, den):
    rooms.create(alice, Room.Kind.PUBLIC, "Attic", "")
    rooms.direct(alice, bob)
    rooms.direct(bob, bob)
    assert own_rooms(alice) == ["Lobby", "Attic", "Den", "bob"]
    assert own_rooms(bob) == ["Lobby", "Den", "bob", "alice"]


def test_lists_count_who_is_there_now(alice, bob, mallory, lobby, den):
    now = timezone.now()
    leases.acquire("one", [alice.pk, bob.pk], timedelta(seconds=30))
    leases.acquire("other", [alice.pk], timedelta(seconds=30))
    card = queries.public_rooms(now).cards[0]
    assert (card.slug, card.here, card.members) == ("lobby", 2, 3)
    picture = queries.picture(lobby, now)
    assert (picture.count, picture.members, names(picture.here), picture.away) == (2, 3, ["alice", "bob"], None)
    leases.end("one", [bob.pk])
    assert names(queries.picture(den, now).away) == ["bob"]


def test_a_picture_counts_all_and_names_the_first_hundred(alice, bob, den):
    crowd = [people.join(f"guest {number:03}") for number in range(120)]
    for one in crowd:
        Membership.objects.create(room=den, profile=one)
    now = timezone.now()
    assert (len(queries.picture(den, now).away), queries.picture(den, now).count) == (100, 0)
    leases.acquire("one", [one.pk for one in crowd[10:]], timedelta(seconds=30))
    picture = queries.picture(den, now)
    assert (picture.count, picture.members) == (110, 122)
    assert names(picture.here) == [one.nickname for one in crowd[10:110]]
    assert names(picture.away) == ["alice", "bob", *(one.nickname for one in crowd[:10])]


def test_pictures_of_several_rooms_are_taken_together(alice, bob, mallory, lobby, den):
    leases.acquire("one", [bob.pk], timedelta(seconds=30))
    pictures = queries.pictures([lobby.pk, den.pk, 0], timezone.now())
    assert pictures == {room: queries.picture(room, timezone.now()) for room in (lobby, den)}
    assert (pictures[lobby].members, pictures[den].members) == (3, 2)
    assert queries.pictures([], timezone.now()) == {}


def test_members_are_counted_whatever_brings_them_in_or_ends_their_membership(alice, bob, mallory, den, lobby):
    chess = rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    memberships.join(bob, "chess")
    memberships.join(bob, "chess")
    memberships.join(mallory, "chess")
    memberships.leave(mallory, chess.pk)
    memberships.add(bob, den, "mallory")
    memberships.remove(alice, den, "bob")
    memberships.leave(mallory, lobby.pk)
    notes, direct = rooms.direct(alice, alice), rooms.direct(alice, bob)
    rooms.direct(bob, alice)
    post_messages([Draft(alice.pk, "c-1", "hello", lobby.pk)])
    counted = dict(Room.objects.values_list("pk", "member_count"))
    assert counted == {lobby.pk: 2, chess.pk: 2, den.pk: 2, notes.pk: 1, direct.pk: 2}
    assert counted == {room.pk: room.memberships.count() for room in Room.objects.all()}


def test_a_count_that_is_wrong_keeps_nobody_in(bob, den):
    Room.objects.filter(pk=den.pk).update(member_count=0)
    memberships.leave(bob, den.pk)
    assert members(den) == {"alice"}


def test_a_picture_of_a_large_room_names_some_of_those_who_are_away(alice, bob, den, person, monkeypatch):
    monkeypatch.setattr(queries.presence, "LOOKED_THROUGH", 3)
    monkeypatch.setattr(queries.presence, "NAMES_SHOWN", 2)
    for nickname in ("dora", "carol"):
        memberships.add(alice, den, person(nickname).nickname)
    leases.acquire("one", [bob.pk], timedelta(seconds=30))
    den.refresh_from_db()
    picture = queries.picture(den, timezone.now())
    assert (picture.count, picture.members, names(picture.here), names(picture.away)) == (
        1,
        4,
        ["bob"],
        ["alice", "dora"],
    )


def test_a_room_is_as_its_members_see_it_whichever_way_it_is_looked_at(alice, bob, mallory, lobby, den, monkeypatch):
    """From the members to the leases, or from the leases to the members."""
    people.join_open("open one", "holder")
    Profile.objects.filter(nickname="open one").update(kind=Profile.Kind.OPEN)
    leases.acquire("one", [alice.pk, bob.pk, *Profile.objects.filter(kind="open").values_list("pk", flat=True)], LEASE)
    leases.acquire("two", [alice.pk], LEASE)
    wanted = [lobby.pk, den.pk]
    few = queries.pictures(wanted, timezone.now())
    monkeypatch.setattr(queries.presence, "_by_work", lambda rooms, now: ([], rooms))
    assert queries.pictures(wanted, timezone.now()) == few
    assert [one.nickname for one in few[lobby].here if one.is_open] == ["open one"]


def test_rooms_by_one_title_are_made_one_after_the_other(transactional_db, monkeypatch):
    """Two at once look whether there is such a room: the second one finds what the first has made."""
    makers, looks, look = [people.join(name) for name in ("alice", "bob")], Barrier(2), queries.public_room_titled

    def look_together(title):
        found = look(title)
        with suppress(BrokenBarrierError):
            looks.wait(0.5)
        return found

    def make(maker):
        try:
            return rooms.create(maker, Room.Kind.PUBLIC, "Café" if maker == makers[0] else "CAFÉ", "").title
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    monkeypatch.setattr(queries, "public_room_titled", look_together)
    with ThreadPoolExecutor(2) as both:
        made = list(both.map(make, makers))
    assert sorted(made, key=len)[1] == "title_taken"
    assert Room.objects.filter(title_key="café").count() == 1


def test_a_lease_ends_by_itself_and_is_cleared_away_by_whoever_renews(alice, bob, lobby):
    leases.acquire("dead", [alice.pk], timedelta(seconds=-1))
    assert queries.picture(lobby, timezone.now()).here == []
    assert leases.renew("alive", [bob.pk], timedelta(seconds=30)) == {alice.pk, bob.pk}
    assert list(Lease.objects.values_list("profile__nickname", flat=True)) == ["bob"]


def test_who_is_not_here_any_more_keeps_no_lease_by_the_others_renewals(alice, bob, mallory):
    leases.acquire("one", [alice.pk, bob.pk], timedelta(seconds=1))
    assert leases.renew("one", [bob.pk, mallory.pk], timedelta(seconds=30)) == {alice.pk, mallory.pk}
    later = Lease.objects.filter(expires_at__gt=timezone.now() + timedelta(seconds=20))
    assert {lease.profile.nickname for lease in later} == {"bob", "mallory"}
    assert not Lease.objects.filter(profile=alice).exists()


@pytest.mark.parametrize("write", [leases.acquire, leases.renew])
def test_somebody_who_does_not_exist_any_more_keeps_nobody_else_from_their_lease(alice, bob, write):
    write("one", [alice.pk, bob.pk + 1000, bob.pk], timedelta(seconds=30))
    assert set(Lease.objects.values_list("profile__nickname", flat=True)) == {"alice", "bob"}


def test_some_come_and_some_go_in_one_write(alice, bob, mallory):
    leases.acquire("one", [alice.pk, bob.pk], timedelta(seconds=30))
    leases.settle("one", [mallory.pk], [alice.pk], timedelta(seconds=30))
    assert set(Lease.objects.values_list("profile__nickname", flat=True)) == {"bob", "mallory"}
