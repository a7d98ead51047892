"""Pages of public rooms."""

import pytest

from chat.actions import memberships
from chat.models import Room
from tests.pages import browser, counts, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def test_anybody_may_look_into_a_public_room_before_joining(chess, alice, bob):
    say(alice, "e4", room=chess)
    before = counts()
    page = browser(bob).get("/rooms/chess/")
    assert page.status_code == 200
    assert not page.context["member"]
    assert not page.context["owner"]
    assert [message.body for message in page.context["timeline"]] == ["e4"]
    assert "/rooms/chess/join/" in page.content.decode()
    assert 'id="composer"' not in page.content.decode()
    assert counts() == before


def test_looking_into_a_room_does_not_make_it_home(chess, bob):
    client = browser(bob)
    client.get("/rooms/chess/")
    assert client.get("/")["Location"] == "/rooms/lobby/"


def test_joining_and_leaving_a_public_room(chess, bob):
    client = browser(bob)
    assert client.post("/rooms/chess/join/")["Location"] == "/rooms/chess/"
    assert client.get("/rooms/chess/").context["member"]
    assert client.post("/rooms/chess/join/").status_code == 302
    assert client.post("/rooms/chess/leave/").status_code == 302
    assert not client.get("/rooms/chess/").context["member"]


def test_leaving_asks_first_where_something_is_lost(chess, den, alice, bob, mallory):
    memberships.join(bob, "chess")
    assert f'href="/rooms/{den.slug}/leave/"' in text(browser(bob).get(f"/rooms/{den.slug}/"))
    assert 'href="/rooms/chess/leave/"' in text(browser(alice).get("/rooms/chess/"))
    assert 'href="/rooms/chess/leave/"' not in text(browser(bob).get("/rooms/chess/"))
    assert "unless a member invites you back" in text(browser(bob).get(f"/rooms/{den.slug}/leave/"))
    assert "You own this room" in text(browser(alice).get("/rooms/chess/leave/"))
    assert browser(mallory).get(f"/rooms/{den.slug}/leave/").status_code == 404
    before = counts()
    browser(alice).get("/rooms/chess/leave/")
    assert counts() == before


def test_the_last_one_is_told_that_nobody_will_read_it_any_more(den, alice, bob):
    memberships.leave(bob, den.pk)
    assert "No one will be able to read its messages" in text(browser(alice).get(f"/rooms/{den.slug}/leave/"))


def test_who_is_not_in_cannot_leave(chess, bob):
    assert browser(bob).post("/rooms/chess/leave/").status_code == 403


def test_what_was_said_before_one_joined_is_not_unread(chess, alice, bob):
    say(alice, "e4", room=chess, times=3)
    client = browser(bob)
    client.post("/rooms/chess/join/")
    say(alice, "e5", room=chess, times=2)
    unread = {room["slug"]: room["unread"] for room in client.get("/rooms/chess/").context["rooms"]}
    assert unread == {"lobby": 0, "chess": 2}


def test_the_owner_gives_a_room_another_title_and_topic_under_its_old_address(chess, alice):
    client = browser(alice)
    assert client.get("/rooms/chess/edit/").context["form"].initial == {"title": "Chess", "topic": "openings"}
    answer = client.post("/rooms/chess/edit/", {"title": "国际象棋", "topic": ""})
    assert answer["Location"] == "/rooms/chess/"
    chess.refresh_from_db()
    assert (chess.title, chess.topic, chess.slug) == ("国际象棋", "", "chess")


def test_the_owner_may_change_the_topic_alone(chess, alice):
    assert browser(alice).post("/rooms/chess/edit/", {"title": "Chess", "topic": "endings"}).status_code == 302
    chess.refresh_from_db()
    assert chess.topic == "endings"


def test_a_room_cannot_be_renamed_to_another_rooms_title(chess, alice):
    page = browser(alice).post("/rooms/chess/edit/", {"title": "lobby", "topic": ""})
    assert page.status_code == 422
    assert "already" in text(page)
    chess.refresh_from_db()
    assert chess.title == "Chess"


def test_a_private_room_may_be_called_like_any_other(den, alice):
    assert browser(alice).post(f"/rooms/{den.slug}/edit/", {"title": "Lobby"}).status_code == 302


@pytest.mark.parametrize(
    "fields", [{"title": ""}, {"title": " "}, {"title": "x" * 61}, {"title": "a", "topic": "x" * 251}, {}]
)
def test_a_room_keeps_its_title_when_the_new_one_is_refused(chess, alice, fields):
    page = browser(alice).post("/rooms/chess/edit/", {"topic": "", **fields})
    assert page.status_code == 422
    chess.refresh_from_db()
    assert (chess.title, chess.topic) == ("Chess", "openings")


@pytest.mark.parametrize("joined", [True, False])
def test_only_its_owner_changes_a_room(chess, bob, joined):
    if joined:
        memberships.join(bob, "chess")
    client = browser(bob)
    assert client.get("/rooms/chess/edit/").status_code == 403
    assert client.post("/rooms/chess/edit/", {"title": "Mine"}).status_code == 403
    chess.refresh_from_db()
    assert chess.title == "Chess"


def test_making_or_renaming_a_room_does_not_change_its_kind(chess, alice):
    browser(alice).post("/rooms/chess/edit/", {"title": "Chess", "kind": "private"})
    chess.refresh_from_db()
    assert chess.kind == Room.Kind.PUBLIC
