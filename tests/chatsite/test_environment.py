"""The variables of the environment: their defaults, what they may be, and the sentence for what they may not."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import environment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV_FILE", ""),
        ("HOST", "127.0.0.1"),
        ("PORT", 8000),
        ("PROCESSES", 1),
        ("DATA_DIR", "var"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY_FALLBACKS", []),
        ("DEBUG", False),
        ("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"]),
        ("TRUSTED_ORIGINS", []),
        ("TRUSTED_PROXIES", 0),
        ("HTTPS", False),
        ("PATH_PREFIX", ""),
        ("DATABASE_URL", {}),
        ("DATABASE_POOLING", "session"),
        ("REDIS_URL", []),
        ("POST_BURST", 20),
        ("POST_RATE", 2),
        ("FRAME_RATE", 100),
        ("JOIN_RATE", 30),
        ("ROOM_RATE", 20),
        ("CONNECTIONS", 50),
        ("SIMPLE_WIRE", True),
        ("EDIT_HISTORY", True),
        ("LOG_LEVEL", "INFO"),
        ("ACCESS_LOG", True),
    ],
)
def test_what_is_not_said_has_a_default(said, name, value):
    assert environment.read()[name] == value


def test_each_variable_has_its_row_here():
    rows = test_what_is_not_said_has_a_default.pytestmark[0].args[1]
    assert [name for name, _ in rows] == [variable.name for variable in environment.VARIABLES]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HOST", "0.0.0.0", "0.0.0.0"),  # noqa: S104
        ("HOST", "::1", "::1"),
        ("HOST", "localhost", "localhost"),
        ("HOST", "chat-1.example.org.", "chat-1.example.org."),
        ("SECRET_KEY_FALLBACKS", "one,two $three\nfour", ["one,two", "$three", "four"]),
        ("ALLOWED_HOSTS", ".example.org,[::1],*", [".example.org", "[::1]", "*"]),
        ("PORT", "1", 1),
        ("PORT", "65535", 65535),
        ("DATA_DIR", "/srv/chat data", "/srv/chat data"),
        ("SECRET_KEY", "abc=#;def", "abc=#;def"),
        ("SECRET_KEY", "$dollar$", "$dollar$"),
        ("SECRET_KEY", "$PATH", "$PATH"),
        ("PATH_PREFIX", "/chat", "/chat"),
        ("PATH_PREFIX", "/a/b-c/", "/a/b-c"),
        ("PATH_PREFIX", "/", ""),
        ("DEBUG", "on", True),
        ("DEBUG", "1", True),
        ("DEBUG", "True", True),
        ("DEBUG", "YES", True),
        ("DEBUG", "off", False),
        ("DEBUG", "0", False),
        ("DEBUG", "false", False),
        ("HTTPS", "on", True),
        ("ALLOWED_HOSTS", "chat.example.org", ["chat.example.org"]),
        ("ALLOWED_HOSTS", " a.example.org , ,b.example.org,", ["a.example.org", "b.example.org"]),
        ("TRUSTED_ORIGINS", "https://a.example.org, http://b:8080", ["https://a.example.org", "http://b:8080"]),
        ("TRUSTED_ORIGINS", "http://[::1]:8000", ["http://[::1]:8000"]),
        ("TRUSTED_PROXIES", "2", 2),
        ("POST_BURST", "0", 0),
        ("POST_RATE", "0.5", 0.5),
        ("POST_RATE", "0", 0),
        ("JOIN_RATE", "1000", 1000),
        ("SIMPLE_WIRE", "off", False),
        ("EDIT_HISTORY", "off", False),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("LOG_LEVEL", "Error", "ERROR"),
    ],
)
def test_what_is_said_is_done(said, name, text, value):
    said(name, text)
    assert environment.read()[name] == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HOST", ""),
        ("HOST", "a..b"),
        ("HOST", "a b"),
        ("HOST", "127.0.0.1:8000"),
        ("HOST", "[::1]"),
        ("HOST", "-a.example.org"),
        ("HOST", "a" * 64),
        ("HOST", "ä" * 300),
        ("ALLOWED_HOSTS", "a..b"),
        ("ALLOWED_HOSTS", "*.example.org"),
        ("ALLOWED_HOSTS", "chat.example.org chat.example.net"),
        ("ALLOWED_HOSTS", "[::1"),
        ("ALLOWED_HOSTS", "[chat.example.org]"),
        ("TRUSTED_ORIGINS", "https://a..b"),
        ("TRUSTED_ORIGINS", "https://[abc]"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "80.5"),
        ("PORT", ""),
        ("PORT", "８０００"),
        ("PORT", "9" * 5000),
        ("PATH_PREFIX", "chat"),
        ("PATH_PREFIX", "/a//b"),
        ("PATH_PREFIX", "/a b"),
        ("PATH_PREFIX", "https://example.org/chat"),
        ("PATH_PREFIX", "/rooms"),
        ("PATH_PREFIX", "/ws/chat"),
        ("DEBUG", "maybe"),
        ("DEBUG", "onn"),
        ("DEBUG", ""),
        ("DEBUG", "2"),
        ("HTTPS", "https"),
        ("TRUSTED_ORIGINS", "example.org"),
        ("TRUSTED_ORIGINS", "https://example.org/"),
        ("TRUSTED_ORIGINS", "https://example.org/chat"),
        ("TRUSTED_ORIGINS", "https://"),
        ("TRUSTED_ORIGINS", "ftp://example.org"),
        ("TRUSTED_ORIGINS", "https://a.example.org https://b.example.org"),
        ("TRUSTED_ORIGINS", "https://*.example.org"),
        ("TRUSTED_ORIGINS", "https://user@example.org"),
        ("TRUSTED_ORIGINS", "https://example.org:abc"),
        ("TRUSTED_ORIGINS", "https://example.org:99999"),
        ("TRUSTED_ORIGINS", "https://[::1"),
        ("TRUSTED_ORIGINS", "*"),
        ("TRUSTED_ORIGINS", "null"),
        ("TRUSTED_PROXIES", "yes"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "10.0.0.1"),
        ("DATABASE_URL", "mysql://localhost/chat"),
        ("DATABASE_URL", "chat.sqlite3"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgres://chat@127.0.0.1/"),
        ("DATABASE_POOLING", "statement"),
        ("DATABASE_URL", "postgres://localhost:abc/chat"),
        ("ALLOWED_HOSTS", "https://chat.example.org"),
        ("ALLOWED_HOSTS", "chat.example.org:443"),
        ("ALLOWED_HOSTS", " ,"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "redis://:pa/ss@127.0.0.1:6379/0"),
        ("REDIS_URL", "redis://:pa#ss@127.0.0.1:6379/0"),
        ("REDIS_URL", "redis://127.0.0.1:port"),
        ("REDIS_URL", "redis://127.0.0.1:99999"),
        ("REDIS_URL", "redis://127.0.0.1:6379/abc"),
        ("REDIS_URL", "redis://[::1"),
        ("REDIS_URL", "redis:///0"),
        ("REDIS_URL", ","),
        ("REDIS_URL", "redis+sentinel://one:26379/mymaster/x"),
        ("POST_BURST", "-1"),
        ("POST_BURST", "2.5"),
        ("POST_BURST", "many"),
        ("POST_RATE", "-0.1"),
        ("POST_RATE", "nan"),
        ("POST_RATE", "inf"),
        ("POST_RATE", "1e999"),
        ("POST_RATE", "2/s"),
        ("JOIN_RATE", "NaN"),
        ("JOIN_RATE", ""),
        ("SIMPLE_WIRE", "never"),
        ("EDIT_HISTORY", "sometimes"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_LEVEL", "10"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_that_names_it(said, name, text):
    said(name, text)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read()
    sentence = str(refused.value)
    assert sentence.startswith(name if name.endswith("_URL") else f"{name}={text}")  # The address has a password.
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgresql_address_is_taken_apart(said, scheme):
    said("DATABASE_URL", f"{scheme}://ann:s%40fe@db.example.org:5433/chat")
    database = environment.read()["DATABASE_URL"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["USER"], database["PASSWORD"]) == ("ann", "s@fe")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", 5433, "chat")


def test_an_sqlite_address_is_taken_apart(said):
    said("DATABASE_URL", "sqlite:////srv/chat.sqlite3")
    database = environment.read()["DATABASE_URL"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == "/srv/chat.sqlite3"
