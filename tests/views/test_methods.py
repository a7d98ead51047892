"""Every form needs its token, every page its method."""

import pytest
from django.test import Client

from chat import urls
from chat.models import Profile
from tests.pages import browser, counts, join, text

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("no_join_limit")]

PATHS = {
    "home": "/",
    "join": "/join/",
    "sign_out": "/sign-out/",
    "rooms": "/rooms/",
    "room_new": "/rooms/new/",
    "room": "/rooms/chess/",
    "message": "/rooms/chess/1/",
    "origin": "/rooms/chess/1/origin/",
    "details": "/rooms/chess/1/versions/",
    "room_pins": "/rooms/chess/pins/",
    "room_edit": "/rooms/chess/edit/",
    "room_join": "/rooms/chess/join/",
    "room_leave": "/rooms/chess/leave/",
    "room_members": "/rooms/chess/members/",
    "room_remove": "/rooms/chess/members/remove/",
    "invitation_accept": "/invitations/1/accept/",
    "invitation_decline": "/invitations/1/decline/",
    "people": "/people/",
    "person": "/people/bob/",
    "direct_message": "/people/bob/1/",
    "direct_pins": "/people/bob/pins/",
    "direct_origin": "/people/bob/1/origin/",
    "direct_details": "/people/bob/1/versions/",
    "completed_people": "/completion/people/chess",
    "completed_rooms": "/completion/rooms",
    "emoji": "/emoji/x",
    "saved": "/saved/",
    "settings": "/settings/",
    "appearance": "/settings/appearance/",
    "styleguide": "/styleguide/",
    "connection": "/connection/",
    "connection_echo": "/connection/echo",
    "seen": "/live/seen",
    "report": "/live/report",
    "healthz": "/healthz",
    "readyz": "/readyz",
    "echo": "/ws",
    "open_name": "/ws/bob",
}


def test_the_paths_here_are_all_that_there_are():
    assert list(PATHS) == [pattern.name for pattern in urls.urlpatterns]


@pytest.mark.parametrize("name", PATHS)
def test_nothing_can_be_posted_without_the_forms_token(chess, alice, name):
    client = browser(alice, enforce_csrf_checks=True)
    before = counts()
    answer = client.post(PATHS[name], {"title": "x", "kind": "public", "nickname": "x"})
    assert answer.status_code == 403
    assert counts() == before
    assert client.get("/rooms/").status_code == 200


def test_nobody_is_made_to_join_by_another_sites_form(chess):
    client = Client(enforce_csrf_checks=True)
    assert join(client, "bob").status_code == 403
    assert not Profile.objects.filter(nickname="bob").exists()


def test_a_refused_form_is_explained_without_inside_words(chess):
    page = Client(enforce_csrf_checks=True).post("/join/")
    assert "CSRF" not in text(page)
    assert "<h1>" in page.content.decode()


def test_with_its_token_a_form_is_taken():
    client = Client(enforce_csrf_checks=True)
    client.get("/")
    answer = join(client, "bob", csrfmiddlewaretoken=client.cookies["csrftoken"].value)
    assert answer.status_code == 302


def test_with_a_token_from_another_origin_a_form_is_refused():
    client = Client(enforce_csrf_checks=True, headers={"Origin": "http://evil.example"})
    client.get("/")
    assert join(client, "bob", csrfmiddlewaretoken=client.cookies["csrftoken"].value).status_code == 403


@pytest.mark.parametrize("name", ["join", "room_join", "room_members", "appearance"])
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_what_changes_something_is_only_ever_posted(chess, alice, name, method):
    before = counts()
    assert getattr(browser(alice), method)(PATHS[name]).status_code == 405
    assert counts() == before


@pytest.mark.parametrize("name", ["home", "rooms", "room", "person", "healthz", "echo", "open_name"])
def test_what_shows_something_is_never_posted(chess, alice, bob, name):
    assert browser(alice).post(PATHS[name]).status_code == 405
    assert browser(alice).head(PATHS[name]).status_code in (200, 302, 426)
