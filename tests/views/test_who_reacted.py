"""Who has reacted to a message is for those who may read its room."""

import pytest

from chat import queries
from chat.actions import memberships
from chat.actions.changes import Delete, React, change_messages
from chat.queries import messages
from tests.pages import browser, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def react(room, *reactions):
    change_messages([React(person.pk, "r", room.pk, 1, emoji, True) for person, emoji in reactions])


@pytest.fixture
def reacted(alice, bob, den):
    say(bob, "hello", room=den)
    react(den, (alice, "👍"), (bob, "👍"), (bob, "🎉"))
    return f"/rooms/{den.slug}/1/reactions/"


def test_people_are_named_under_each_emoji(alice, bob, den, reacted):
    assert queries.reactions(alice.pk, den.pk, 1) == [("👍", ["alice", "bob"], 0), ("🎉", ["bob"], 0)]
    page = text(browser(alice).get(reacted))
    assert page.index("👍") < page.index("🎉")
    assert page.count("<bdi>bob</bdi>") == 2


def test_of_many_people_the_first_are_named_and_the_others_counted(alice, den, reacted, monkeypatch):
    monkeypatch.setattr(messages, "NAMES_SHOWN", 1)
    assert queries.reactions(alice.pk, den.pk, 1) == [("👍", ["alice"], 1), ("🎉", ["bob"], 0)]
    assert "and 1 other<" in text(browser(alice).get(reacted))


def test_a_page_that_is_open_gets_them_without_the_rest(alice, reacted):
    answer = browser(alice).get(reacted, headers={"Accept": "application/json"})
    assert answer.json()["content"].count("<li>") == 2
    assert "<html" not in answer.json()["content"]


def test_who_is_not_in_a_private_room_learns_nothing(bob, den, mallory, reacted):
    assert browser(mallory).get(reacted).status_code == 404
    memberships.leave(bob, den.pk)
    assert browser(bob).get(reacted).status_code == 404
    assert queries.reactions(bob.pk, den.pk, 1) == []


def test_direct_messages_have_them_for_the_two_alone(alice, bob, mallory):
    say(alice, "hello", to="bob")
    react(queries.direct_room_with(alice.pk, bob.pk).room, (bob, "👍"))
    assert "<bdi>bob</bdi>" in text(browser(alice).get("/people/bob/1/reactions/"))
    for path in ("/people/alice/1/reactions/", "/people/bob/1/reactions/"):
        assert browser(mallory).get(path).status_code == 404


def test_there_are_none_of_a_message_without_reactions_deleted_or_not_there(alice, bob, den, reacted):
    say(bob, "again", room=den)
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    for number in (1, 2, 3):
        assert browser(alice).get(f"/rooms/{den.slug}/{number}/reactions/").status_code == 404


def test_an_open_page_may_ask_for_reactions_that_have_just_gone(alice, bob, den, reacted):
    for person, emoji in ((alice, "👍"), (bob, "👍"), (bob, "🎉")):
        change_messages([React(person.pk, "r", den.pk, 1, emoji, False)])
    answer = browser(alice).get(reacted, headers={"Accept": "application/json"})
    assert "<li>" not in answer.json()["content"]


def test_there_are_no_other_details(alice, den, reacted):
    assert browser(alice).get(f"/rooms/{den.slug}/1/secrets/").status_code == 404


def test_rows_show_how_many_and_which_are_ones_own(alice, den, reacted):
    page = text(browser(alice).get(f"/rooms/{den.slug}/"))
    assert page.count('class="reaction"') == 3  # One in a template.
    assert 'value="👍" aria-pressed="true"' in page
    assert 'value="🎉" aria-pressed="false"' in page
