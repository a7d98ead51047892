"""A write is decided under the lock: somebody else acts between the look and the write, each time."""

from datetime import timedelta

import pytest

from chat import queries, rules
from chat.actions import leases, memberships, people, rooms
from chat.actions.changes import Delete, Pin, change_messages
from chat.actions.messages import Draft, Original, post_messages
from chat.actions.saving import Save, save_messages
from chat.models import LOBBY, Lease, Membership, Profile, Room
from chat.refusals import Refusal
from tests.actions.outcomes import WRITERS, all_at_once
from tests.rivals import before_the_lock

pytestmark = pytest.mark.django_db(transaction=True)

LONG = timedelta(minutes=1)


def refused(action, *arguments, after) -> str:
    """The code of the refusal, when `after` is done at the last moment."""
    with before_the_lock(after), pytest.raises(Refusal) as refusal:
        action(*arguments)
    return refusal.value.code


def members(room: Room) -> set[str]:
    return set(room.memberships.values_list("profile__nickname", flat=True))


def test_who_is_removed_meanwhile_does_not_join_again(alice, bob, den):
    assert refused(memberships.join, bob, den.slug, after=lambda: memberships.remove(alice, den, "bob")) == (
        "no_such_room"
    )
    assert members(den) == {"alice"}


def test_a_room_that_is_gone_meanwhile_is_not_joined(bob, chess):
    assert refused(memberships.join, bob, chess.slug, after=lambda: _erase(chess)) == "no_such_room"


def test_who_is_removed_meanwhile_does_not_leave(alice, bob, den):
    def remove():
        memberships.remove(alice, den, "bob")

    assert refused(memberships.leave, bob, den.pk, after=remove) == "not_a_member"


@pytest.mark.parametrize("whom", ["mallory", "bob"])
def test_who_is_removed_meanwhile_adds_nobody(alice, bob, den, mallory, whom):
    def remove():
        memberships.remove(alice, den, "bob")

    assert refused(memberships.add, bob, den, whom, after=remove) == "not_a_member"
    assert members(den) == {"alice"}


def test_who_has_another_name_meanwhile_is_not_added(alice, den, mallory):
    def rename():
        Profile.objects.filter(pk=mallory.pk).update(nickname="m", nickname_key="m")

    assert refused(memberships.add, alice, den, "mallory", after=rename) == "no_such_person"
    assert members(den) == {"alice", "bob"}


def test_who_owns_a_room_no_more_removes_nobody(alice, bob, den):
    def hand_over():
        memberships.leave(alice, den.pk)

    assert refused(memberships.remove, alice, den, "bob", after=hand_over) == "forbidden"
    assert members(den) == {"bob"}


def test_who_has_left_meanwhile_is_not_removed(alice, bob, den):
    def leave():
        memberships.leave(bob, den.pk)

    assert refused(memberships.remove, alice, den, "bob", after=leave) == "no_such_person"


def test_who_is_removed_meanwhile_has_read_nothing(alice, bob, den):
    post_messages([Draft(alice.pk, "c", "hi", den.pk)])

    def remove():
        memberships.remove(alice, den, "bob")

    assert refused(memberships.mark_read, bob.pk, den.pk, 1, after=remove) == "not_a_member"


def test_a_read_mark_stays_inside_of_the_room_that_is_there_by_then(alice, bob, den):
    def post():
        post_messages([Draft(alice.pk, "c", "hi", den.pk)])

    with before_the_lock(post):
        memberships.mark_read(bob.pk, den.pk, 5)
    assert queries.own_room(bob.pk, den.pk).read_number == 1


def test_a_title_that_is_taken_meanwhile_makes_no_room(alice, bob):
    """The addresses differ, and the titles read the same."""

    def take():
        rooms.create(bob, Room.Kind.PUBLIC, "STRASSE", "")

    assert refused(rooms.create, alice, Room.Kind.PUBLIC, "Straße", "", after=take) == "title_taken"
    assert Room.objects.filter(kind=Room.Kind.PUBLIC).count() == 2


