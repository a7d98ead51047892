"""Addresses of single messages."""

import re
from urllib.parse import quote

import pytest

from chat import queries
from chat.actions import memberships
from chat.actions.changes import Delete, change_messages
from tests.pages import browser, join, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def test_a_permalink_shows_its_message_among_its_neighbours(alice, lobby):
    say(alice, "x", room=lobby, times=120)
    client = browser(alice)
    for number in (1, 2, 60, 119, 120):
        page = client.get(f"/rooms/lobby/{number}/")
        assert page.status_code == 200
        numbers = [message.number for message in page.context["timeline"]]
        assert number in numbers
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert len(numbers) <= 50
        assert page.context["more"] == (numbers[0] > 1)


def test_without_a_number_the_last_messages_are_shown(alice, lobby):
    say(alice, "x", room=lobby, times=60)
    page = browser(alice).get("/rooms/lobby/")
    assert [message.number for message in page.context["timeline"]] == list(range(11, 61))
    assert page.context["more"]


def test_a_room_with_more_news_than_a_page_opens_where_they_begin(alice, bob, lobby):
    say(bob, "read", room=lobby, times=80)
    memberships.mark_read(alice.pk, lobby.pk, 80)
    say(bob, "new", room=lobby, times=queries.PAGE)
    client = browser(alice)
    numbers = [message.number for message in client.get("/rooms/lobby/").context["timeline"]]
    assert numbers == list(range(81, 131))
    say(bob, "one more", room=lobby)
    numbers = [message.number for message in client.get("/rooms/lobby/").context["timeline"]]
    assert (81 in numbers, len(numbers), numbers[-1]) == (True, queries.PAGE, 105)
    numbers = [message.number for message in client.get("/rooms/lobby/?latest").context["timeline"]]
    assert numbers == list(range(82, 132))


@pytest.mark.parametrize(
    ("at", "last"), [("60", 84), ("1", 25), ("120", 120), ("9" * 18, 120), ("x", 120), ("9" * 30, 120)]
)
def test_a_room_opens_where_the_reader_was(alice, lobby, at, last):
    say(alice, "x", room=lobby, times=120)
    page = browser(alice).get("/rooms/lobby/", {"at": at})
    assert page.context["timeline"][-1].number == last
    assert page.context["boot"]["focus"] is None


@pytest.mark.parametrize("number", ["0", "4", "-1", "1.5", "x", "9" * 30, "9" * 5000, "１"])
def test_a_permalink_out_of_range_is_not_found(alice, lobby, number):
    say(alice, "x", room=lobby, times=3)
    client = browser(alice)
    for detail in ("", "thread/", "reactions/", "versions/", "origin/"):
        assert client.get(f"/rooms/lobby/{quote(number)}/{detail}").status_code == 404


def test_permalinks_into_a_direct_room_are_for_its_two_people(alice, bob, mallory):
    say(bob, "psst", to="alice")
    assert browser(alice).get("/people/bob/1/").status_code == 200
    assert browser(bob).get("/people/alice/1/").status_code == 200
    assert browser(bob).get("/people/alice/2/").status_code == 404
    assert browser(bob).get("/people/mallory/1/").status_code == 404
    assert browser(mallory).get("/people/bob/1/").status_code == 404


def test_removing_somebody_asks_first_and_changes_nothing_by_that(den, alice, bob):
    page = browser(alice).get(f"/rooms/{den.slug}/members/remove/", {"nickname": "bob"})
    assert page.status_code == 200
    assert "Remove <bdi>bob</bdi> from <bdi>Den</bdi>?" in page.content.decode()
    assert den.memberships.filter(profile=bob).exists()
    assert browser(alice).get(f"/rooms/{den.slug}/members/remove/").status_code == 302
    assert browser(bob).get(f"/rooms/{den.slug}/members/remove/", {"nickname": "alice"}).status_code == 403


def test_the_message_of_a_permalink_is_marked_also_when_it_is_deleted(alice, lobby):
    say(alice, "x", room=lobby, times=60)
    change_messages([Delete(alice.pk, "d", lobby.pk, 30)])
    page = browser(alice).get("/rooms/lobby/30/")
    assert page.context["boot"]["focus"] == 30
    numbers = [message.number for message in page.context["timeline"]]
    assert (numbers[0], numbers[-1]) == (5, 54)


def test_who_opens_a_permalink_without_having_joined_lands_on_that_message(visitor, alice, lobby):
    say(alice, "x", room=lobby, times=60)
    asked = visitor.get("/rooms/lobby/30/")
    page = visitor.get(asked["Location"])
    assert "You're on your way to <bdi>Lobby</bdi>." in text(page)
    led = join(visitor, "newcomer", next=page.context["next"])
    assert led["Location"] == "/rooms/lobby/30/"
    assert visitor.get(led["Location"]).context["boot"]["focus"] == 30


def test_the_preview_of_a_link_names_a_public_room_and_nothing_said_there(visitor, alice, lobby):
    say(alice, "words of alice", room=lobby)
    page = text(visitor.get("/rooms/lobby/1/", follow=True))
    assert '<meta property="og:title" content="Lobby · chatsite">' in page
    assert "words of alice" not in page
    assert "alice" not in page


def test_the_preview_of_a_link_into_a_private_room_is_that_of_one_that_does_not_exist(visitor, alice, bob, den):
    say(alice, "words", room=den)
    say(alice, "psst", to="bob")

    def preview(path: str) -> str:
        return re.sub("value=.*?>", "", text(visitor.get(path, follow=True)))

    known = {preview(path) for path in (f"/rooms/{den.slug}/1/", "/rooms/none/1/", "/people/bob/1/", "/rooms/new/")}
    assert len(known) == 1
    assert '<meta property="og:title" content="chatsite">' in known.pop()


@pytest.mark.parametrize(
    "target", ["/rooms/%00/", "/rooms/" + "x" * 5000 + "/", "/rooms//", "//rooms/lobby/", "rooms/lobby/"]
)
def test_a_senseless_target_names_no_room(visitor, lobby, target):
    assert visitor.get("/", {"next": target}).context["ahead"] is None
