"""Joining under a nickname: whose it is, and for whom it is taken."""

from threading import Event, Thread

import pytest
from django.db import connection

from chat import queries
from chat.actions import moderation, people
from chat.models import Profile
from chat.refusals import Refusal
from tests.actions.outcomes import members, refused

pytestmark = pytest.mark.django_db


def test_everybody_is_in_the_lobby_from_the_start(alice, bob, lobby):
    assert members(lobby) == {"alice", "bob"}


def test_a_nickname_is_taken_in_all_its_spellings(person):
    person("Ｂｏｂ")
    assert refused(person, "bob") == "nickname_taken"
    assert refused(person, " BOB ") == "nickname_taken"
    assert queries.free_variant("bob") == "bob2"


def test_a_user_of_the_project_may_take_a_nickname_as_a_member(db, django_user_model):
    user = django_user_model.objects.create_user("someone")
    profile = people.join("someone", user)
    assert (profile.pk, profile.kind) == (user.pk, "member")


@pytest.mark.parametrize(("taken", "alike"), [("limes11", "Iimes11"), ("Ian", "lan")])
def test_a_capital_i_does_not_stand_for_a_small_l_at_the_beginning(person, taken, alike):
    person(taken)
    assert refused(people.join, alike) == "nickname_taken"
    moderation.lock_nickname("lea")
    assert refused(people.join, "Iea") == "nickname_taken"
    moderation.lock_nickname("Ivo")
    assert person("Lvo")


def test_names_are_alike_as_they_are_shown(person):
    person("Lan")
    assert person("Ian")


@pytest.mark.parametrize("alike", ["AIice", "\u0410\u0406\u0456\u0441\u0435"])
def test_a_nickname_is_taken_for_all_that_look_like_it(person, alike):
    person("Alice")
    with pytest.raises(Refusal, match="looks like “Alice”, which is already taken") as refusal:
        person(alike)
    assert refusal.value.code == "nickname_taken"
    assert refused(people.join_open, alike, "") == "nickname_taken"
    assert queries.free_variant(alike) == f"{alike}2"


def test_a_name_from_before_names_were_compared_by_their_looks_stays_somebodys(person):
    """Such names stand side by side, and a look alike of both is refused as of any other."""
    legacy = person("mark")
    Profile.objects.filter(pk=legacy.pk).update(nickname="m\u0430rk", nickname_key="m\u0430rk", kind="open")
    with pytest.raises(Refusal, match="looks like “m\u0430rk”"):
        person("mark")
    assert queries.person("M\u0410RK") == legacy
    assert people.join_open("m\u0430rk", "holder") == legacy


def test_of_two_names_that_look_alike_and_come_at_once_one_is_taken(transactional_db, monkeypatch):
    """The second may look only when the first is stored: while the first looks it waits for as long as one lets it."""
    look_alike = queries.look_alike
    has_looked = Event()
    outcomes = []

    def look(nickname):
        alike = look_alike(nickname)
        if nickname == "Alice":
            second.start()
            has_looked.wait(0.5)
        else:
            has_looked.set()
        return alike

    def come():
        try:
            outcomes.append(refused(people.join, "AIice"))
        finally:
            connection.close()

    second = Thread(target=come)
    monkeypatch.setattr(queries, "look_alike", look)
    people.join("Alice")
    second.join(10)
    assert outcomes == ["nickname_taken"]


def test_a_guest_has_no_password(alice):
    assert not alice.user.has_usable_password()
    assert alice.kind == "guest"
