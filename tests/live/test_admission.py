"""Admission to live connections, and its end."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from chat.actions import people
from chat.live.admission import admit_all
from chat.wire import events
from chatsite import accounts
from tests.live.handshakes import admit, heads, scope, session_of

# Sessions.


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cookie",
    [
        "sessionid={}",
        "theme=dark; sessionid={}; csrftoken=x",
        "theme=dark;sessionid={}",
        'prefs={{"a": "b", "c": [1]}}; sessionid={}',
        "a[b]=1; sessionid={}",
        "a b=1; sessionid={}",
        "=; ;; sessionid={}",
        "name=Ã©; sessionid={}",
        'broken="; sessionid={}',
        "sessionid={}; broken",
    ],
)
def test_the_person_behind_the_session_cookie_is_admitted(bob, session, cookie):
    admitted = admit(scope(cookie=cookie.format(session)))
    assert admitted.profile == bob
    assert admitted.session_key == session


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cookie",
    ["", "sessionid=", "sessionid", "sessionid=nobody", "xsessionid={}", "sessionid={}x", "sessionid=" + "x" * 8000,
     "sessionid=" + "\0" * 32, 'sessionid="%s"' % (r"\000" * 32),
     "sessionid=' OR 1=1 --", "=;=", ";;;", "\xff\xfe\xfd", "sessionid=../../etc/passwd",
     "SESSIONID={}"],
)  # fmt: skip
def test_without_a_good_session_cookie_nobody_is_admitted(session, cookie):
    assert admit(scope(cookie=cookie.format(session))) is None


@pytest.mark.django_db
def test_without_any_cookie_nobody_is_admitted():
    assert admit(scope()) is None


@pytest.mark.django_db
def test_a_session_of_nobody_is_not_admitted():
    anonymous = SessionStore()
    anonymous["seen"] = True
    anonymous.save()
    assert admit(scope(cookie=f"sessionid={anonymous.session_key}")) is None


@pytest.mark.django_db
def test_a_user_without_a_nickname_is_not_admitted():
    user = get_user_model().objects.create_user("staff", password="x")
    assert admit(scope(cookie=f"sessionid={session_of(user)}")) is None


def test_an_inactive_user_is_not_admitted(bob, session):
    bob.user.is_active = False
    bob.user.save()
    assert admit(scope(cookie=f"sessionid={session}")) is None


def test_each_session_has_its_own_person(bob, session):
    alice = people.join("alice")
    assert admit(scope(cookie=f"sessionid={session_of(alice.user)}")).profile == alice
    assert admit(scope(cookie=f"sessionid={session}")).profile == bob


def test_a_crowd_is_admitted_together_each_to_their_own(bob, session, den):
    alice = den.memberships.get(role="owner").profile
    everybody = [
        scope(cookie=f"sessionid={key}") for key in (session_of(alice.user), "nobody", session, session_of(bob.user))
    ]
    admitted = admit_all([*everybody, scope()])
    assert [one and one.profile for one in admitted] == [alice, None, bob, bob, None]
    assert all(den.pk in one.room_ids for one in admitted if one)
    assert [one.session_key for one in admitted if one] == [
        everybody[place]["headers"][-1][1].decode().removeprefix("sessionid=") for place in (0, 2, 3)
    ]


def test_a_session_from_before_the_secret_key_was_changed_is_good_and_signed_anew(bob, session, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    admitted = admit(scope(cookie=f"sessionid={session}"))
    assert admitted.profile == bob
    browser = Client(SERVER_NAME="localhost")
    browser.cookies["sessionid"] = session
    assert browser.get("/rooms/").status_code == 200
    assert "sessionid" not in browser.get("/rooms/").cookies, "The page has given the session another key."
    assert heads(admitted) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert admit(scope(cookie=f"sessionid={session}")).profile == bob
    assert browser.get("/rooms/").status_code == 200


def test_a_page_signs_an_older_session_anew_too(bob, session, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    browser = Client(SERVER_NAME="localhost")
    browser.cookies["sessionid"] = session
    assert browser.get("/rooms/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get("/rooms/").status_code == 200
    assert admit(scope(cookie=f"sessionid={browser.cookies['sessionid'].value}")).profile == bob


def test_without_the_older_secret_key_its_sessions_are_nobodys(session, settings):
    settings.SECRET_KEY = "another"
    assert admit(scope(cookie=f"sessionid={session}")) is None


def test_a_session_that_another_backend_has_begun_is_for_that_one_to_judge(bob, session):
    """Here there is no such backend, so nobody is signed in by it."""
    store = SessionStore(session)
    store["_auth_user_backend"] = "elsewhere.Backend"
    store.save()
    assert admit(scope(cookie=f"sessionid={session}")) is None


def test_a_session_from_before_the_site_had_djangos_own_backend_is_good_everywhere(bob, session):
    store = SessionStore(session)
    store["_auth_user_backend"] = "chatsite.accounts.ModelBackend"
    store.save()
    assert admit(scope(cookie=f"sessionid={session}")).profile == bob
    browser = Client(headers={"host": "localhost"})
    browser.cookies["sessionid"] = session
    assert browser.get("/rooms/lobby/").status_code == 200


def test_nobody_signs_in_by_the_backend_of_older_sessions(bob):
    bob.user.set_password("secret")
    bob.user.save()
    found = authenticate(username=bob.user.get_username(), password="secret")
    assert found.backend == "django.contrib.auth.backends.ModelBackend"
    assert accounts.ModelBackend().authenticate(None, username=bob.user.get_username(), password="secret") is None


# Later.


def test_an_admission_stays_good_while_the_session_does(session):
    assert heads(admit(scope(cookie=f"sessionid={session}"))) is not None


def test_an_admission_ends_with_its_session(session):
    admitted = admit(scope(cookie=f"sessionid={session}"))
    SessionStore(session).delete()
    assert heads(admitted) is None


def test_an_admission_ends_when_the_session_is_signed_out(bob, session):
    client = Client()
    client.cookies["sessionid"] = session
    admitted = admit(scope(cookie=f"sessionid={session}"))
    client.logout()
    assert heads(admitted) is None


def test_signing_out_by_any_door_is_told_to_the_connections_of_that_session(bob, session, monkeypatch):
    told = []
    monkeypatch.setattr(events, "announce_on_commit", lambda groups, event: told.append((groups, event)))
    client = Client()
    client.cookies["sessionid"] = session
    client.logout()  # As the admin does, and any project around the app.
    assert told == [([events.user_group(bob.pk)], events.signed_out(session))]


def test_an_admission_ends_with_a_new_password(bob, session):
    admitted = admit(scope(cookie=f"sessionid={session}"))
    bob.user.set_password("another")
    bob.user.save()
    assert heads(admitted) is None


def test_an_admission_ends_with_the_user_made_inactive(bob, session):
    admitted = admit(scope(cookie=f"sessionid={session}"))
    type(bob.user).objects.filter(pk=bob.user.pk).update(is_active=False)
    assert heads(admitted) is None


def test_an_admission_is_not_good_for_another_person(bob, session):
    """A session key that comes to be somebody else's does not carry the old connection over."""
    admitted = admit(scope(cookie=f"sessionid={session}"))
    alice = people.join("alice")
    taken_over = SessionStore(session)
    taken_over.update(dict(SessionStore(session_of(alice.user)).items()))
    taken_over.save()
    assert admit(scope(cookie=f"sessionid={session}")).profile == alice
    assert heads(admitted) is None
