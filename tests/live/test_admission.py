"""Who may open a live connection."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from chat import conf
from chat.actions import people
from chat.live.admission import Admitted, admit_all, heads_of, is_trusted_origin
from chat.queries import Head
from chat.wire import events
from chatsite import accounts


def scope(scheme: str = "ws", **headers: str) -> dict:
    named = {name.replace("_", "-").encode(): value.encode("latin1") for name, value in headers.items()}
    return {"type": "websocket", "path": "/ws/chat/", "scheme": scheme, "headers": list(named.items())}


# Origins.

HERE = "localhost:8000"


@pytest.fixture(autouse=True)
def site(settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", ".example.org"]
    monkeypatch.setattr(conf, "TRUSTED_ORIGINS", ["https://friend.example.net", "http://other.example.net:8080"])
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 0)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://localhost:8000", "localhost:8000", "ws"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "ws"),
        ("http://[::1]:8000", "[::1]:8000", "ws"),
        ("http://localhost", "localhost", "ws"),
        ("http://localhost", "localhost:80", "ws"),
        ("https://chat.example.org", "chat.example.org", "wss"),
        ("https://chat.example.org", "chat.example.org:443", "wss"),
        ("https://CHAT.example.org", "chat.EXAMPLE.org", "wss"),
        ("https://friend.example.net", HERE, "ws"),
        ("https://friend.example.net:443", HERE, "ws"),
        ("https://Friend.Example.NET", HERE, "wss"),
        ("http://other.example.net:8080", HERE, "ws"),
    ],
)
def test_the_sites_own_pages_and_those_of_trusted_origins_may_connect(origin, host, scheme):
    assert is_trusted_origin(scope(scheme, origin=origin, host=host))


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        # Another site, or the site under another scheme or port.
        ("http://evil.example", HERE, "ws"),
        ("https://localhost:8000", HERE, "ws"),
        ("http://localhost:8000", HERE, "wss"),
        ("http://localhost:8001", HERE, "ws"),
        ("http://localhost", HERE, "ws"),
        ("https://chat.example.org:8443", "chat.example.org", "wss"),
        ("http://127.0.0.1:8000", HERE, "ws"),
        ("http://localhost.evil.example:8000", HERE, "ws"),
        ("http://evil.example/localhost:8000", HERE, "ws"),
        ("http://localhost:8000@evil.example", HERE, "ws"),
        # Trusted, but under another scheme or port, or only nearly.
        ("http://friend.example.net", HERE, "ws"),
        ("https://friend.example.net:8443", HERE, "ws"),
        ("http://other.example.net", HERE, "ws"),
        ("https://xfriend.example.net", HERE, "ws"),
        ("https://a.friend.example.net", HERE, "ws"),
        ("https://friend.example.net.evil.example", HERE, "ws"),
        # A host that is not the site's: DNS that was bent to this machine.
        ("http://evil.example", "evil.example", "ws"),
        ("http://evil.example:8000", "evil.example:8000", "ws"),
        ("http://xexample.org", "xexample.org", "ws"),
        # Not origins at all.
        ("null", HERE, "ws"),
        ("", HERE, "ws"),
        ("*", HERE, "ws"),
        ("localhost:8000", HERE, "ws"),
        ("//localhost:8000", HERE, "ws"),
        ("file://", HERE, "ws"),
        ("chrome-extension://abcdef", HERE, "ws"),
        ("ws://localhost:8000", HERE, "ws"),
        ("http://localhost:port", HERE, "ws"),
        ("http://localhost:99999", HERE, "ws"),
        ("http://[::1", HERE, "ws"),
        ("http://", HERE, "ws"),
        ("\xff\xfe", HERE, "ws"),
        # No host that could be the site's.
        ("http://localhost:8000", "", "ws"),
        ("http://localhost:8000", "localhost:8000:8000", "ws"),
        ("http://localhost:8000", "localhost:8000/x", "ws"),
        ("http://localhost:8000", "evil@localhost:8000", "ws"),
    ],
)
def test_no_other_page_may_connect(origin, host, scheme):
    assert not is_trusted_origin(scope(scheme, origin=origin, host=host))


def test_a_program_that_names_no_origin_may_connect():
    assert is_trusted_origin(scope(host=HERE))


def test_an_origin_without_a_host_header_is_refused():
    assert not is_trusted_origin(scope(origin="http://localhost:8000"))


def test_a_scope_without_a_scheme_is_a_plain_one():
    plain = scope(origin="http://localhost:8000", host=HERE)
    del plain["scheme"]
    assert is_trusted_origin(plain)


@pytest.mark.parametrize(
    ("forwarded", "origin", "trusted"),
    [
        ("https", "https://chat.example.org", True),
        ("https", "http://chat.example.org", False),
        ("http", "https://chat.example.org", False),
        ("http", "http://chat.example.org", True),
        ("wss", "https://chat.example.org", True),
        ("https, http", "https://chat.example.org", True),
        ("https,http", "https://chat.example.org", True),
        ("http, https", "https://chat.example.org", False),
    ],
)
def test_behind_a_trusted_proxy_the_scheme_is_the_one_it_names(monkeypatch, forwarded, origin, trusted):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    asked = scope(origin=origin, host="chat.example.org", x_forwarded_proto=forwarded)
    assert is_trusted_origin(asked) is trusted


@pytest.mark.parametrize(("host", "trusted"), [("localhost:8000", True), ("a.localhost", True), ("example.org", False)])
def test_a_project_under_development_need_not_list_localhost(settings, host, trusted):
    settings.ALLOWED_HOSTS, settings.DEBUG = [], True
    assert is_trusted_origin(scope(origin=f"http://{host}", host=host)) is trusted
    settings.DEBUG = False
    assert not is_trusted_origin(scope(origin=f"http://{host}", host=host))


def test_host_and_scheme_are_those_that_the_project_has_django_believe_of_its_proxy(settings):
    asked = scope(origin="https://chat.example.org", host="inside", x_forwarded_host="chat.example.org", x_proto="on")
    assert not is_trusted_origin(asked)
    settings.USE_X_FORWARDED_HOST, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_PROTO", "on")
    assert is_trusted_origin(asked)


def test_without_a_proxy_nobody_may_name_the_scheme():
    asked = scope(origin="https://chat.example.org", host="chat.example.org", x_forwarded_proto="https")
    assert not is_trusted_origin(asked)


def test_a_forwarded_host_is_never_believed(monkeypatch):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    asked = scope(origin="http://evil.example", host=HERE, x_forwarded_host="evil.example")
    assert not is_trusted_origin(asked)


def test_where_any_host_is_allowed_the_origin_still_has_to_be_the_host_asked_for(settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert is_trusted_origin(scope(origin="http://any.example", host="any.example"))
    assert not is_trusted_origin(scope(origin="http://evil.example", host="any.example"))


# Sessions.


def admit(scope) -> Admitted | None:
    return admit_all([scope])[0]


def heads(admitted: Admitted) -> dict[int, Head] | None:
    return heads_of([admitted])[0]


@pytest.fixture
def bob(db):
    return people.join("bob")


@pytest.fixture
def session(bob):
    return session_of(bob.user)


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.session.session_key


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
