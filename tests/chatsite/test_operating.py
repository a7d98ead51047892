"""The work of an operator: settings from a file, backups, a move to PostgreSQL, signing in to the admin."""

import logging
import re
import sqlite3
import stat

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from chat import conf
from chat.doctor import files
from chat.doctor.findings import Level
from chat.limits import Buckets
from chatsite import logs, signing_in
from tests.commands import run
from tests.servers import Postgres, Site

# The environment file.


@pytest.fixture
def env_file(tmp_path):
    file = tmp_path / "chatsite.env"
    file.write_text(f"# The site.\nDATA_DIR={tmp_path / 'site'}\nALLOWED_HOSTS=chat.example.org\nSECRET_KEY='a#b $c'\n")
    return file


@pytest.mark.proof
def test_a_command_looks_at_the_site_that_the_file_describes(tmp_path, env_file):
    elsewhere = run("manage.py", "doctor", data_dir=tmp_path / "elsewhere")
    assert f"sqlite3 {tmp_path / 'elsewhere'}" in elsewhere.stdout.splitlines()[0]
    done = run("manage.py", "migrate", "-v0", data_dir=None, ENV_FILE=str(env_file))
    assert done.returncode == 0, done.stderr
    done = run("manage.py", "doctor", data_dir=None, ENV_FILE=str(env_file))
    first, *others = done.stdout.splitlines()
    assert first.startswith(
        f"ok       site: sqlite3 {tmp_path / 'site' / 'chatsite.sqlite3'}, other data in {tmp_path}"
    )
    assert first.endswith(f", for chat.example.org, settings from {env_file}")
    assert "ok       migrations: all applied" in others


def test_the_environment_itself_wins_over_the_file(tmp_path, env_file):
    done = run("manage.py", "doctor", data_dir=tmp_path, ENV_FILE=str(env_file), ALLOWED_HOSTS="other.example.org")
    assert ", for other.example.org, settings from" in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot be read: No such file"), ("HTTPS on\n", "line 1 that is no setting"), (b"\xff", "no text")],
)
def test_a_file_that_cannot_be_meant_ends_the_command(tmp_path, text, said):
    file = tmp_path / "chatsite.env"
    if text:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = run("manage.py", "doctor", data_dir=tmp_path, ENV_FILE=str(file))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# The readers of what is kept.


@pytest.mark.proof
def test_the_database_is_for_its_owner_only_in_a_folder_that_was_there_before(tmp_path):
    tmp_path.chmod(0o755)
    assert run("manage.py", "migrate", "-v0", data_dir=tmp_path).returncode == 0
    assert stat.S_IMODE((tmp_path / "chatsite.sqlite3").stat().st_mode) == 0o600


def test_the_doctor_finds_a_database_that_others_can_read(tmp_path):
    for folder in (tmp_path, *tmp_path.parents):  # A folder of pytest's own lets nobody in.
        if not files.is_open_to_others(folder) and folder.owner() == tmp_path.owner():
            folder.chmod(folder.stat().st_mode | 0o055)
    file = tmp_path / "chatsite.sqlite3"
    file.touch(mode=0o600)
    assert files.readers([file]).level is Level.OK
    file.chmod(0o644)
    finding = files.readers([file])
    assert finding.level is Level.WARNING
    assert f"chmod 600 {file}" in finding.sentence
    tmp_path.chmod(0o700)
    assert files.readers([file]).level is Level.OK


# Backups.


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A site in which people have talked, on SQLite; stopped."""
    folder = tmp_path_factory.mktemp("full")
    site = Site(folder, DATABASE_URL="")
    site.manage("migrate", "-v0")
    site.manage("shell", "-c", _TALK)
    return site


_TALK = """
from django.test import Client
from chat.actions import messages, people, rooms
from chat.models import Room
alice, bob = people.join("alice"), people.join("小明")
Client().force_login(bob.user)
den = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
drafts = [messages.Draft(alice.pk, f"{n:032x}", f"Word {n} ✓", room_id=den.pk) for n in range(1200)]
for start in range(0, 1200, 100):
    messages.post_messages(drafts[start:start + 100])
