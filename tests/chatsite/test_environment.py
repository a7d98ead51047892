import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import environment
from tests.servers import ROOT

NAMES = [variable.name for variable in environment.VARIABLES]


@pytest.fixture
def said(monkeypatch):
    """What the environment says: nothing, but for what the test gives it."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


# Reading.


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
        ("LOG_LEVEL", "INFO"),
        ("ACCESS_LOG", True),
    ],
)
def test_what_is_not_said_has_a_default(said, name, value):
    assert environment.read()[name] == value


def test_each_variable_has_its_row_here():
    rows = test_what_is_not_said_has_a_default.pytestmark[0].args[1]
    assert [name for name, _ in rows] == NAMES


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


def test_a_password_in_a_wrong_database_address_is_not_told():
    """The sentence ends in logs."""
    done = run_settings(DATABASE_URL="mysql://chat:hunter2@db.example.org/chat")
    assert done.returncode != 0
    assert "DATABASE_URL" in done.stderr
    assert "hunter2" not in done.stderr


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


# The settings made of it, in a process of their own: they are read once.


def run_settings(code: str = "", **variables: str) -> subprocess.CompletedProcess:
    """Runs code after `from chatsite import settings as s`, in an environment that says only this."""
    clean = {name: value for name, value in os.environ.items() if name not in NAMES}
    code = f"from chatsite import settings as s\n{code}"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env={**clean, **variables}, capture_output=True, text=True, check=False)


def settings(tmp_path: Path, expression: str, **variables: str) -> str:
    done = run_settings(f"print({expression})", DATA_DIR=str(tmp_path), **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_settings_take_what_the_environment_says(tmp_path):
    assert settings(tmp_path, "s.DEBUG, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS") == "False False 0"
    assert settings(tmp_path, "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE", HTTPS="on") == "True True"
    assert settings(tmp_path, "s.SECURE_HSTS_SECONDS > 0", HTTPS="on") == "True"
    assert settings(tmp_path, "s.SECRET_KEY", SECRET_KEY="mine") == "mine"


def test_a_forwarded_scheme_is_believed_only_behind_a_proxy(tmp_path):
    ask = "hasattr(s, 'SECURE_PROXY_SSL_HEADER')"
    assert settings(tmp_path, ask) == "False"
    assert settings(tmp_path, ask, TRUSTED_PROXIES="1") == "True"


def test_a_given_secret_key_makes_no_file(tmp_path):
    settings(tmp_path, "1", SECRET_KEY="mine")
    assert not (tmp_path / "secret_key").exists()


# The data folder.


def test_the_data_folder_is_made_with_all_above_it(tmp_path):
    folder = environment.data_dir(str(tmp_path / "a" / "b"))
    assert folder.is_dir()
    assert list(folder.iterdir()) == []


def test_a_relative_data_folder_lies_in_the_project(tmp_path):
    assert environment.data_dir(os.path.relpath(tmp_path, ROOT)).resolve() == tmp_path.resolve()


@pytest.mark.parametrize("below", ["", "chat", "chat/var"])
def test_a_data_folder_that_cannot_be_written_is_refused_with_a_sentence(tmp_path, below):
    """Below a regular file: there even root cannot write."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ImproperlyConfigured, match=r"^DATA_DIR=.*file.* cannot be written: .*\.$"):
        environment.data_dir(str(file / below))


def test_an_empty_data_folder_is_refused_or_the_usual_one(said):
    """Not the project's own root, where the database would lie among the sources."""
    said("DATA_DIR", "")
    try:
        folder = environment.data_dir(environment.read()["DATA_DIR"])
    except ImproperlyConfigured as refused:
        assert "DATA_DIR" in str(refused)  # noqa: PT017
    else:
        assert folder != ROOT


# The secret key.


def test_the_secret_key_is_made_once_and_kept(tmp_path):
    first = environment.secret_key(tmp_path)
    assert len(first) >= 50
    assert environment.secret_key(tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_each_site_has_its_own_key(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    assert environment.secret_key(tmp_path / "one") != environment.secret_key(tmp_path / "other")


def test_only_its_owner_can_read_the_key(tmp_path):
    before = os.umask(0)
    try:
        environment.secret_key(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_key_that_was_put_there_is_used(tmp_path):
    (tmp_path / "secret_key").write_text("put here by hand\n")
    assert environment.secret_key(tmp_path) == "put here by hand"


def test_an_empty_key_is_refused(tmp_path):
    (tmp_path / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match="secret_key is empty"):
        environment.secret_key(tmp_path)


def test_a_key_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(ImproperlyConfigured, match="secret_key"):
        environment.secret_key(tmp_path)


def test_processes_that_start_at_once_agree_on_the_folder_and_the_key(tmp_path):
    """They wait for each other at a line on their standard input, then go."""
    folder = tmp_path / "var"
    code = (
        "import sys; from chatsite import environment as e; import django.core.management.utils; "
        "print('ready', flush=True); sys.stdin.readline(); print(e.secret_key(e.data_dir(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(6)]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    ended = [racer.communicate(timeout=30) for racer in racers]
    assert [errors for _, errors in ended] == [""] * 6
    assert len({key for key, _ in ended}) == 1
    assert [path.name for path in folder.iterdir()] == ["secret_key"]
