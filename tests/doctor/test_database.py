"""The doctor's findings about the database."""

import sqlite3

import pytest
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from chat import conf
from chat.doctor import database
from chat.doctor.findings import Level
from chat.models import LOBBY, Room
from tests.doctor.found import found, sentence


def test_a_database_in_order_says_so_with_figures(transactional_db):
    findings = list(database.check())
    assert {finding.level for finding in findings} == {Level.OK}
    assert " ms" in found(findings, "writing").sentence


def test_a_missing_migration_is_named(db):
    [last] = MigrationLoader(connection).graph.leaf_nodes("chat")
    MigrationRecorder(connection).record_unapplied(*last)
    assert " ".join(last) in sentence(database.check(), "migrations")


def test_a_missing_lobby_is_wrong(db):
    Room.objects.filter(slug=LOBBY).delete()
    assert "migrate" in sentence(database.check(), "lobby")


def test_a_database_that_takes_no_writes_is_wrong(transactional_db):
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only=ON" if sqlite else "SET default_transaction_read_only = on")
    try:
        assert "Nothing can be stored" in sentence(database.check(), "writing")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only=OFF" if sqlite else "SET default_transaction_read_only = off")


def test_slow_commits_are_a_warning(transactional_db, monkeypatch):
    monkeypatch.setattr(database, "SLOW_COMMIT_SECONDS", 0)
    assert "each message waits" in sentence(database.check(), "writing", Level.WARNING)


@pytest.fixture
def lax(tmp_path):
    """Makes the site's SQLite one with other settings: `lax("PRAGMA …")`."""
    if connection.vendor != "sqlite":
        pytest.skip("This is about SQLite.")
    changed = []

    def make(**options):
        path = tmp_path / "lax.sqlite3"
        sqlite3.connect(path).close()
        usual = connections.settings["default"]
        other = connections.create_connection("default")
        other.settings_dict = {**usual, "NAME": str(path), "OPTIONS": options}
        other.transaction_mode = options.get("transaction_mode")
        changed.append(other)
        return other

    yield make
    for other in changed:
        other.close()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "not WAL"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}, "synchronous"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}, "transaction_mode"),
    ],
)
def test_an_sqlite_that_keeps_less_than_it_says_is_wrong(db, lax, monkeypatch, options, word):
    monkeypatch.setattr(database, "connection", lax(**options))
    assert word in sentence(database.sqlite(), "SQLite")


@pytest.fixture
def postgresql(db):
    if connection.vendor != "postgresql":
        pytest.skip("This is about PostgreSQL.")


def test_a_postgresql_that_acknowledges_too_early_is_wrong(postgresql):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert "synchronous_commit is off" in sentence(database.postgresql(), "PostgreSQL")


def test_more_connections_than_postgresql_gives_are_wrong(postgresql, monkeypatch):
    monkeypatch.setattr(conf, "PROCESSES", 64)
    assert "max_connections" in sentence(database.postgresql(), "connections")
