"""Messages saved for later: what is stored, whose they are, and how many."""

import pytest
from django.db import OperationalError

from chat import queries, rules
from chat.actions import bans, changes, erasure, memberships, moderation, saving
from chat.actions.changes import PURGE_AFTER, Delete, Pin, Restore, change_messages, purge, store
from chat.actions.messages import Draft
from chat.actions.saving import Save, save_messages
from chat.models import Deletion, Saved
from chat.queries import keeping
from chat.wire import events
from tests.actions.drafts import post, refusal_code

pytestmark = pytest.mark.django_db


def save(person, room, number=1, *, on=True):
    return save_messages([Save(person.pk, "s", room.pk, number, on)])[0]


def saved(person):
    found = [(one.message.room_id, one.message.number) for one in queries.saved(person.pk)]
    for room_id in {room_id for room_id, _ in found}:
        numbers = [number for one, number in found if one == room_id]
        assert sorted(queries.saved_numbers(person.pk, room_id)) == sorted(numbers)
    return found


@pytest.fixture
def said(bob, den):
    """Two messages of bob's in his and alice's private room, which alice owns."""
    return [post(bob, den, words).message for words in ("words", "more")]


def test_what_is_saved_is_no_change_of_the_room_and_only_told_to_its_reader(alice, bob, den, said):
    outcome = save(alice, den)
    assert (outcome.fresh, outcome.message.number, outcome.message.changed) == (False, 1, 1)
    assert outcome.announcements == ((events.user_group(alice.pk), events.saved(den.pk, 1, is_on=True)),)
    save(alice, den, 2)
    assert saved(alice) == [(den.pk, 2), (den.pk, 1)]
    assert saved(bob) == []
    den.refresh_from_db()
    assert den.sequence == 2


def test_the_same_again_changes_nothing(alice, den, said):
    save(alice, den)
    assert save(alice, den).announcements == ()
    assert save(alice, den, on=False).announcements
    assert save(alice, den, on=False).announcements == ()
    assert saved(alice) == []


def test_the_last_of_several_in_one_transaction_counts(alice, bob, den, said):
    save_messages([Save(person.pk, "s", den.pk, 1, on) for person, on in ((alice, True), (bob, True), (alice, False))])
    assert (saved(alice), saved(bob)) == ([], [(den.pk, 1)])


def test_requests_of_all_kinds_have_their_outcomes_in_their_own_order(alice, bob, den, said):
    outcomes = store(
        [
            Save(alice.pk, "s", den.pk, 1, True),
            Pin(bob.pk, "p", den.pk, 2, True),
            Draft(alice.pk, "d", "third", den.pk),
            Save(alice.pk, "t", den.pk, 9, True),
            Delete(bob.pk, "e", den.pk, 2),
        ]
    )
    assert [getattr(one, "code", None) or one.message.number for one in outcomes] == [1, 2, 3, "no_such_message", 2]
    assert [bool(getattr(one, "announcements", ())) for one in outcomes] == [True, False, False, False, False]


def test_what_can_not_be_saved_at_all_leaves_the_others_stored(alice, den, said, monkeypatch):
    def fail(_):
        raise OperationalError

    monkeypatch.setattr(changes, "save_messages", fail)
    save_one, draft = Save(alice.pk, "s", den.pk, 1, True), Draft(alice.pk, "d", "third", den.pk)
    refused, stored = store([save_one, draft])
    assert (refused.code, stored.message.number) == ("unavailable", 3)
    with pytest.raises(OperationalError):
        store([save_one])


def test_who_is_not_in_the_room_or_not_any_more_saves_nothing(alice, bob, den, mallory, said):
    assert refusal_code(save(mallory, den)) == "not_a_member"
    memberships.remove(alice, den, "bob")
    assert refusal_code(save(bob, den)) == "not_a_member"
    assert not Saved.objects.exists()


def test_who_is_banned_saves_nothing(alice, den, said):
    bans.ban(alice)
    assert refusal_code(save(alice, den)) == "banned"


def test_an_open_name_saves_nothing(alice, robin, lobby):
    post(alice, lobby)
    assert save(robin, lobby).name == "forbidden.open_name"


def test_a_message_that_is_not_there_or_deleted_is_not_saved(alice, bob, den, said):
    assert refusal_code(save(alice, den, 3)) == "no_such_message"
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert save(alice, den).name == "message_deleted.save"


def test_a_person_saves_so_many(alice, den, said, monkeypatch):
    monkeypatch.setattr(rules, "SAVED", 1)
    save(alice, den)
    refused = save(alice, den, 2)
    assert (refused.code, refused.values) == ("too_many_saved", {"most": 1})
    save(alice, den, on=False)
    assert save(alice, den, 2).announcements


def test_one_is_removed_by_its_reader_alone(alice, bob, den, said, django_capture_on_commit_callbacks):
    save(alice, den)
    one = Saved.objects.get()
    saving.remove(bob, one.pk)
    assert saved(alice) == [(den.pk, 1)]
    saving.remove(alice, one.pk)
    saving.remove(alice, one.pk)
    assert saved(alice) == []


def test_a_deleted_message_is_not_shown_and_its_row_goes_when_the_deletion_is_final(alice, bob, den, said):
    save(alice, den)
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert saved(alice) == []
    change_messages([Restore(bob.pk, "u", den.pk, 1)])
    assert saved(alice) == [(den.pk, 1)]
    change_messages([Delete(bob.pk, "e", den.pk, 1)])
    for deletion in Deletion.objects.all():
        deletion.deleted_at -= PURGE_AFTER
        deletion.save()
    purge()
    assert not Saved.objects.exists()


def test_a_message_that_is_taken_down_is_saved_by_nobody(alice, den, said):
    save(alice, den)
    moderation.take_down(den, 1)
    assert not Saved.objects.exists()


def test_who_leaves_or_is_removed_from_a_private_room_keeps_nothing_of_it(alice, bob, den, chess, said):
    memberships.join(bob, "chess")
    post(bob, chess)
    save(bob, den)
    save(bob, chess)
    memberships.remove(alice, den, "bob")
    assert list(Saved.objects.values_list("message__room", flat=True)) == [chess.pk]
    memberships.leave(bob, chess.pk)
    assert saved(bob) == [(chess.pk, 1)]  # Anybody may read it.


def test_what_may_not_be_read_is_not_shown_even_where_its_row_is_left(alice, bob, den, said):
    save(bob, den)
    den.memberships.filter(profile=bob).delete()
    assert saved(bob) == []
    assert queries.saved_numbers(bob.pk, den.pk) == []


def test_of_many_they_are_shown_by_pages(alice, den, said, monkeypatch):
    monkeypatch.setattr(keeping, "SAVED_SHOWN", 1)
    save(alice, den)
    save(alice, den, 2)
    (first,) = queries.saved(alice.pk)
    (second,) = queries.saved(alice.pk, first.saved_id)
    assert (first.message.number, second.message.number) == (2, 1)
    assert queries.saved(alice.pk, second.saved_id) == []


def test_an_erased_person_has_saved_nothing(alice, bob, den, said):
    save(alice, den)
    save(bob, den)
    erasure.erase(bob)
    assert not Saved.objects.exists()


def test_the_other_person_of_a_direct_room_is_named_and_oneself_in_notes(alice, bob):
    post(bob, to="alice")
    post(alice, to="alice")
    for other in (bob, alice):
        save(alice, queries.direct_room_with(alice.pk, other.pk).room)
    assert [one.other.nickname for one in queries.saved(alice.pk)] == ["alice", "bob"]
