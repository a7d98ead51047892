"""The papers of containers, tried as far as a machine without a container engine can."""

import json
import os
import re
import subprocess

import pytest
import yaml

from chatsite import environment
from tests.chatsite.papers import COMPOSE_VARIABLES, DEPLOY, SETTINGS
from tests.patience import PATIENCE
from tests.servers import ROOT
from tests.tools import tool

pytestmark = pytest.mark.one_database


def compose_config(**variables: str) -> subprocess.CompletedProcess:
    """The file as Docker Compose reads it."""
    program = [tool("docker-compose", "docker")]
    if program[0].endswith("docker"):
        program.append("compose")
    arguments = [*program, "-f", str(DEPLOY / "compose.yaml"), "config"]
    environ = {**os.environ, **COMPOSE_VARIABLES, **variables}
    return subprocess.run(arguments, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE)


@pytest.fixture(scope="module")
def compose() -> dict:
    done = compose_config()
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def test_the_compose_file_is_whole(compose):
    assert set(compose["services"]) == {"app", "migrate", "postgres", "redis", "proxy"}
    app = compose["services"]["app"]
    assert app["environment"].keys() <= SETTINGS
    assert app["deploy"]["replicas"] > 1
    assert app["stop_grace_period"] == "40s"
    connections = re.search(r"max_connections=(\d+)", str(compose["services"]["postgres"]["command"]))
    assert int(connections[1]) > 24 * (app["deploy"]["replicas"] + 1)


def test_the_compose_file_asks_for_its_secrets():
    done = compose_config(SECRET_KEY="")
    assert done.returncode != 0
    assert "set it to 50 random letters" in done.stderr


def test_the_settings_of_the_compose_file_are_good_ones(compose, monkeypatch):
    for name, value in compose["services"]["app"]["environment"].items():
        monkeypatch.setenv(name, value)
    assert environment.read()["DATABASE_URL"]["HOST"] == "postgres"


def test_the_image_has_what_the_site_needs():
    steps = [line.split(maxsplit=1) for line in (DEPLOY / "Dockerfile").read_text().splitlines() if line[:1].isupper()]
    copied = {argument.split()[0] for instruction, argument in steps if instruction == "COPY"}
    assert copied == {"requirements.txt", "manage.py", "chatsite", "chat", "templates"}
    assert all((ROOT / each).exists() for each in copied)
    last, start = steps[-1]
    assert last == "CMD"
    program, *arguments = json.loads(start)
    assert program == "daphne"
    from daphne.cli import CommandLineInterface

    assert CommandLineInterface().parser.parse_args(arguments).application == "chatsite.asgi:application"
