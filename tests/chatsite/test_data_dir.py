"""The data folder, and the secret key in it."""

import os
import stat
import subprocess
import sys
from contextlib import ExitStack

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import environment
from tests.patience import PATIENCE
from tests.servers import ROOT

# The folder.


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
    with ExitStack() as stack:
        racers = [stack.enter_context(subprocess.Popen(command, cwd=ROOT, **pipes)) for _ in range(6)]
        for racer in racers:
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        ended = [racer.communicate(timeout=PATIENCE) for racer in racers]
    assert [errors for _, errors in ended] == [""] * 6
    assert len({key for key, _ in ended}) == 1
    assert [path.name for path in folder.iterdir()] == ["secret_key"]
