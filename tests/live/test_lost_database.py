"""A database that says nothing, hangs up or takes nothing: who asks is answered in time, and all is well afterwards."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from chat.live import threads
from chatsite.postgresql.base import FRESH_SECONDS
from tests.clients import Person, post
from tests.delivery.storage import may_mount
from tests.servers import NO_LIMITS, ROOT, Postgres, Site, daphne, free_port

pytestmark = pytest.mark.proof

IN_TIME = threads.ANSWER_SECONDS + 4
"""Seconds in which everything is answered: another four for a busy machine."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="chatsite-") as folder:  # Its server runs as a user of its own.
        server = Postgres(Path(folder) / "pgdata")
        try:
            yield server
        finally:
            server.stop()


class Away(Site):
    """A site on a PostgreSQL that things are done to."""

    def __init__(self, data_dir: Path, postgres: Postgres) -> None:
        self.postgres = postgres
        self.address = postgres.database()
        super().__init__(data_dir, **NO_LIMITS, DATABASE_URL=self.address)

    def execute(self, statement: str, *values: str) -> list[tuple]:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    @property
    def name(self) -> str:
        return psycopg.conninfo.conninfo_to_dict(self.address)["dbname"]

    def sessions(self) -> list[int]:
        """The processes of the server that work for the site."""
        return [pid for (pid,) in self.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", self.name)]

    def hang_up(self) -> None:
        """Ends all its sessions, and returns when they have gone."""
        pids = self.sessions()
        self.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", self.name)
        assert not set(pids) & set(self.sessions())

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """The server and all that it has started stand still: they keep their connections and answer nothing."""
        (line, *_) = (self.postgres._server.pgdata / "postmaster.pid").read_text().splitlines()
        postmaster = psutil.Process(int(line))
        halted = [postmaster, *postmaster.children(recursive=True)]
        for process in halted:
            process.suspend()
        try:
            yield
        finally:
            for process in reversed(halted):
                process.resume()


@pytest.fixture
def away(postgres, tmp_path) -> Iterator[Away]:
    site = Away(tmp_path, postgres)
    site.migrate()
    site.start()
    try:
        yield site
    finally:
        site.stop()


async def answer_to(wire, client_id: str) -> dict:
    """The frame that answers a post, and how many seconds that took."""
    async with asyncio.timeout(30):
        while True:
            for frame in list(wire.frames):
                if frame.get("client_id") == client_id and frame["type"] in ("ack", "error"):
                    wire.frames.remove(frame)
                    return frame
            wire.frames.extend(await wire._read())


async def until_ready(site: Site) -> None:
    async with asyncio.timeout(20), httpx.AsyncClient(base_url=site.url, timeout=15) as http:
        while (await http.get("/readyz")).status_code != 200:  # noqa: ASYNC110  Another process decides.
            await asyncio.sleep(0.1)


async def test_a_server_that_stands_still_is_waited_for_no_longer_than_the_limit_and_taken_up_again(away):
    alice = await Person.join(away, "alice")
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
    await alice.close()


async def test_sessions_that_stand_still_are_replaced_though_the_server_lives(away):
    alice = await Person.join(away, "alice")
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
    await alice.close()


async def test_a_process_ends_although_its_database_stands_still(away):
    alice = await Person.join(away, "alice")
    wire = await alice.connect()
    with away.stopped():
        await wire.send("post", body="hello", room=wire.room("lobby"), client_id="c1")
        page = asyncio.create_task(alice.http.get("/rooms/lobby/"))
        await asyncio.sleep(0)
        away.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(away.process.wait, 35) in (0, 1)
    await asyncio.gather(page, return_exceptions=True)
    await alice.close()


async def test_sessions_that_were_ended_while_nobody_asked_cost_nobody_an_error(away):
    alice = await Person.join(away, "alice")
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
    await alice.close()


async def test_sessions_that_could_only_read_are_not_kept(away):
    alice = await Person.join(away, "alice")
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
    await alice.close()


async def test_a_row_that_somebody_else_has_locked_is_not_waited_for_without_end(away):
    alice = await Person.join(away, "alice")
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
    await alice.close()


# Starting.


def refusal(data_dir: Path, *command: str, **environment: str) -> str:
    """The one sentence with which a start is refused."""
    site = Site(data_dir, **environment)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("chatsite cannot start: ")]
    return said


def findings(data_dir: Path, **environment: str) -> str:
    site = Site(data_dir, **environment)
    command = [sys.executable, "manage.py", "doctor"]
    done = subprocess.run(command, cwd=ROOT, env=site.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


DAPHNE = ["-m", "daphne", "-p", "0", "chatsite.asgi:application"]


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


# SQLite.


@pytest.fixture
def local(tmp_path) -> Iterator[Site]:
    with daphne(tmp_path, **NO_LIMITS, DATABASE_URL="") as site:
        yield site


async def test_an_sqlite_that_another_program_writes_to_for_long_is_read_meanwhile(local):
    alice = await Person.join(local, "alice")
    wire = await alice.connect()
    lobby = wire.room("lobby")
    await wire.post("one", room=lobby)
    writers = [await alice.connect() for _ in range(2 * threads.WRITE_THREADS)]  # More than there are threads for.
    with contextlib.closing(sqlite3.connect(local.data_dir / "chatsite.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        for writer in writers:
            await writer.send("probe")
        await wire.send("post", body="two", room=lobby, client_id="c1")
        ready, page, rooms = await asyncio.gather(
            *(alice.http.get(path) for path in ("/readyz", "/rooms/lobby/", "/rooms/"))
        )
        assert (ready.status_code, page.status_code, rooms.status_code) == (503, 200, 200)
        assert len(await alice.poll(wait=0)) > 1
        assert (await answer_to(wire, "c1"))["code"] == "unavailable"
        assert time.monotonic() - began < 2 * IN_TIME
        other.execute("ROLLBACK")
    assert (await wire.post("two", room=lobby, client_id="c1"))["number"] == 2
    await until_ready(local)
    await alice.close()


def test_an_sqlite_file_that_is_damaged_is_found_by_the_doctor(tmp_path):
    site = Site(tmp_path, DATABASE_URL="")
    site.migrate()
    path = tmp_path / "chatsite.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = whole.execute("SELECT rootpage FROM sqlite_master WHERE name = 'chat_message'").fetchone()
        (size,) = whole.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    assert "damaged" in findings(tmp_path, DATABASE_URL="")


@pytest.mark.skipif(not may_mount(), reason="root may write everywhere but in a folder that is mounted read-only")
def test_an_sqlite_file_that_can_only_be_read_is_refused(tmp_path):
    folder, data_dir = tmp_path / "folder", tmp_path / "data"
    folder.mkdir()
    data_dir.mkdir()
    address = f"sqlite:///{folder}/chat.sqlite3"
    Site(data_dir, DATABASE_URL=address).migrate()
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        said = refusal(data_dir, *DAPHNE, DATABASE_URL=address)
        assert "can only be read" in said or "does not answer" in said
        assert "readonly" in said or "unable to open" in said
    finally:
        subprocess.run(["umount", folder], check=True)
