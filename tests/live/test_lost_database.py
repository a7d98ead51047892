"""A PostgreSQL that says nothing, hangs up or takes nothing: all are answered in time, and all is well afterwards."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from chat.live import threads
from chatsite.postgresql.base import FRESH_SECONDS
from tests.clients import post
from tests.live.lost import DAPHNE, IN_TIME, Away, answer_to, findings, refusal, until_ready
from tests.ports import free_port
from tests.servers import Postgres

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    # Its server runs as a user of its own.
    with tempfile.TemporaryDirectory(prefix="chatsite-") as folder, Postgres(Path(folder) / "pgdata") as server:
        yield server


@pytest.fixture
def away(postgres, tmp_path) -> Iterator[Away]:
    site = Away(tmp_path, postgres)
    site.migrate()
    with site:
        yield site


async def test_a_server_that_stands_still_is_waited_for_no_longer_than_the_limit_and_taken_up_again(away, joins_at):
    alice = await joins_at("alice", away)
    wire = await alice.connect()
    lobby = wire.room("lobby")
    await wire.post("before", room=lobby)
    with away.stopped():
        began = time.monotonic()
        await wire.send("post", body="are you there?", room=lobby, client_id="c1")
        ready, page, answer = await asyncio.gather(
            alice.http.get("/readyz"), alice.http.get("/rooms/lobby/"), answer_to(wire, "c1")
        )
        assert time.monotonic() - began < IN_TIME
        assert ready.status_code == 503
        assert page.status_code >= 500
        assert (answer["type"], answer["code"]) == ("error", "unavailable")
        assert (await alice.http.get("/healthz")).status_code == 200
    await until_ready(away)
    assert (await wire.post("are you there?", room=lobby, client_id="c1"))["number"] == 2
    assert (await alice.http.get("/rooms/lobby/")).status_code == 200


async def test_sessions_that_stand_still_are_replaced_though_the_server_lives(away, joins_at):
    alice = await joins_at("alice", away)
    wire = await alice.connect()
    lobby = wire.room("lobby")
    await wire.post("before", room=lobby)
    stopped = away.sessions()
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        await wire.send("post", body="hello", room=lobby, client_id="c1")
        assert (await answer_to(wire, "c1"))["type"] == "error"
        await until_ready(away)
        assert (await wire.post("hello", room=lobby, client_id="c1"))["number"] == 2
        assert (await alice.http.get("/rooms/lobby/")).status_code == 200
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


async def test_a_process_ends_although_its_database_stands_still(away, joins_at):
    alice = await joins_at("alice", away)
    wire = await alice.connect()
    with away.stopped():
        await wire.send("post", body="hello", room=wire.room("lobby"), client_id="c1")
        page = asyncio.create_task(alice.http.get("/rooms/lobby/"))
        await asyncio.sleep(0)
        away.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(away.process.wait, 35) in (0, 1)
    await asyncio.gather(page, return_exceptions=True)


async def test_sessions_that_were_ended_while_nobody_asked_cost_nobody_an_error(away, joins_at):
    alice = await joins_at("alice", away)
    wire = await alice.connect()
    lobby = wire.room("lobby")
    await wire.post("one", room=lobby)
    await alice.say(post("two", room=lobby))
    away.hang_up()
    assert (await wire.post("three", room=lobby))["number"] == 3
    for number in range(4, 4 + threads.READ_THREADS):  # More than one thread had a connection.
        (answer,) = await alice.say(post("again", room=lobby))
        assert answer["number"] == number
    away.hang_up()
    assert (await alice.http.get("/rooms/lobby/")).status_code == 200
    assert (await alice.submit("/rooms/new/", title="Chess", kind="public")).status_code == 302
    assert "unavailable" not in away.log.read_text()


async def test_sessions_that_could_only_read_are_not_kept(away, joins_at):
    alice = await joins_at("alice", away)
    wire = await alice.connect()
    lobby = wire.room("lobby")
    away.execute(f"ALTER DATABASE {away.name} SET default_transaction_read_only = on")
    away.hang_up()  # All that are opened from here on may only read, for as long as they live.
    await wire.send("post", body="one", room=lobby, client_id="c1")
    assert (await answer_to(wire, "c1"))["code"] == "unavailable"
    assert (await alice.http.get("/readyz")).status_code == 503
    assert (await alice.http.get("/rooms/lobby/")).status_code == 200
    away.execute(f"ALTER DATABASE {away.name} RESET default_transaction_read_only")
    await until_ready(away)
    assert (await wire.post("one", room=lobby, client_id="c1"))["number"] == 1
    await asyncio.sleep(FRESH_SECONDS)  # By then each session that could only read is known to be of no use.
    for number in range(5):
        assert (await alice.submit("/rooms/new/", title=f"Chess {number}", kind="public")).status_code == 302


async def test_a_row_that_somebody_else_has_locked_is_not_waited_for_without_end(away, joins_at):
    alice = await joins_at("alice", away)
    wire = await alice.connect()
    lobby = wire.room("lobby")
    with psycopg.connect(away.address) as other:
        other.execute("SELECT * FROM chat_room WHERE id = %s FOR UPDATE", [lobby])
        began = time.monotonic()
        await wire.send("post", body="one", room=lobby, client_id="c1")
        assert (await answer_to(wire, "c1"))["code"] == "unavailable"
        assert time.monotonic() - began < IN_TIME
        assert (await alice.http.get("/rooms/lobby/")).status_code == 200
    assert (await wire.post("one", room=lobby, client_id="c1"))["number"] == 1


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_all_characters_is_refused_and_its_encoding_named(postgres, tmp_path, encoding):
    address = postgres.database()
    name = f"poor_{encoding.lower()}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    address = postgres._server.get_uri(database=name)
    assert f"its encoding is {encoding}, not UTF8" in refusal(tmp_path, *DAPHNE, DATABASE_URL=address)
    assert f"its encoding is {encoding}, not UTF8" in findings(tmp_path, DATABASE_URL=address)


def test_a_user_who_may_create_no_tables_is_told_so(postgres, tmp_path):
    address = postgres.database()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
    address = address.replace("postgres:@", "guest:@")
    assert "permission denied" in refusal(tmp_path, "-m", "chatsite", DATABASE_URL=address, PORT=str(free_port()))
    assert "Run: python manage.py migrate" in findings(tmp_path, DATABASE_URL=address)


def test_a_user_who_may_read_no_tables_is_told_so(away, tmp_path):
    with psycopg.connect(away.address, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
    address = away.address.replace("postgres:@", "stranger:@")
    assert "permission denied" in refusal(tmp_path, *DAPHNE, DATABASE_URL=address)
    assert "permission denied" in findings(tmp_path, DATABASE_URL=address)


def test_a_database_that_can_only_be_read_is_refused(away, tmp_path):
    away.execute(f"ALTER DATABASE {away.name} SET default_transaction_read_only = on")
    assert "can only be read" in refusal(tmp_path, *DAPHNE, DATABASE_URL=away.address)
    assert "can only be read" in findings(tmp_path, DATABASE_URL=away.address)
