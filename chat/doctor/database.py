"""The database: it responds, has the tables of this code, and keeps what it reports as stored."""

from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from chat import conf
from chat.doctor.findings import Finding, ok, reason, warning, wrong
from chat.models import LOBBY, Room

COMMITS = 10
SLOW_COMMIT_SECONDS = 0.1


def check() -> Iterator[Finding]:
    silence = unreachable()
    if silence:
        yield wrong("database", f"It does not answer: {silence}. Is DATABASE_URL right, and does the server run?")
        return
    try:
        yield from _look_inside()
    except DatabaseError as error:
        yield wrong("database", f"It answers, and cannot be read: {reason(error)}. Is it damaged, or another user's?")


def _look_inside() -> Iterator[Finding]:
    yield from sqlite() if connection.vendor == "sqlite" else postgresql()
    unfitness = unfit()
    if unfitness:
        yield wrong("database", f"{unfitness[0].upper()}{unfitness[1:]}.")
    missing = missing_migrations()
    if missing:
        yield wrong(
            "migrations", f"{len(missing)} are missing, the first is {missing[0]}. Run: python manage.py migrate"
        )
        return
    yield ok("migrations", "all applied")
    if not Room.objects.filter(slug=LOBBY).exists():
        yield wrong("lobby", "The room that everybody joins is missing. Run: python manage.py migrate")
        return
    yield ok("lobby", "is there")
    yield commit()


def unreachable(own: Any = None) -> str:
    """Returns why the database does not respond, or "" if it does. `own` may be a connection other than Django's."""
    own = own or connection
    try:
        if own.vendor == "postgresql":
            # Not through a pool, which would retry for a long time and then hide the reason.
            own.Database.connect(**own.get_connection_params()).close()
        own.ensure_connection()
    except (DatabaseError, own.Database.Error) as error:
        return reason(error)
    return ""


def unfit(own: Any = None) -> str:
    """Returns why the database cannot store anything, or not everything; "" if it can."""
    own = own or connection
    if own.vendor == "postgresql":
        encoding = _value("SHOW server_encoding", own)
        if encoding != "UTF8":
            return (
                f"the database cannot hold all characters: its encoding is {encoding}, not UTF8. "
                "Make one with: createdb --template=template0 --encoding=UTF8"
            )
        if _value("SHOW transaction_read_only", own) == "on":
            return "the database can only be read: it is a standby, or default_transaction_read_only is on"
    elif own.vendor == "sqlite":
        try:
            with own.cursor() as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("ROLLBACK")
        except OperationalError as error:
            if "lock" not in str(error):  # Another writer is active, so it is writable.
                return f"the database can only be read: {reason(error)}"
    return ""


def missing_migrations(own: Any = None) -> list[str]:
    executor = MigrationExecutor(own or connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _ in plan]


def sqlite() -> Iterator[Finding]:
    driver: Any = connection
    journal, synchronous = _value("PRAGMA journal_mode"), int(_value("PRAGMA synchronous"))
    if journal != "wal":
        yield wrong(
            "SQLite",
            f"Its journal is {journal}, not WAL: reading and writing hold each other up. It needs a local disk.",
        )
    elif synchronous < 2:  # sqlite.org/pragma.html: 0 off, 1 normal, 2 full, 3 extra.
        yield wrong("SQLite", "synchronous is not FULL: a power cut may take acknowledged messages. Set it to FULL.")
    elif driver.transaction_mode != "IMMEDIATE":
        yield wrong("SQLite", 'Posts may fail with "database is locked". Set transaction_mode to IMMEDIATE.')
    elif (damage := _value("PRAGMA quick_check(1)")) != "ok":
        yield wrong("SQLite", f"Its file is damaged: {damage}. Restore a backup.")
    else:
        yield ok("SQLite", f"{_value('SELECT sqlite_version()')}, WAL, synchronous=FULL")


def postgresql() -> Iterator[Finding]:
    lax = [name for name in ("synchronous_commit", "fsync") if _value(f"SHOW {name}") == "off"]
    if lax:
        yield wrong("PostgreSQL", f"{lax[0]} is off: a crash may take acknowledged messages. Turn it on.")
    else:
        yield ok(
            "PostgreSQL", f"{_value('SHOW server_version')}, synchronous_commit={_value('SHOW synchronous_commit')}"
        )
    pool = connection.settings_dict["OPTIONS"].get("pool")
    # Behind a pooler, the pooler's connections count.
    has_pooler = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS", False)
    if isinstance(pool, dict) and "max_size" in pool and not has_pooler:
        yield connections(pool["max_size"] * conf.PROCESSES)


def connections(wanted: int) -> Finding:
    """Compares what all processes may open with what the server allows."""
    given = int(_value("SHOW max_connections")) - int(_value("SHOW superuser_reserved_connections"))
    figure = f"{conf.PROCESSES} processes may take {wanted} of {given}"
    if wanted > given:
        return wrong("connections", f"{figure}. Raise max_connections in postgresql.conf, or run fewer processes.")
    return ok("connections", figure)


def commit() -> Finding:
    """Measures a commit, which each batch of messages waits for. The lobby is stored unchanged."""
    seconds = []
    try:
        for _ in range(COMMITS):
            began = perf_counter()
            Room.objects.filter(slug=LOBBY).update(slug=LOBBY)
            seconds.append(perf_counter() - began)
    except DatabaseError as error:
        return wrong("writing", f"Nothing can be stored: {reason(error)}. Is the disk full, or not ours to write to?")
    figure = f"a commit takes {median(seconds) * 1000:.1f} ms, the slowest of {COMMITS} {max(seconds) * 1000:.1f} ms"
    if median(seconds) > SLOW_COMMIT_SECONDS:
        return warning("writing", f"{figure}: each message waits for one. Is this a network disk, or a busy one?")
    return ok("writing", figure)


def _value(statement: str, own: Any = None) -> str:
    with (own or connection).cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])
