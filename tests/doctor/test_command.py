"""`manage.py doctor`: a sentence for each thing that is wrong, each of them really so."""

import pytest

from tests.commands import run
from tests.ports import free_port


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The data of a site that is in order."""
    path = tmp_path_factory.mktemp("doctor")
    done = run("manage.py", "migrate", "--verbosity", "0", data_dir=path)
    assert done.returncode == 0, done.stderr
    return path


def test_a_site_in_order_gets_a_line_for_each_thing_and_status_0(folder):
    done = run("manage.py", "doctor", data_dir=folder, HTTPS="on", TRUSTED_PROXIES="1")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 11
    assert all(line.startswith("ok ") for line in lines)
    assert done.stderr == ""


def test_what_is_wrong_gets_a_sentence_and_status_1(folder):
    done = run("manage.py", "doctor", data_dir=folder, SECRET_KEY="secret", DEBUG="on", ALLOWED_HOSTS="*")
    assert done.returncode == 1
    assert [line.split(")")[0] for line in done.stdout.splitlines() if line.startswith("wrong")] == [
        "wrong    settings: (chat.E002",
        "wrong    settings: (security.W009",
        "wrong    settings: (security.W018",
    ]
    assert done.stderr == "3 things are wrong.\n"


def test_a_warning_alone_leaves_status_0(folder):
    done = run("manage.py", "doctor", data_dir=folder, HTTPS="on")
    assert done.returncode == 0
    assert "warning  settings: (chat.W001)" in done.stdout


def test_a_database_that_was_not_migrated_is_wrong(tmp_path):
    done = run("manage.py", "doctor", data_dir=tmp_path)
    assert done.returncode == 1
    assert "wrong    migrations:" in done.stdout
    assert "python manage.py migrate" in done.stdout


def test_a_database_that_is_none_is_wrong_without_a_traceback(tmp_path):
    (tmp_path / "chatsite.sqlite3").write_text("this is a letter, not a database\n" * 100)
    done = run("manage.py", "doctor", data_dir=tmp_path)
    assert done.returncode == 1
    assert "wrong    database: It does not answer: file is not a database" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_database_server_that_is_away_is_wrong_and_its_password_stays_hidden(tmp_path):
    address = f"postgres://chat:hunter2@127.0.0.1:{free_port()}/chat"
    done = run("manage.py", "doctor", data_dir=tmp_path, DATABASE_URL=address)
    assert done.returncode == 1
    assert "wrong    database: It does not answer" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_several_processes_without_redis_are_wrong(folder):
    done = run("manage.py", "doctor", data_dir=folder, PROCESSES="4")
    assert done.returncode == 1
    assert "wrong    processes: There are 4" in done.stdout


@pytest.mark.proof
def test_a_redis_that_is_away_is_wrong_and_its_password_stays_hidden(folder):
    address = f"redis://chat:hunter2@127.0.0.1:{free_port()}/0"
    done = run("manage.py", "doctor", data_dir=folder, REDIS_URL=address)
    assert done.returncode == 1
    assert "does not answer" in done.stdout
    assert "wrong    events:" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert done.stderr == "2 things are wrong.\n"