def test_somebody_without_a_profile_makes_no_room(alice):
    assert refused(rooms.create, alice, Room.Kind.PUBLIC, "Plans", "", after=lambda: alice.user.delete()) == (
        "not_signed_in"
    )


def test_who_owns_a_room_no_more_does_not_change_it(alice, bob, den):
    assert refused(rooms.edit, alice, den, "Mine", "", after=lambda: memberships.leave(alice, den.pk)) == "forbidden"
    assert Room.objects.get(pk=den.pk).title == "Den"


def test_a_title_that_is_taken_meanwhile_is_not_given_to_another_room(alice, bob, chess):
    def take():
        rooms.create(bob, Room.Kind.PUBLIC, "STRASSE", "")

    assert refused(rooms.edit, alice, chess, "Straße", "", after=take) == "title_taken"
    assert Room.objects.get(pk=chess.pk).title == "Chess"


def test_a_nickname_that_is_taken_meanwhile_is_nobody_elses(db):
    assert refused(people.join, "Zoe", after=lambda: people.join("ＺＯＥ")) == "nickname_taken"
    assert Profile.objects.filter(nickname_key="zoe").count() == 1


def test_an_open_name_that_is_another_ones_by_then_is_not_taken(db):
    zoe = people.join_open("zoe", "one")

    def rename():
        Profile.objects.filter(pk=zoe.pk).update(nickname="z", nickname_key="z")
        people.join("zoe")

    assert refused(people.join_open, "zoe", "two", after=rename) == "nickname_taken"
    assert Profile.objects.get(pk=zoe.pk).holder == "one"


def test_who_holds_an_open_name_no_more_takes_no_lease(db):
    zoe = people.join_open("zoe", "one")
    with before_the_lock(lambda: people.join_open("zoe", "two")):
        people.take_over(zoe, "one", "process", LONG)
    assert not Lease.objects.exists()
    people.take_over(zoe, "two", "process", LONG)
    assert Lease.objects.count() == 1


def test_somebody_without_a_profile_stores_no_trial(alice):
    assert refused(people.probe, alice, after=lambda: alice.user.delete()) == "not_signed_in"


class TestPosting:
    def post(self, *drafts, after):
        with before_the_lock(after):
            return post_messages(drafts)

    def test_who_is_removed_meanwhile_does_not_post(self, alice, bob, den):
        (outcome,) = self.post(Draft(bob.pk, "c", "hi", den.pk), after=lambda: memberships.remove(alice, den, "bob"))
        assert outcome.code == "not_a_member"

    def test_words_for_an_open_name_that_goes_meanwhile_are_refused(self, alice):
        robin = people.join_open("robin", "one")
        leases.acquire("process", [robin.pk], LONG)
        room = rooms.direct(alice, robin)
        for draft in (Draft(alice.pk, "c", "hi", to="robin"), Draft(alice.pk, "c", "hi", room.pk)):
            leases.acquire("process", [robin.pk], LONG)
            (outcome,) = self.post(draft, after=lambda: leases.end("process", [robin.pk]))
            assert outcome.code == "not_here"
        assert Room.objects.get(pk=room.pk).message_count == 0

    def test_an_answer_to_what_is_written_meanwhile_is_stored(self, alice, bob, den):
        """The room's own count decides, not one that was read before."""

        def write():
            post_messages([Draft(bob.pk, "first", "hi", den.pk)])

        (outcome,) = self.post(Draft(alice.pk, "c", "yes", den.pk, reply_to=1), after=write)
        assert outcome.message.number == 2


def test_what_is_deleted_meanwhile_is_neither_pinned_nor_saved_nor_forwarded(alice, bob, den, lobby):
    for place, act in enumerate(
        [
            lambda number: change_messages([Pin(alice.pk, "p", den.pk, number, True)]),
            lambda number: save_messages([Save(alice.pk, "s", den.pk, number, True)]),
            lambda number: post_messages([Draft(alice.pk, "f", "", lobby.pk, forward=Original(den.pk, number))]),
        ],
        start=1,
    ):
        post_messages([Draft(bob.pk, f"c{place}", "hi", den.pk)])
        with before_the_lock(lambda place=place: change_messages([Delete(bob.pk, "d", den.pk, place)])):
            (outcome,) = act(place)
        assert outcome.code == "message_deleted"


