"""Which pages may open a live connection."""

import pytest

from chat import conf
from chat.live.origins import is_trusted_origin
from tests.live.handshakes import scope

HERE = "localhost:8000"


@pytest.fixture(autouse=True)
def own_hosts(settings, monkeypatch):
    """The hosts that the site has, and the origins that it trusts."""
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
