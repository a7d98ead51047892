"""The versions of an edited message are for those who may read its room."""

import pytest

from chat import conf
from chat.actions import memberships
from chat.actions.changes import Delete, Edit, change_messages
from tests.pages import browser, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def edit(person, room, *bodies):
    for sequence, body in enumerate(bodies, start=1):
        change_messages([Edit(person.pk, f"e{sequence}", room.pk, 1, sequence, body)])


@pytest.fixture
def edited(alice, bob, den):
    say(bob, "helo", room=den)
    edit(bob, den, "hello", "hello <b>all</b>")
    return f"/rooms/{den.slug}/1/versions/"


def test_all_texts_are_shown_with_the_newest_first(alice, edited):
    page = text(browser(alice).get(edited))
    places = [page.index(f">{body}<") for body in ("hello <b>all</b>", "hello", "helo")]
    assert places == sorted(places)


def test_a_page_that_is_open_gets_them_without_the_rest(alice, edited):
    answer = browser(alice).get(edited, headers={"Accept": "application/json"})
    assert answer.json()["content"].count("<li") == 3
    assert "<html" not in answer.json()["content"]
    assert (answer["Cache-Control"], "Accept" in answer["Vary"]) == ("private, no-store", True)


def test_a_message_that_was_never_edited_has_one(alice, bob, den):
    say(bob, "hello", room=den)
    assert text(browser(alice).get(f"/rooms/{den.slug}/1/versions/")).count('<li class="version"') == 1


def test_who_is_not_in_a_private_room_learns_nothing(bob, den, mallory, edited):
    assert browser(mallory).get(edited).status_code == 404
    memberships.leave(bob, den.pk)
    assert browser(bob).get(edited).status_code == 404


def test_a_preview_of_a_public_room_has_them(mallory, alice, chess):
    say(alice, "helo", room=chess)
    edit(alice, chess, "hello")
    assert ">helo<" in text(browser(mallory).get("/rooms/chess/1/versions/"))


def test_direct_messages_have_them_for_the_two_alone(alice, bob, mallory):
    say(alice, "helo", to="bob")
    assert ">helo<" in text(browser(bob).get("/people/alice/1/versions/"))
    assert ">helo<" in text(browser(alice).get("/people/bob/1/versions/"))
    for path in ("/people/alice/1/versions/", "/people/nobody/1/versions/"):
        assert browser(mallory).get(path).status_code == 404


@pytest.mark.parametrize("number", ["0", "2", "x", "9" * 30, "9" * 5000])
def test_there_are_none_of_a_message_that_is_not_there(alice, den, edited, number):
    assert browser(alice).get(f"/rooms/{den.slug}/{number}/versions/").status_code == 404


def test_there_are_none_of_a_deleted_message(alice, bob, den, edited):
    change_messages([Delete(bob.pk, "d", den.pk, 1)])
    answer = browser(alice).get(edited)
    assert answer.status_code == 404
    assert "hello" not in text(answer)


def test_a_site_can_keep_them_to_itself(alice, den, edited, monkeypatch):
    assert "/1/versions/" in text(browser(alice).get(f"/rooms/{den.slug}/"))
    monkeypatch.setattr(conf, "EDIT_HISTORY", False)
    assert browser(alice).get(edited).status_code == 404
