"""Mentions: whom a message names, who is told of it, and what its writer learns."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import queries
from chat.actions import erasure, memberships, moderation, people, rooms
from chat.actions.changes import PURGE_AFTER, Delete, Edit, Restore, change_messages, purge
from chat.actions.mentions import Told
from chat.models import Deletion, Membership, Mention, Message, Profile, Room
from chat.text.mentions import MOST
from tests.actions.drafts import post, refusal_code
from tests.rivals import before_the_lock

pytestmark = pytest.mark.django_db


def edit(person, room, body, *, number=1, client_id="e"):
    changed = Message.objects.get(room=room, number=number).changed
    return change_messages([Edit(person.pk, client_id, room.pk, number, changed, body)])[0]


def mentions(room, number=1):
    """The mentions that readers get, which must be those of the rows."""
    message = Message.objects.get(room=room, number=number)
    rows = set(Mention.objects.filter(message=message).values_list("room", "number", "profile"))
    everyone = {None} if message.everyone else set()
    assert rows == {(room.pk, number, one) for one in {*message.named, *everyone}}
    return message.everyone or message.named


def unread(person, room):
    return next(list(own.mentioned) for own in queries.own_rooms(person.pk) if own.room.pk == room.pk)


def read(person, room, number):
    memberships.mark_read(person.pk, room.pk, number)


def test_a_mention_is_stored_with_its_message_by_id(alice, bob, den):
    outcome = post(alice, den, "ask @Bob, @bob!")
    assert (outcome.told, outcome.text.absent) == (Told((bob.pk,)), ())
    assert mentions(den) == [bob.pk]
    assert unread(bob, den) == [1]
    moderation.rename(bob, "robert")
    assert mentions(den) == [bob.pk]
    assert f"?person={bob.pk}" in Message.objects.get(room=den).html


def test_a_post_that_is_sent_again_tells_nobody_again_and_its_writer_the_same(alice, den, mallory):
    first, again = (post(alice, den, "@bob @mallory", client_id="c") for _ in range(2))
    assert (first.fresh, again.fresh) == (True, False)
    assert first.told != Told() == again.told
    assert first.text == again.text
    assert Mention.objects.count() == 1


def test_who_writes_is_not_named(alice, den):
    assert post(alice, den, "@alice").told == Told()
    assert mentions(den) == []
    assert "?person=" in Message.objects.get(room=den).html


def test_somebody_who_is_not_in_the_room_is_told_nothing_and_the_writer_is(alice, den, mallory):
    outcome = post(alice, den, "@mallory, @nobody at all")
    assert [person.user_id for person in outcome.text.absent] == [mallory.pk]
    assert (outcome.told, mentions(den)) == (Told(), [])
    stored = Message.objects.get(room=den)
    assert (stored.html, stored.mentions) == ("", "")


def test_who_was_added_is_named_from_then_on(alice, den, mallory):
    post(alice, den, "@mallory", client_id="c")
    memberships.add(alice, den, "mallory")
    assert post(alice, den, "@mallory", client_id="c").text.absent == ()
    assert post(alice, den, "@mallory").told == Told((mallory.pk,))


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_meanwhile_is_not_named(alice, bob, den):
    with before_the_lock(lambda: memberships.remove(alice, den, "bob")):
        outcome = post(alice, den, "**@bob**")
    assert [person.nickname for person in outcome.text.absent] == ["bob"]
    assert (outcome.told, mentions(den)) == (Told(), [])
    assert Message.objects.get(room=den).html == "<p><strong>@bob</strong></p>"


@pytest.mark.django_db(transaction=True)
def test_who_is_added_meanwhile_is_named(alice, den, mallory):
    with before_the_lock(lambda: memberships.add(alice, den, "mallory")):
        outcome = post(alice, den, "@mallory")
    assert (outcome.told, outcome.text.absent) == (Told((mallory.pk,)), ())


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_while_a_message_is_edited_is_not_named(alice, bob, den):
    post(alice, den, "words")
    with before_the_lock(lambda: memberships.remove(alice, den, "bob")):
        outcome = edit(alice, den, "@bob")
    assert (outcome.told, mentions(den)) == (Told(), [])


@pytest.mark.django_db(transaction=True)
def test_who_owns_a_public_room_no_more_does_not_name_everybody(alice, bob, chess):
    memberships.join(bob, "chess")

    def hand_over():
        Membership.objects.filter(room=chess, profile=alice).update(role=Membership.Role.MEMBER)

    with before_the_lock(hand_over):
        outcome = post(alice, chess, "@all")
    assert outcome.text.is_refused
    assert (outcome.told, mentions(chess)) == (Told(), [])


def test_a_direct_message_names_its_other_person(alice, bob, mallory):
    outcome = post(alice, None, "@bob, not @mallory, @all", to="bob")
    assert outcome.told == Told((bob.pk,))
    assert [person.nickname for person in outcome.text.absent] == ["mallory"]
    assert not outcome.text.is_refused
    assert mentions(outcome.room) == [bob.pk]


def test_an_open_name_is_named_where_it_is(alice, lobby):
    robin = people.join_open("robin", "h")
    assert post(alice, lobby, "@robin").told == Told((robin.pk,))


def test_who_is_erased_is_nobody(alice, bob, lobby):
    erasure.erase(bob)
    name = Profile.objects.get(pk=bob.pk).nickname
    assert post(alice, lobby, f"@{name}").text.absent == ()


@pytest.mark.parametrize("word", ["all", "here"])
def test_any_member_of_a_private_room_names_everybody(bob, alice, den, word):
    assert post(bob, den, f"@{word} @alice").told == Told((), everyone=True)
    assert mentions(den) == word or [alice.pk]
    assert unread(alice, den) == [1]
    assert unread(bob, den) == []


def test_in_a_public_room_only_its_owner_names_everybody(alice, bob, chess):
    memberships.join(bob, "chess")
    refused = post(bob, chess, "@all @alice")
    assert refused.text.is_refused
    assert refused.told == Told((alice.pk,))
    assert mentions(chess) == [alice.pk]
    assert post(alice, chess, "@all").told.everyone
    assert mentions(chess, 2) == "all"


def test_in_the_lobby_nobody_names_everybody(alice, lobby):
    assert post(alice, lobby, "@here").text.is_refused
    assert mentions(lobby) == []


def test_more_people_than_a_message_may_name_are_refused(alice, den, no_join_limit):
    names = [people.join(f"m{number}").nickname for number in range(MOST + 1)]
    text = " ".join(f"@{name}" for name in names)
    assert refusal_code(post(alice, den, text)) == "too_many_mentions"
    post(alice, den, "words")
    assert refusal_code(edit(alice, den, text)) == "too_many_mentions"
    assert not isinstance(post(alice, den, text.rpartition(" ")[0]), Exception)


class TestEditing:
    def test_only_those_newly_named_are_told(self, alice, bob, den, mallory):
        memberships.add(alice, den, "mallory")
        post(alice, den, "@bob")
        outcome = edit(alice, den, "@bob and @mallory")
        assert (outcome.told, mentions(den)) == (Told((mallory.pk,)), [bob.pk, mallory.pk])
        assert edit(alice, den, "@bob and @mallory").told == Told()

    def test_an_edit_that_is_sent_again_tells_nobody_again_and_its_writer_the_same(self, alice, bob, den, mallory):
        post(alice, den, "words")
        change = Edit(alice.pk, "e", den.pk, 1, 1, "@bob @mallory")
        first, again = (change_messages([change])[0] for _ in range(2))
        assert (first.told, again.told) == (Told((bob.pk,)), Told())
        assert first.text == again.text

    def test_who_is_not_in_the_text_any_more_is_not_named(self, alice, bob, den):
        post(alice, den, "@bob")
        edit(alice, den, "nobody")
        assert (mentions(den), unread(bob, den)) == ([], [])

    def test_everybody_is_told_once(self, alice, den):
        post(alice, den, "words")
        assert edit(alice, den, "@all").told == Told(everyone=True)
        assert edit(alice, den, "@here and @bob", client_id="f").told.everyone is False

    def test_a_mention_in_what_was_read_is_not_unread(self, alice, bob, den):
        post(alice, den, "words")
        read(bob, den, 1)
        assert edit(alice, den, "@bob").told == Told((bob.pk,))
        assert unread(bob, den) == []


class TestDeleting:
    def test_a_deletion_takes_mentions_and_its_undoing_brings_them_back(self, alice, bob, den):
        post(alice, den, "@bob")
        change_messages([Delete(alice.pk, "d", den.pk, 1)])
        assert (mentions(den), unread(bob, den)) == ([], [])
        outcome = change_messages([Restore(alice.pk, "r", den.pk, 1)])[0]
        assert outcome.told == Told()
        assert (mentions(den), unread(bob, den)) == ([bob.pk], [1])

    def test_who_has_left_is_not_named_by_what_is_restored(self, alice, bob, den):
        post(alice, den, "@bob @all")
        edit(alice, den, "@bob")
        change_messages([Delete(alice.pk, "d", den.pk, 1)])
        memberships.leave(bob, den.pk)
        change_messages([Restore(alice.pk, "r", den.pk, 1)])
        assert mentions(den) == []

    def test_who_is_erased_meanwhile_is_not_named_by_direct_messages_that_are_restored(self, alice, bob):
        room = post(alice, None, "@bob", to="bob").room
        change_messages([Delete(alice.pk, "d", room.pk, 1)])
        erasure.erase(bob)
        change_messages([Restore(alice.pk, "r", room.pk, 1)])
        assert mentions(room) == []

    def test_nothing_of_them_is_left(self, alice, den):
        post(alice, den, "@bob")
        change_messages([Delete(alice.pk, "d", den.pk, 1)])
        Deletion.objects.update(deleted_at=Deletion.objects.get().deleted_at - PURGE_AFTER)
        assert purge() == 1
        assert not Mention.objects.exists()

    def test_what_is_taken_down_names_nobody(self, alice, den):
        post(alice, den, "@bob")
        moderation.take_down(den, 1)
        assert mentions(den) == []

    def test_who_is_erased_is_named_nowhere(self, alice, bob, den):
        post(alice, den, "@all and @bob")
        post(alice, den, "@bob")
        erasure.erase(bob)
        assert (mentions(den), mentions(den, 2)) == ("all", [])
        assert Message.objects.get(room=den, number=2).changed == 4

    def test_somebody_who_is_deleted_takes_their_mentions(self, alice, bob, den):
        post(alice, den, "@bob")
        bob.user.delete()
        assert mentions(den) == []

    def test_a_deleted_room_takes_its_mentions(self, alice, den):
        post(alice, den, "@bob @all")
        moderation.delete_room(den)
        assert not Mention.objects.exists()


class TestUnread:
    def test_a_mention_is_unread_until_its_message_is_read(self, alice, bob, den):
        for text in ("@bob", "words", "@all"):
            post(alice, den, text)
        assert unread(bob, den) == [1, 3]
        read(bob, den, 2)
        assert unread(bob, den) == [3]
        read(bob, den, 3)
        assert unread(bob, den) == []

    def test_only_the_last_ones_are_listed(self, alice, bob, den):
        for _ in range(queries.MENTIONS_SHOWN + 2):
            post(alice, den, "@bob @all")
        assert unread(bob, den) == list(range(3, queries.MENTIONS_SHOWN + 3))

    def test_they_are_listed_in_as_many_statements_however_many_rooms_have_some(
        self, alice, bob, den, chess, mallory, django_assert_num_queries
    ):
        places = [den, chess, rooms.create(bob, Room.Kind.PRIVATE, "Attic", "")]
        memberships.join(bob, "chess")
        memberships.add(bob, places[2], "alice")
        rooms.direct(alice, bob)
        with CaptureQueriesContext(connection) as before:
            queries.own_rooms_of([alice.pk, bob.pk])
        for room in places:
            post(alice, room, "@bob and @all")
        post(alice, None, "@bob", to="bob")
        with django_assert_num_queries(len(before)):
            queries.own_rooms_of([alice.pk, bob.pk])
        assert [unread(bob, room) for room in [*places, rooms.direct(alice, bob)]] == [[1]] * 4

    def test_an_export_has_where_a_person_is_named(self, alice, bob, den):
        post(alice, den, "@bob")
        named = [{"room": den.pk, "number": 1, "message__sender__nickname": "alice"}]
        assert queries.all_about(bob)["mentions"] == named
        assert queries.all_about(alice)["mentions"] == []


class TestRooms:
    def test_a_public_room_is_linked_by_its_address(self, alice, den, chess):
        assert "?room=chess" in post(alice, den, "see #Chess").message.html
        rooms.edit(alice, chess, "Go", "")
        assert "?room=chess" in post(alice, den, "see #go").message.html

    def test_a_private_room_is_linked_nowhere(self, alice, den, lobby):
        assert post(alice, lobby, "#Den").message.html == ""
        assert post(alice, den, "#Den").message.html == ""
        assert Room.objects.get(pk=den.pk).title == "Den"


def test_a_text_without_names_asks_for_none(alice, den, django_assert_num_queries):
    post(alice, den, "warm")

    def statements(body):
        with connection.execute_wrapper(lambda execute, sql, *rest: (asked.append(sql), execute(sql, *rest))[1]):
            asked: list[str] = []
            post(alice, den, body)
        return len(asked)

    plain = statements("words")
    assert statements("a@b.example") == plain
    assert statements("@bob") > plain
