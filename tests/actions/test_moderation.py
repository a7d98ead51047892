"""Owners' actions on sessions, messages, rooms and nicknames, and their effects."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from chat import queries
from chat.actions import bans, leases, memberships, moderation, people, rooms
from chat.models import Message, Profile, Room
from tests.actions.outcomes import members, refused, say
from tests.pages import browser
from tests.rivals import before_the_lock

pytestmark = pytest.mark.django_db

LONG = timedelta(minutes=1)


# Sessions.


def test_whoever_is_signed_out_has_no_session_any_more(alice, bob, django_user_model):
    member = django_user_model.objects.create_user("member", password="a password of theirs")
    carol = people.join("carol", member)
    visitors = {profile: browser(profile) for profile in (alice, bob, carol)}
    for profile in (alice, carol):
        moderation.end_sessions(profile)
    assert [visitor.get("/rooms/lobby/").status_code for visitor in visitors.values()] == [302, 200, 302]
    assert Browser().login(username="member", password="a password of theirs")


def test_where_sessions_cannot_be_listed_that_is_said(django_user_model, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    carol = people.join("carol", django_user_model.objects.create_user("member", password="a password"))
    assert refused(moderation.end_sessions, carol) == "unavailable"


# Words.


def test_words_that_are_taken_down_are_gone_and_their_place_stays(alice, bob, lobby):
    say(alice, lobby, "first", "1")
    say(bob, lobby, "see https://bad.example", "2")
    moderation.take_down(lobby, 2)
    moderation.take_down(lobby, 2)
    message = Message.objects.get(room=lobby, number=2)
    assert (message.body, message.html, message.changed) == ("", "", 3)
    assert message.deleted_at
    assert [row.number for row in queries.changes_after(alice.pk, lobby.pk, 2)] == [2]
    assert "This message was removed." in browser(alice).get("/rooms/lobby/").content.decode()
    assert say(alice, lobby, "next", "3").message.changed == 4
    assert refused(moderation.take_down, lobby, 7) == "no_such_message"


def test_a_room_is_deleted_with_all_that_was_said_in_it(alice, bob, den):
    say(bob, den)
    moderation.delete_room(den)
    assert not Room.objects.filter(pk=den.pk).exists()
    assert not Message.objects.exists()
    assert say(bob, den, client_id="2").code == "not_a_member"
    assert browser(bob).get(den.get_absolute_url()).status_code == 404


def test_the_lobby_and_the_rooms_of_two_are_not_deleted(alice, bob, lobby):
    assert refused(moderation.delete_room, lobby) == "bad_room"
    assert refused(moderation.delete_room, rooms.direct(alice, bob)) == "bad_room"


# Nicknames.


def test_the_nickname_of_a_guest_who_is_away_can_be_freed(alice, bob, den):
    say(bob, den)
    assert moderation.free_nickname(bob) == "bob left"
    assert people.join("bob").pk != bob.pk
    assert [row.sender.nickname for row in queries.messages_before(alice.pk, den.pk).messages] == ["bob left"]
    assert members(den) == {"alice", "bob left"}


def test_the_nickname_of_who_is_here_or_has_an_account_is_not_freed(bob, django_user_model):
    leases.acquire("process", [bob.pk], LONG)
    assert refused(moderation.free_nickname, bob) == "is_here"
    carol = people.join("carol", django_user_model.objects.create_user("member"))
    assert refused(moderation.free_nickname, carol) == "bad_nickname"


def test_a_locked_nickname_is_nobodys(bob):
    for name in ("Ｂｏｂ", "zoe"):
        moderation.lock_nickname(name)
    assert refused(people.join, "ZOE") == "nickname_taken"
    assert refused(people.join_open, "zoe", "one") == "nickname_taken"
    assert queries.free_variant("zoe") == "zoe2"
    assert Profile.objects.get(nickname="bob") == bob
    moderation.unlock_nickname("ZOE")
    assert people.join("zoe")
    assert refused(moderation.unlock_nickname, "zoe") == "bad_nickname"
    for bad in ("", " ", "x" * 33, "a\0"):
        assert refused(moderation.lock_nickname, bad) == "bad_nickname"


@pytest.mark.django_db(transaction=True)
def test_what_is_decided_meanwhile_holds(alice, bob, den, lobby):
    with before_the_lock(lambda: moderation.lock_nickname("zoe")):
        assert refused(people.join, "zoe") == "nickname_taken"
    with before_the_lock(lambda: bans.ban(None, "192.0.2.7")):
        assert refused(people.join, "zack", None, "192.0.2.7") == "banned"
    with before_the_lock(lambda: leases.acquire("process", [bob.pk], LONG)):
        assert refused(moderation.free_nickname, bob) == "is_here"
    with before_the_lock(lambda: memberships.remove(alice, den, "bob")):
        assert refused(moderation.remove_member, bob, den) == "not_a_member"
    with before_the_lock(lambda: bans.ban(bob)):
        assert say(bob, lobby).code == "banned"
