"""Posts, when storing fails."""

import pytest
from django.db import DataError, OperationalError

from chat.actions import mentions
from chat.actions.messages import Stored, post_messages
from tests.actions.drafts import assert_gapless, draft, refusal_code

pytestmark = pytest.mark.django_db


def test_a_draft_that_fails_takes_no_other_along(alice, bob, lobby, monkeypatch):
    render = mentions.render

    def broken(body):
        if body == "poison":
            raise ZeroDivisionError
        return render(body)

    monkeypatch.setattr(mentions, "render", broken)
    one, poison, two = post_messages(
        [draft(alice, lobby, "one"), draft(bob, lobby, "poison"), draft(bob, lobby, "two")]
    )
    assert (one.message.number, two.message.number) == (1, 2)
    assert refusal_code(poison) == "unavailable"
    assert_gapless(lobby, 2)


def test_what_was_stored_before_the_database_went_away_keeps_its_outcome(alice, lobby, monkeypatch):
    render, tried = mentions.render, []

    def going_away(body):
        tried.append(body)
        if tried == ["0"]:
            raise DataError("one of them cannot be stored")
        if body == "2":
            raise OperationalError("away")
        return render(body)

    monkeypatch.setattr(mentions, "render", going_away)
    outcomes = post_messages([draft(alice, lobby, str(number)) for number in range(5)])
    assert [isinstance(outcome, Stored) for outcome in outcomes] == [True, True, False, False, False]
    assert {refusal_code(outcome) for outcome in outcomes[2:]} == {"unavailable"}
    assert tried == ["0", *"012"]  # All together, then each. Of a database that is away nobody asks again for each.
    assert_gapless(lobby, 2)


def test_a_database_that_is_away_is_told_as_such(alice, lobby, monkeypatch):
    def away(body):
        raise OperationalError("away")

    monkeypatch.setattr(mentions, "render", away)
    with pytest.raises(OperationalError):
        post_messages([draft(alice, lobby), draft(alice, lobby)])
