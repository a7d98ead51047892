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

from tests.ports import free_port
from tests.processes import Server
from tests.servers import NO_LIMITS, Postgres, Site, wait_for

pytestmark = pytest.mark.proof

SESSIONS = 3
"""Fewer than the site has connections, so that each of these meets with all sessions."""


class PgBouncer(Server):
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

    def _start(self) -> None:
        command = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        assert command, "pgbouncer is missing: apt install pgbouncer"
        self.process = subprocess.Popen([command, "-q", str(self._config)], user=self._user, cwd="/")
        wait_for(self._answers, "PgBouncer")

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url).close()
            return True
        return False


@pytest.fixture(scope="module")
def pooled() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="chatsite-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (
            Postgres(folder / "pgdata") as postgres,
            PgBouncer(folder, postgres.database(), postgres._server.system_user) as bouncer,
        ):
            (folder / "site").mkdir()
            environment = {"DATABASE_URL": bouncer.url, "DATABASE_POOLING": "transaction"}
            site = Site(folder / "site", **NO_LIMITS, **environment)
            site.manage("migrate", "--verbosity", "0")
            with site:
                yield site


async def test_people_talk_and_no_statement_meets_a_session_that_does_not_know_it(pooled, joins_at):
    people = await asyncio.gather(*(joins_at("person", pooled) for _ in range(6)))
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
    assert "Traceback" not in pooled.log.read_text()


def test_the_doctor_counts_no_connections_that_are_the_poolers(pooled):
    said = pooled.manage("doctor")
    assert "connections:" not in said
    assert "PostgreSQL" in said
