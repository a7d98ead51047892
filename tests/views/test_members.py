"""Pages on which members of private rooms are added and removed."""

from html import escape
from urllib.parse import quote

import pytest
from django.test import Client

from chat.actions import memberships, rooms
from chat.models import Membership, Room
from tests.pages import browser, counts, join, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def test_a_member_adds_somebody(den, bob, mallory):
    answer = browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": "ＭＡＬＬＯＲＹ"}, follow=True)
    assert "mallory is in" in text(answer)
    assert browser(mallory).get(f"/rooms/{den.slug}/").status_code == 200


@pytest.mark.parametrize("nickname", ["", "nobody here", "a\0b", "x" * 1000, "😀", "' --"])
def test_adding_nobody_is_refused(den, bob, nickname):
    before = counts()
    answer = browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": nickname}, follow=True)
    assert answer.status_code == 200
    assert f'value="{escape(nickname[:64])}"' in answer.content.decode()
    [refusal] = answer.context["messages"]
    assert refusal.level_tag == "error"
    page = answer.content.decode()
    # At the field, and not at the top too.
    assert f'id="add-error" role="alert">{escape(refusal.message)}' in page
    assert page.count(escape(refusal.message)) == page.count('aria-describedby="add-error"') == 1
    assert counts() == before


def test_adding_a_name_that_is_endless_costs_nothing(den, bob):
    """Folding a row of marks takes time by its square: these would hold a thread for minutes."""
    nickname = "a" + "\u0301\u0316" * 500_000
    assert browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": nickname}).status_code == 302
    assert browser(bob).get(f"/people/{quote(nickname[:60_000])}/").status_code == 404
    assert join(Client(), nickname).status_code == 422


def test_adding_somebody_twice_changes_nothing(den, bob):
    before = counts()
    answer = browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": "alice"}, follow=True)
    assert "alice is already in “Den”." in text(answer)
    assert counts() == before
    assert Membership.objects.get(room=den, profile__nickname="alice").role == Membership.Role.OWNER


def test_nobody_is_added_to_a_public_room(lobby, alice, bob):
    room = rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    before = counts()
    browser(alice).post("/rooms/chess/members/", {"nickname": "bob"})
    assert counts() == before
    assert not Membership.objects.filter(room=room, profile=bob).exists()


def test_the_owner_removes_somebody(den, alice, bob):
    assert browser(alice).post(f"/rooms/{den.slug}/members/remove/", {"nickname": "bob"}).status_code == 302
    assert not Membership.objects.filter(room=den, profile=bob).exists()


@pytest.mark.parametrize("nickname", ["alice", "bob", "mallory", "nobody here", ""])
def test_a_member_removes_nobody(den, bob, mallory, nickname):
    before = counts()
    assert browser(bob).post(f"/rooms/{den.slug}/members/remove/", {"nickname": nickname}).status_code == 403
    assert counts() == before


@pytest.mark.parametrize("nickname", ["alice", "mallory", "nobody here", ""])
def test_the_owner_removes_only_others_who_are_in(den, alice, mallory, nickname):
    before = counts()
    assert browser(alice).post(f"/rooms/{den.slug}/members/remove/", {"nickname": nickname}).status_code == 403
    assert counts() == before


def test_a_room_goes_to_its_oldest_member_when_its_owner_leaves(den, alice, bob, mallory):
    memberships.add(alice, den, "mallory")
    browser(alice).post(f"/rooms/{den.slug}/leave/")
    assert browser(bob).get(f"/rooms/{den.slug}/edit/").status_code == 200
    assert browser(mallory).get(f"/rooms/{den.slug}/edit/").status_code == 403
    assert browser(alice).get(f"/rooms/{den.slug}/").status_code == 404


def test_the_last_one_may_leave_too(alice):
    room = rooms.create(alice, Room.Kind.PRIVATE, "Cell", "")
    assert browser(alice).post(f"/rooms/{room.slug}/leave/").status_code == 302
    assert browser(alice).get(f"/rooms/{room.slug}/").status_code == 404


def test_the_lobby_is_nobodys(alice, bob, lobby):
    browser(alice).post("/rooms/lobby/leave/")
    assert browser(bob).get("/rooms/lobby/edit/").status_code == 403
    assert not Membership.objects.filter(room=lobby, role=Membership.Role.OWNER).exists()