messages.post_messages([messages.Draft(alice.pk, "f" * 32, "Psst", to="小明")])
"""


@pytest.mark.parametrize("options", [[], pytest.param(["--without-sessions"], marks=pytest.mark.proof)])
def test_a_backup_is_whole_and_for_its_owner_only(full, tmp_path, options):
    file = tmp_path / "copy.sqlite3"
    full.manage("backup", str(file), *options)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["copy.sqlite3"]
    with sqlite3.connect(file) as copy:
        assert copy.execute("SELECT count(*) FROM chat_message").fetchone() == (1201,)
        (session,) = (
            sqlite3.connect(full.data_dir / "chatsite.sqlite3")
            .execute("SELECT session_key FROM django_session")
            .fetchone()
        )
    assert (session.encode() in file.read_bytes()) is (options == [])


def test_a_backup_writes_over_nothing(full, tmp_path):
    file = tmp_path / "copy.sqlite3"
    file.write_text("the one of yesterday")
    done = run("manage.py", "backup", str(file), data_dir=full.data_dir)
    assert done.returncode == 1
    assert "cannot be made: File exists" in done.stderr
    assert file.read_text() == "the one of yesterday"


# To PostgreSQL.


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    with Postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


def copied(site: Site, database: str, file=None):
    return run(
        "manage.py", "copy_database", "--from", str(file or site.data_dir / "chatsite.sqlite3"),
        data_dir=site.data_dir, DATABASE_URL=database,
    )  # fmt: skip


@pytest.mark.proof
def test_a_site_moves_to_postgresql_whole_and_goes_on_there(full, postgres):
    database = postgres.database()
    done = copied(full, database)
    assert done.returncode == 0, done.stderr
    assert "chat_message: 1201\n" in done.stdout
    moved = Site(full.data_dir, DATABASE_URL=database)
    ask = "select id, coalesce(slug, ''), sequence, message_count from chat_room order by id"
    with psycopg.connect(database) as new, sqlite3.connect(full.data_dir / "chatsite.sqlite3") as old:
        assert new.execute(ask).fetchall() == old.execute(ask).fetchall()
        keys = "select session_key from django_session"
        assert new.execute(keys).fetchall() == old.execute(keys).fetchall()
        counted = new.execute("select reltuples from pg_class where relname = 'chat_message'").fetchone()
        assert counted == (1201,)  # So that statements are planned for as many.
        now = "select room_id, number, body, sent_at from chat_message order by id"
        assert [str(row[2]) for row in new.execute(now)] == [str(row[2]) for row in old.execute(now)]
    moved.manage("shell", "-c", _GO_ON)
    refused = copied(full, database)
    assert refused.returncode == 1
    assert "not empty" in refused.stderr


_GO_ON = """
from chat.actions import messages, people
from chat.models import Message, Room
den, alice = Room.objects.get(title="Den"), people.queries.person("alice")
messages.post_messages([messages.Draft(alice.pk, "e" * 32, "More", room_id=den.pk)])
assert Message.objects.get(room=den, number=1201).body == "More"
people.join("carol")
"""


@pytest.mark.proof
def test_what_cannot_be_copied_leaves_nothing_behind(full, postgres, tmp_path):
    """PostgreSQL cannot hold what SQLite does not mind."""
    file, database = tmp_path / "bad.sqlite3", postgres.database()
    full.manage("backup", str(file))
    with sqlite3.connect(file) as broken:
        broken.execute("UPDATE chat_message SET body = 'a' || char(0) WHERE number = 7")
    done = copied(full, database, file)
    assert done.returncode == 1
    assert "Nothing was copied" in done.stderr
    assert "Traceback" not in done.stderr
    with psycopg.connect(database) as new:
        assert new.execute("select count(*) from chat_room").fetchone() == (1,)
        assert new.execute("select count(*) from chat_profile").fetchone() == (0,)


@pytest.mark.proof
def test_a_file_that_is_missing_or_not_migrated_is_refused(full, postgres, tmp_path):
    database = postgres.database()
    assert "There is no file" in copied(full, database, tmp_path / "none").stderr
    sqlite3.connect(tmp_path / "new.sqlite3").execute("create table other (id)")
    assert "is not migrated" in copied(full, database, tmp_path / "new.sqlite3").stderr


# Signing in to the admin.


@pytest.fixture
def admin(db, monkeypatch):
    monkeypatch.setattr(signing_in, "_by_address", Buckets(3, 0.02))
    monkeypatch.setattr(signing_in, "_by_account", Buckets(4, 0.02))
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    return get_user_model().objects.create_superuser("root", password="right")


def sign_in(password: str, address: str = "192.0.2.1", username: str = "root") -> str:
    """The address that it leads to, or what the page says."""
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": address})
    response = client.post("/admin/login/", {"username": username, "password": password, "next": "/admin/"})
    return response.headers.get("Location") or response.content.decode()


def test_the_right_password_signs_in(admin):
    assert sign_in("right") == "/admin/"


def test_who_guesses_is_refused_by_address_with_the_right_password_too(admin):
    for _ in range(3):
        assert "Too many attempts" not in sign_in("wrong")
    assert re.search(r"Too many attempts to sign in\. Wait \d+ seconds and try again\.", sign_in("right"))
    assert sign_in("right", "192.0.2.2") == "/admin/"


def test_who_guesses_from_many_addresses_is_refused_by_account(admin):
    for number in range(4):
        assert "Too many attempts" not in sign_in("wrong", f"192.0.2.{number}", "ROOT" if number % 2 else "root")
    assert "Too many attempts" in sign_in("right", "192.0.2.9")


def test_one_address_alone_locks_nobody_out(admin):
    for _ in range(10):
        sign_in("wrong")
    assert sign_in("right", "192.0.2.2") == "/admin/"


# Names that are not the site's.


def test_a_refused_host_is_told_in_one_line_once(client, caplog, capsys, monkeypatch):
    monkeypatch.setattr(logs, "_PER_NAME", Buckets(1, 0.001))
    monkeypatch.setattr(logs, "_ALL", Buckets(2, 0.001))
    handler = logging.getLogger("django.security.DisallowedHost").handlers[0]
    lines = []
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(handler.format(record)))
    for host in ["chat.exmaple.org", "chat.exmaple.org", "b.example", "c.example"]:
        response = Client(SERVER_NAME=host).get("/")
        assert response.status_code == 400
        assert "Wrong address" in response.content.decode()
    assert len(lines) == 2
    assert lines[0].endswith(
        "Refused a request for the host 'chat.exmaple.org'. If that is a name of this site, add it to ALLOWED_HOSTS."
    )
