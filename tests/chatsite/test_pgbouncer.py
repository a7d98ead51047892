"""A site behind PgBouncer, which gives a session of PostgreSQL for one transaction only."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.clients import Person
from tests.ports import free_port
from tests.servers import NO_LIMITS, Postgres, Site, wait_for

pytestmark = pytest.mark.proof

SESSIONS = 3
"""Fewer than the site has connections, so that each of these meets with all sessions."""


class PgBouncer:
    """In transaction mode, before a database."""

    def __init__(self, folder: Path, address: str, user: str | None) -> None:
        self.port = free_port()
        told = psycopg.conninfo.conninfo_to_dict(address)
        self.url = f"postgres://{told['user']}@127.0.0.1:{self.port}/{told['dbname']}"
        self._config = folder / "pgbouncer.ini"
        lines = [
            "[databases]",
            f"* = host={told['host']} user={told['user']}",
            "[pgbouncer]",
            f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =",
            f"auth_type = any\npool_mode = transaction\ndefault_pool_size = {SESSIONS}",
        ]
        self._config.write_text("\n".join(lines))
        self._user = user

    def start(self) -> None:
        command = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        assert command, "pgbouncer is missing: apt install pgbouncer"
        self._process = subprocess.Popen([command, "-q", str(self._config)], user=self._user, cwd="/")
        wait_for(self._answers, "PgBouncer")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url).close()
            return True
        return False


@pytest.fixture(scope="module")
def pooled() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="chatsite-") as name:
        folder = Path(name)
        postgres = Postgres(folder / "pgdata")
        folder.chmod(0o755)
        bouncer = PgBouncer(folder, postgres.database(), postgres._server.system_user)
        bouncer.start()
        (folder / "site").mkdir()
        environment = {"DATABASE_URL": bouncer.url, "DATABASE_POOLING": "transaction"}
        site = Site(folder / "site", **NO_LIMITS, **environment)
        try:
            site.manage("migrate", "--verbosity", "0")
            site.start()
            yield site
        finally:
            site.stop()
            bouncer.stop()
            postgres.stop()


async def test_people_talk_and_no_statement_meets_a_session_that_does_not_know_it(pooled):
    people = await asyncio.gather(*(Person.join(pooled, f"person {number}") for number in range(6)))
    wires = await asyncio.gather(*(person.connect() for person in people))
    lobby = wires[0].room("lobby")
    for _ in range(8):  # The driver would prepare a statement when it comes for the sixth time.
        acks = await asyncio.gather(
            *(wire.post("hello", room=lobby) for wire in wires),
            *(person.http.get("/rooms/lobby/") for person in people),
        )
        assert {page.status_code for page in acks[len(wires) :]} == {200}
    assert max(ack["number"] for ack in acks[: len(wires)]) == 8 * len(wires)
    assert (await people[0].http.get("/readyz")).status_code == 200
    for person in people:
        await person.close()
    assert "Traceback" not in pooled.log.read_text()


def test_the_doctor_counts_no_connections_that_are_the_poolers(pooled):
    said = pooled.manage("doctor")
    assert "connections:" not in said
    assert "PostgreSQL" in said
