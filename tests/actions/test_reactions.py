"""Reactions: what is stored, who may, and how many."""

import pytest
from django.contrib.auth import get_user_model

from chat import queries, rules
from chat.actions import bans, erasure, memberships, moderation
from chat.actions.changes import PURGE_AFTER, Delete, React, Restore, change_messages, purge
from chat.models import Deletion, Message, Reaction
from tests.actions.drafts import post, refusal_code

pytestmark = pytest.mark.django_db


def react(person, room, emoji="👍", *, number=1, on=True):
    return change_messages([React(person.pk, "r", room.pk, number, emoji, on)])[0]


def reactions(room, number=1):
    """What readers get, which must be what the rows say."""
    message = Message.objects.get(room=room, number=number)
    rows = Reaction.objects.filter(message=message).values_list("emoji", "profile_id")
    found = message.people_by_emoji
    assert set(rows) == {(emoji, one) for emoji, ids in found.items() for one in ids}
    return found


@pytest.fixture
def said(alice, bob, den):
    """A message of bob's in his and alice's private room, which alice owns."""
    return post(bob, den, "words").message


def test_a_reaction_is_the_rooms_next_change(alice, bob, den, said):
    outcome = react(alice, den)
    assert (outcome.fresh, outcome.message.number, outcome.message.changed) == (True, 1, 2)
    assert reactions(den) == {"👍": [alice.pk]}
    react(bob, den)
    react(bob, den, "🎉")
    assert reactions(den) == {"👍": [alice.pk, bob.pk], "🎉": [bob.pk]}
    den.refresh_from_db()
    assert (den.sequence, den.message_count) == (4, 1)


def test_the_same_reaction_again_changes_nothing(alice, den, said):
    react(alice, den)
    assert not react(alice, den).fresh
    assert react(alice, den).message.changed == 2
    assert reactions(den) == {"👍": [alice.pk]}


def test_a_reaction_is_taken_away_by_who_made_it(alice, bob, den, said):
    react(alice, den)
    assert not react(bob, den, on=False).fresh
    assert react(alice, den, on=False).fresh
    assert reactions(den) == {}
    assert not react(alice, den, on=False).fresh


def test_reactions_of_one_moment_to_one_message_are_one_change(alice, bob, den, said):
    outcomes = change_messages(
        [
            React(alice.pk, "1", den.pk, 1, "👍", True),
            React(bob.pk, "2", den.pk, 1, "👍", True),
            React(alice.pk, "3", den.pk, 1, "👍", False),
            React(alice.pk, "4", den.pk, 1, "🎉", True),
        ]
    )
    assert {outcome.message.changed for outcome in outcomes} == {2}
    assert reactions(den) == {"👍": [bob.pk], "🎉": [alice.pk]}


@pytest.mark.parametrize("turns", [[True, False], [False, True], [True, False, True], [False, True, False]])
def test_the_last_of_several_turns_counts(alice, bob, den, said, turns):
    react(bob, den)
    change_messages([React(person.pk, "r", den.pk, 1, "👍", on) for person in (alice, bob) for on in turns])
    assert set(reactions(den).get("👍", [])) == ({alice.pk, bob.pk} if turns[-1] else set())


def test_who_is_not_in_the_room_may_not_react(mallory, den, said):
    assert refusal_code(react(mallory, den)) == "not_a_member"
    assert reactions(den) == {}


def test_who_has_left_may_not_take_a_reaction_back(bob, den, said):
    react(bob, den)
    memberships.leave(bob, den.pk)
    assert refusal_code(react(bob, den, on=False)) == "not_a_member"
    assert reactions(den) == {"👍": [bob.pk]}


def test_who_is_banned_may_not_react(alice, den, said):
    bans.ban(alice)
    assert refusal_code(react(alice, den)) == "banned"
    assert reactions(den) == {}


def test_there_is_no_reaction_to_a_message_that_is_not_there_or_deleted(alice, bob, den, said):
    assert refusal_code(react(alice, den, number=2)) == "no_such_message"
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert refusal_code(react(alice, den)) == "message_deleted"
    assert not Reaction.objects.exists()


def test_a_message_has_so_many_different_emoji(alice, bob, den, said, monkeypatch):
    monkeypatch.setattr(rules, "EMOJI", 2)
    for emoji in "👍🎉":
        react(alice, den, emoji)
    refused = react(bob, den, "🚀")
    assert (refused.code, refused.values) == ("too_many_emoji", {"most": 2})
    assert react(bob, den, "🎉").fresh
    assert list(reactions(den)) == ["👍", "🎉"]


def test_a_message_has_so_many_reactions(alice, bob, den, said, monkeypatch):
    monkeypatch.setattr(rules, "REACTIONS", 2)
    for emoji in "👍🎉":
        react(alice, den, emoji)
    assert refusal_code(react(bob, den, "👍")) == "too_many_reactions"
    assert react(alice, den, "👍", on=False).fresh
    assert react(bob, den, "👍").fresh


def test_an_edit_keeps_the_reactions_and_a_deletion_takes_them(alice, bob, den, said):
    react(alice, den)
    react(bob, den, "🎉")
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    assert Message.objects.get(room=den).reactions == ""
    change_messages([Restore(bob.pk, "u", den.pk, 1)])
    assert reactions(den) == {"👍": [alice.pk], "🎉": [bob.pk]}


def test_a_final_deletion_leaves_none(alice, bob, den, said):
    react(alice, den)
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    for deletion in Deletion.objects.all():
        deletion.deleted_at -= PURGE_AFTER
        deletion.save()
    assert purge() == 1
    assert not Reaction.objects.exists()


def test_a_message_that_is_taken_down_keeps_none(alice, den, said):
    react(alice, den)
    moderation.take_down(den, 1)
    assert reactions(den) == {}


def test_the_reactions_of_who_is_erased_are_gone_and_the_others_stay(alice, bob, den, said):
    react(alice, den)
    react(bob, den)
    react(alice, den, "🎉")
    erasure.erase(alice)
    assert reactions(den) == {"👍": [bob.pk]}
    den.refresh_from_db()
    assert Message.objects.get(room=den).changed == den.sequence


def test_the_reactions_of_who_is_deleted_with_their_user_are_gone(alice, bob, den, said):
    react(alice, den)
    get_user_model().objects.get(pk=alice.pk).delete()
    assert reactions(den) == {}


def test_an_export_has_a_persons_own(alice, bob, den, said):
    react(alice, den)
    react(bob, den, "🎉")
    assert queries.all_about(alice)["reactions"] == [{"message__room": den.pk, "message__number": 1, "emoji": "👍"}]
