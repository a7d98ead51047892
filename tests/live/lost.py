"""Sites whose database is lost, and what they say of it."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg

from chat.live import threads
from tests.patience import PATIENCE
from tests.servers import NO_LIMITS, ROOT, Postgres, Site

IN_TIME = threads.ANSWER_SECONDS + 4
"""Seconds in which everything is answered: another four for a busy machine."""
DAPHNE = ["-m", "daphne", "-p", "0", "chatsite.asgi:application"]


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


async def answer_to(wire, client_id: str) -> dict:
    """The frame that answers a post, and how many seconds that took."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for frame in list(wire.frames):
                if frame.get("client_id") == client_id and frame["type"] in ("ack", "error"):
                    wire.frames.remove(frame)
                    return frame
            wire.frames.extend(await wire._read())


async def until_ready(site: Site) -> None:
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=site.url) as http:
        while (await http.get("/readyz")).status_code != 200:  # noqa: ASYNC110  Another process decides.
            await asyncio.sleep(0.1)


def refusal(data_dir: Path, *command: str, **environment: str) -> str:
    """The one sentence with which a start is refused."""
    site = Site(data_dir, **environment)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
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
