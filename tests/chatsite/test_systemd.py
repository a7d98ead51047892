"""The units of deploy/, as far as a machine that systemd has not started can try them."""

import re
import shlex
import sys
from pathlib import Path

import httpx
import pytest

from tests.chatsite.papers import SYSTEMD, serving
from tests.commands import command
from tests.ports import free_port
from tests.servers import ROOT
from tests.tools import run, tool

pytestmark = [pytest.mark.one_database, pytest.mark.proof]


@pytest.fixture
def units(tmp_path) -> Path:
    """The units, with this tree and this Python in place of the installed site."""
    here = f"{Path(sys.executable).parent}/"
    for unit in SYSTEMD.iterdir():
        text = unit.read_text().replace("/opt/chatsite/.venv/bin/", here).replace("/opt/chatsite", str(ROOT))
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def test_systemd_understands_the_units(units):
    names = ["chatsite.socket", "chatsite@1.service", "chatsite-migrate.service"]
    said = run(tool("systemd-analyze"), "verify", "--man=no", *(str(units / name) for name in names))
    assert not [line for line in said.splitlines() if str(units) in line], said


def test_the_service_is_shut_in(units):
    arguments = ["security", "--offline=true", "--threshold=20", "--no-pager"]
    run(tool("systemd-analyze"), *arguments, str(units / "chatsite@.service"))


def test_the_service_takes_the_socket_that_systemd_hands_over(units, tmp_path):
    (start,) = re.findall(r"^ExecStart=(.+)$", (units / "chatsite@.service").read_text(), re.MULTILINE)
    migrate = command("manage.py", "migrate", "--verbosity", "0", data_dir=tmp_path)
    run(*migrate.pop("args"), cwd=migrate["cwd"], env=migrate["env"])
    port = free_port()
    options = ["--listen", f"127.0.0.1:{port}", "--fdname", "chatsite.socket", "--setenv", f"DATA_DIR={tmp_path}"]
    arguments = [tool("systemd-socket-activate"), *options, *shlex.split(start)]
    with serving(arguments, port, tmp_path / "log", cwd=ROOT):
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