def test_who_is_removed_meanwhile_neither_pins_nor_saves_nor_forwards(alice, bob, den, lobby):
    post_messages([Draft(alice.pk, "c", "hi", den.pk)])
    for act, code in [
        (lambda: change_messages([Pin(bob.pk, "p", den.pk, 1, True)]), "not_a_member"),
        (lambda: save_messages([Save(bob.pk, "s", den.pk, 1, True)]), "not_a_member"),
        (lambda: post_messages([Draft(bob.pk, "f", "", lobby.pk, forward=Original(den.pk, 1))]), "no_such_message"),
    ]:
        with before_the_lock(lambda: memberships.remove(alice, den, "bob")):
            (outcome,) = act()
        assert outcome.code == code
        memberships.enter(bob, Room.objects.get(pk=den.pk))


def test_who_owns_a_public_room_no_more_pins_nothing(alice, bob, chess):
    memberships.join(bob, "chess")
    post_messages([Draft(bob.pk, "c", "hi", chess.pk)])

    def hand_over():
        memberships.leave(alice, chess.pk)
        memberships.join(alice, "chess")

    with before_the_lock(hand_over):
        (outcome,) = change_messages([Pin(alice.pk, "p", chess.pk, 1, True)])
    assert outcome.name == "forbidden.pin"


def test_of_two_who_pin_or_save_the_last_at_once_one_is_refused(alice, bob, den, monkeypatch):
    monkeypatch.setattr(rules, "PINS", 1)
    monkeypatch.setattr(rules, "SAVED", 1)
    post_messages([Draft(alice.pk, f"c{number}", "hi", den.pk) for number in (1, 2)])
    with before_the_lock(lambda: change_messages([Pin(bob.pk, "p", den.pk, 1, True)])):
        (outcome,) = change_messages([Pin(alice.pk, "p", den.pk, 2, True)])
    assert outcome.code == "too_many_pins"
    with before_the_lock(lambda: save_messages([Save(bob.pk, "s", den.pk, 1, True)])):
        (outcome,) = save_messages([Save(bob.pk, "t", den.pk, 2, True)])
    assert outcome.code == "too_many_saved"


def test_nobody_gets_back_in_by_asking_all_the_time(alice, bob, den):
    """Twenty threads of theirs ask while the owner removes them."""

    def act(place):
        if place == WRITERS // 2:
            memberships.remove(alice, den, "bob")
            return
        for _ in range(5):
            try:
                memberships.join(bob, den.slug)
            except Refusal:
                return

    all_at_once(act, range(WRITERS))
    assert members(den) == {"alice"}


def test_titles_that_read_the_same_go_to_one_of_twenty(db):
    makers = [people.join(f"maker {number}") for number in range(WRITERS)]

    def make(place):
        try:
            return rooms.create(makers[place], Room.Kind.PUBLIC, ("Straße", "STRASSE")[place % 2], "")
        except Refusal as refusal:
            return refusal.code

    results = all_at_once(make, range(WRITERS))
    assert results.count("title_taken") == WRITERS - 1


def test_a_lost_lobby_comes_back_with_the_next_who_joins(lobby):
    _erase(lobby)
    zoe = people.join("zoe")
    assert members(Room.objects.get(slug=LOBBY)) == {"zoe"}
    assert [own.room.title for own in queries.own_rooms(zoe.pk)] == ["Lobby"]


def _erase(room: Room) -> None:
    """As by hand."""
    Membership.objects.filter(room=room).delete()
    room.delete()


def test_the_rival_of_these_tests_comes_after_the_look(bob, den):
    """Else they would show nothing."""
    with before_the_lock(lambda: None) as asked:
        memberships.join(bob, den.slug)
    assert any("chat_room" in sql for sql in asked)
