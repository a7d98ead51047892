"""Names in messages lead to their people and rooms, and mark what is unread."""

import pytest

from chat.actions import memberships, moderation
from chat.models import Message
from tests.pages import browser, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.above_storage]


def test_a_name_leads_to_its_person_whatever_they_are_called_now(alice, bob, lobby):
    say(alice, "@bob", room=lobby)
    assert f'href="?person={bob.pk}"' in Message.objects.get(room=lobby).html
    moderation.rename(bob, "robert")
    for page in ("/rooms/lobby/", "/rooms/lobby/1/", "/people/robert/"):
        assert browser(alice).get(page, {"person": bob.pk})["Location"] == "/people/robert/"


def test_a_name_leads_to_its_room(alice, chess):
    assert browser(alice).get("/rooms/lobby/", {"room": chess.slug})["Location"] == "/rooms/chess/"
    assert browser(alice).get("/rooms/lobby/", {"room": "聊天"}, follow=True).status_code == 404


@pytest.mark.parametrize("query", ["person=999999", "person=x", "person=", "room=", "room=../x", "room=//evil.example"])
def test_a_name_of_nobody_leads_nowhere(alice, query):
    assert browser(alice).get(f"/rooms/lobby/?{query}").status_code == 200


def test_a_private_room_is_not_told_from_one_that_is_not_there(mallory, den):
    client = browser(mallory)
    answers = [client.get("/rooms/lobby/", {"room": slug}, follow=True) for slug in (den.slug, "no-such-room")]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content


def test_a_message_that_names_its_reader_is_marked(alice, bob, den):
    say(alice, "@bob", room=den)
    say(alice, "@all", room=den)
    say(alice, "words", room=den)
    rows = text(browser(bob).get(f"/rooms/{den.slug}/")).split('<div class="message')
    assert ["names-me" in row.split(">")[0] for row in rows[1:4]] == [True, True, False]
    assert f'<a class="mention to-me" href="?person={bob.pk}">@bob</a>' in rows[1]
    rows = text(browser(alice).get(f"/rooms/{den.slug}/")).split('<div class="message')
    assert ["names-me" in row.split(">")[0] for row in rows[1:4]] == [False, False, False]
    assert f'<a class="mention" href="?person={bob.pk}">@bob</a>' in rows[1]


def test_the_sidebar_marks_rooms_with_unread_mentions(alice, bob, den):
    def is_marked() -> bool:
        item = text(browser(bob).get("/settings/")).split(f'data-room="{den.pk}"')[1].split("</li>")[0]
        return "hidden" not in item.split('class="mention-mark"')[1].split(">")[0]

    assert not is_marked()
    say(alice, "@bob", room=den)
    assert is_marked()
    memberships.mark_read(bob.pk, den.pk, 1)
    assert not is_marked()
