"""Edits, deletions and their undoing: what is stored, and who may."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction
from django.utils import timezone

from chat import rules
from chat.actions import bans, changes, erasure, memberships, mentions, moderation
from chat.actions.changes import Delete, Edit, Restore, change_messages
from chat.models import Deletion, Message, Revision, Room
from tests.actions.drafts import draft, post, refusal_code
from tests.actions.outcomes import WRITERS, all_at_once

pytestmark = pytest.mark.django_db

_client_ids = (f"e{number}" for number in count())


def edit(person, room, number=1, body="changed", *, sequence=1, client_id=None):
    return change_messages([Edit(person.pk, client_id or next(_client_ids), room.pk, number, sequence, body)])[0]


def delete(person, room, number=1):
    return change_messages([Delete(person.pk, next(_client_ids), room.pk, number)])[0]


def restore(person, room, number=1):
    return change_messages([Restore(person.pk, next(_client_ids), room.pk, number)])[0]


def texts() -> list[str]:
    return list(Message.objects.order_by("room", "number").values_list("body", flat=True))


@pytest.fixture
def said(alice, bob, den):
    """Two messages in bob's and alice's private room, which alice owns."""
    return [post(bob, den, "bob's words").message, post(alice, den, "alice's words").message]


class TestEditing:
    def test_an_edit_is_the_rooms_next_change_and_keeps_the_earlier_version(self, bob, den, said):
        outcome = edit(bob, den, body="See https://example.org")
        assert (outcome.fresh, outcome.message.number, outcome.message.changed) == (True, 1, 3)
        stored = Message.objects.get(room=den, number=1)
        assert (stored.body, stored.changed, stored.sender_id) == ("See https://example.org", 3, bob.pk)
        assert 'href="https://example.org"' in stored.html
        assert stored.edited_at
        assert list(Revision.objects.values_list("body", "written_at")) == [("bob's words", said[0].sent_at)]
        den.refresh_from_db()
        assert (den.sequence, den.message_count) == (3, 2)

    def test_an_edit_that_is_resent_is_stored_once(self, bob, den, said):
        edit(bob, den, client_id="same")
        edit(bob, den, body="and again", sequence=3)
        again = edit(bob, den, client_id="same")
        assert (again.fresh, again.message.body) == (False, "and again")
        assert again.sequence == 3
        assert refusal_code(edit(bob, den, body="from the first one", sequence=again.sequence)) == "edited_meanwhile"
        assert Revision.objects.count() == 2

    def test_an_edit_made_from_an_older_version_is_refused(self, bob, den, said):
        edit(bob, den, body="on the phone")
        assert refusal_code(edit(bob, den, body="on the desk")) == "edited_meanwhile"
        assert texts()[0] == "on the phone"

    def test_a_message_that_was_deleted_and_restored_has_the_same_version(self, bob, den, said):
        delete(bob, den)
        restore(bob, den)
        assert edit(bob, den, sequence=1).fresh

    def test_an_edit_to_the_same_text_changes_nothing(self, bob, den, said):
        assert not edit(bob, den, body="bob's words").fresh
        den.refresh_from_db()
        assert den.sequence == 2

    def test_the_oldest_of_many_versions_is_dropped(self, bob, den, said, monkeypatch):
        monkeypatch.setattr(changes, "REVISIONS", 3)
        sequence = 1
        for number in range(5):
            sequence = edit(bob, den, body=f"version {number}", sequence=sequence).message.changed
        assert list(Revision.objects.order_by("pk").values_list("body", flat=True)) == [
            "version 1",
            "version 2",
            "version 3",
        ]

    def test_only_the_sender_may_edit(self, alice, den, said):
        assert refusal_code(edit(alice, den)) == "forbidden"
        assert texts()[0] == "bob's words"

    def test_a_deleted_message_cannot_be_edited(self, bob, den, said):
        delete(bob, den)
        assert refusal_code(edit(bob, den)) == "message_deleted"
        assert texts()[0] == ""

    def test_a_message_that_is_not_there_cannot_be_edited(self, bob, den, said):
        assert refusal_code(edit(bob, den, 3)) == "no_such_message"

    def test_an_edit_that_fails_takes_no_other_with_it(self, alice, bob, den, said, monkeypatch):
        def fails(body):
            if body == "bad":
                raise ValueError
            return ""

        monkeypatch.setattr(mentions, "render", fails)
        failed, stored = change_messages(
            [Edit(bob.pk, "bad", den.pk, 1, 1, "bad"), Edit(alice.pk, "good", den.pk, 2, 2, "fine")]
        )
        assert refusal_code(failed) == "unavailable"
        assert stored.fresh
        assert texts() == ["bob's words", "fine"]


class TestDeleting:
    def test_a_deletion_leaves_the_place_and_takes_the_text(self, bob, den, said):
        outcome = delete(bob, den)
        assert (outcome.fresh, outcome.message.number, outcome.message.changed) == (True, 1, 3)
        stored = Message.objects.get(room=den, number=1)
        assert (stored.body, stored.html, bool(stored.deleted_at)) == ("", "", True)

    def test_a_message_is_deleted_once(self, bob, den, said):
        delete(bob, den)
        again = delete(bob, den)
        assert (again.fresh, again.message.changed) == (False, 3)

    def test_the_owner_of_a_room_may_delete_everybodys(self, alice, den, said):
        assert delete(alice, den).fresh

    def test_somebody_else_may_not(self, bob, den, said):
        assert refusal_code(delete(bob, den, 2)) == "forbidden"
        assert texts()[1] == "alice's words"

    def test_in_a_direct_room_nobody_deletes_the_others_words(self, alice, bob):
        room = post(alice, to="bob").room
        assert refusal_code(delete(bob, room)) == "forbidden"

    def test_a_post_that_is_resent_after_its_deletion_does_not_come_back(self, bob, den):
        post(bob, den, "once", client_id="same")
        delete(bob, den)
        again = post(bob, den, "once", client_id="same")
        assert not again.fresh
        assert texts() == [""]

    def test_it_can_be_undone_for_a_moment(self, bob, den, said):
        delete(bob, den)
        outcome = restore(bob, den)
        assert (outcome.fresh, outcome.message.changed) == (True, 4)
        assert texts()[0] == "bob's words"
        assert not Deletion.objects.exists()
        assert not restore(bob, den).fresh

    def test_only_who_deleted_it_can_undo_that(self, alice, bob, den, said):
        delete(alice, den)
        assert refusal_code(restore(bob, den)) == "too_late"
        assert restore(alice, den).fresh

    def test_later_it_cannot_be_undone(self, bob, den, said):
        delete(bob, den)
        _make_final(rules.UNDO)
        assert refusal_code(restore(bob, den)) == "too_late"

    def test_what_an_owner_of_the_site_took_down_cannot_be_restored(self, bob, den, said):
        delete(bob, den)
        moderation.take_down(den, 1)
        assert refusal_code(restore(bob, den)) == "too_late"

    def test_a_final_deletion_leaves_no_version_behind(self, bob, den, said):
        edit(bob, den)
        delete(bob, den)
        assert changes.purge() == 0
        _make_final(changes.PURGE_AFTER)
        assert changes.purge() == 1
        assert not Deletion.objects.exists()
        assert not Revision.objects.exists()

    def test_words_that_are_taken_down_leave_no_version_behind(self, bob, den, said):
        edit(bob, den)
        moderation.take_down(den, 1)
        assert not Revision.objects.exists()

    def test_who_is_erased_leaves_no_version_behind(self, bob, den, said):
        edit(bob, den)
        delete(bob, den)
        erasure.erase(bob)
        assert not Deletion.objects.exists()
        assert not Revision.objects.exists()


@pytest.mark.parametrize("change", [edit, delete, restore])
class TestRefusals:
    def test_who_is_not_a_member_changes_nothing(self, mallory, den, said, change):
        assert refusal_code(change(mallory, den)) == "not_a_member"

    def test_who_has_left_changes_nothing(self, bob, den, said, change):
        memberships.leave(bob, den.pk)
        assert refusal_code(change(bob, den)) == "not_a_member"

    def test_who_is_banned_changes_nothing(self, bob, den, said, change):
        bans.ban(bob)
        assert refusal_code(change(bob, den)) == "banned"

    def test_an_open_name_changes_nothing(self, robin, lobby, change):
        room = Room.objects.get(pk=lobby.pk)
        post(robin, room, "anyone's words")
        assert refusal_code(change(robin, room)) == "forbidden"
        assert texts() == ["anyone's words"]


class TestTogether:
    def test_changes_of_one_message_in_one_transaction_are_one_change(self, bob, den, said):
        outcomes = change_messages(
            [
                Edit(bob.pk, "a", den.pk, 1, 1, "first"),
                Delete(bob.pk, "b", den.pk, 1),
                Restore(bob.pk, "c", den.pk, 1),
                Edit(bob.pk, "d", den.pk, 1, 3, "last"),
            ]
        )
        assert {outcome.message.changed for outcome in outcomes} == {3}
        assert texts()[0] == "last"
        assert not Deletion.objects.exists()

    def test_an_edit_that_was_not_made_from_another_one_of_its_transaction_is_refused(self, bob, den, said):
        stored, refused = change_messages(
            [Edit(bob.pk, "phone", den.pk, 1, 1, "on the phone"), Edit(bob.pk, "desk", den.pk, 1, 1, "on the desk")]
        )
        assert stored.fresh
        assert refusal_code(refused) == "edited_meanwhile"
        assert texts()[0] == "on the phone"
        assert list(Revision.objects.values_list("body", "sequence")) == [("bob's words", 3)]

    def test_a_refused_change_takes_no_other_with_it(self, alice, bob, den, said):
        refused, stored = change_messages(
            [Edit(alice.pk, "a", den.pk, 1, 1, "not mine"), Edit(bob.pk, "b", den.pk, 1, 1, "mine")]
        )
        assert refusal_code(refused) == "forbidden"
        assert stored.fresh

    def test_posts_and_changes_are_stored_together_and_answered_in_order(self, alice, bob, den, said):
        requests = [
            Edit(bob.pk, "a", den.pk, 1, 1, "new"),
            draft(alice, den, "third"),
            Delete(alice.pk, "b", den.pk, 2),
        ]
        outcomes = changes.store(requests)
        assert [outcome.message.number for outcome in outcomes] == [1, 3, 2]
        assert texts() == ["new", "", "third"]
        den.refresh_from_db()
        assert (den.sequence, den.message_count) == (5, 3)

    def test_a_number_of_changes_takes_a_bounded_number_of_statements(self, bob, den, django_assert_max_num_queries):
        for number in range(50):
            post(bob, den, f"text {number}")
        with django_assert_max_num_queries(20):
            change_messages([Edit(bob.pk, f"e{n}", den.pk, n, n, f"changed {n}") for n in range(1, 51)])
        assert texts() == [f"changed {number}" for number in range(1, 51)]


@pytest.mark.django_db(transaction=True)
def test_twenty_edits_of_one_version_at_once_are_one_and_the_rest_is_refused(bob, den):
    post(bob, den)
    outcomes = all_at_once(lambda place: edit(bob, den, body=f"by {place}", client_id=f"all {place}"), range(WRITERS))
    stored = [outcome for outcome in outcomes if hasattr(outcome, "fresh")]
    assert len(stored) == 1
    assert texts() == [stored[0].message.body]
    assert Revision.objects.count() == 1


def _make_final(age: timedelta) -> None:
    with transaction.atomic():
        Deletion.objects.update(deleted_at=timezone.now() - age)
