"""Servers that start workers in other ways than ours: what is one per process is made in the process that uses it."""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.clients import Person
from tests.servers import NO_LIMITS, ROOT, Postgres, Redis, Site, wait_for

pytestmark = pytest.mark.proof

WORKERS = 2

COMMANDS = {
    "gunicorn": ["gunicorn", "--preload", "-w", str(WORKERS), "-k", "uvicorn_worker.UvicornWorker", "-b"],
    "uvicorn": ["uvicorn", "--workers", str(WORKERS), "--host", "127.0.0.1", "--port"],
    "uvicorn --reload": ["uvicorn", "--reload", "--reload-dir", "deploy", "--host", "127.0.0.1", "--port"],
}


class Served(Site):
    """A site under another server."""

    def __init__(self, server: str, data_dir: Path, **environment: str) -> None:
        super().__init__(data_dir, **NO_LIMITS, **environment)
        self.server = server

    @property
    def command(self) -> list[str]:
        address = f"127.0.0.1:{self.port}" if self.server == "gunicorn" else str(self.port)
        return [sys.executable, "-m", *COMMANDS[self.server], address, self.application]

    def workers(self) -> list[psutil.Process]:
        """The processes that accept connections, without the one that started them."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in children if any(line.laddr.port == self.port for line in one.net_connections("tcp"))]

    def stop(self) -> None:
        with self._left_behind():
            super().stop()

    def kill(self) -> None:
        with self._left_behind():
            super().kill()

    @contextlib.contextmanager
    def _left_behind(self) -> Iterator[None]:
        """Ends the workers too, whatever has become of the process that started them."""
        workers: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            workers = psutil.Process(self.process.pid).children(recursive=True)
        try:
            yield
        finally:
            for worker in workers:
                with contextlib.suppress(psutil.NoSuchProcess):
                    worker.kill()


@pytest.fixture(scope="module")
def services() -> Iterator[tuple[Postgres, Redis]]:
    with (
        tempfile.TemporaryDirectory(prefix="chatsite-") as folder,
        Postgres(Path(folder) / "pgdata") as postgres,
        Redis() as redis,
    ):
        yield postgres, redis


@pytest.mark.parametrize("server", COMMANDS)
async def test_it_starts_and_no_two_workers_share_what_is_one_per_process(services, tmp_path, server):
    postgres, redis = services
    address = postgres.database()
    site = Served(server, tmp_path, DATABASE_URL=address, REDIS_URL=redis.url)
    site.migrate()
    site.start()
    people: list[Person] = []
    try:
        workers = await asyncio.to_thread(started, site)
        for worker in workers:
            with alone(worker, workers):
                people.append(await Person.join(site, f"of {worker.pid}"))
                wire = await people[-1].connect()
                await wire.post("hello", room=wire.room("lobby"))
        with psycopg.connect(address, autocommit=True) as connection:
            count = "SELECT count(DISTINCT process) FROM chat_lease"
            # A lease is taken after its connection has opened.
            await asyncio.to_thread(
                wait_for, lambda: connection.execute(count).fetchone() == (len(workers),), "A lease of each worker"
            )
        # All are at work at once: where they shared a connection, they would read each other's answers.
        people += await asyncio.gather(*(Person.join(site, f"person {number}") for number in range(8)))
        pages = await asyncio.gather(*(person.http.get("/rooms/lobby/") for person in people * 4))
        assert {page.status_code for page in pages} == {200}
        wires = await asyncio.gather(*(person.connect() for person in people))
        lobby, before = wires[0].room("lobby"), len(workers)
        acks = await asyncio.gather(*(wire.post("hello", room=lobby) for wire in wires))
        assert sorted(ack["number"] for ack in acks) == list(range(before + 1, before + len(wires) + 1))
        assert "Traceback" not in site.log.read_text()
    finally:
        for person in people:
            await person.close()
        site.stop()


def started(site: Served) -> list[psutil.Process]:
    wanted = 1 if "--reload" in site.server else WORKERS
    wait_for(lambda: len(site.workers()) == wanted, "A worker")
    return site.workers()


@contextlib.contextmanager
def alone(worker: psutil.Process, workers: list[psutil.Process]) -> Iterator[None]:
    """Whichever worker comes first takes a connection; so the others stand still."""
    others = [one for one in workers if one != worker]
    for one in others:
        one.suspend()
    try:
        yield
    finally:
        for one in others:
            one.resume()


WHAT_IS_THERE = """
import os, psycopg, threading
import chatsite.asgi
from channels.layers import channel_layers
from chat.live import node
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
print([thread.name for thread in threading.enumerate()])
print([one for one in connections.all(initialized_only=True) if one.connection is not None])
print(list(DatabaseWrapper._connection_pools), list(channel_layers.backends), node._node is not None)
print([path for fd in os.listdir("/proc/self/fd") if "sqlite" in (path := os.path.realpath(f"/proc/self/fd/{fd}"))])
if url := os.environ["DATABASE_URL"]:
    with psycopg.connect(url) as own:
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        print(own.execute(count).fetchone())
"""


@pytest.mark.parametrize("database", ["PostgreSQL", "SQLite"])
def test_the_import_leaves_no_connection_no_thread_and_no_name_of_a_process(services, tmp_path, database):
    postgres, redis = services
    chosen = {"DATABASE_URL": postgres.database() if database == "PostgreSQL" else "", "REDIS_URL": redis.url}
    site = Site(tmp_path, **chosen)
    site.migrate()
    sessions = ["(0,)"] if database == "PostgreSQL" else []
    done = subprocess.run(
        [sys.executable, "-c", WHAT_IS_THERE],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["['MainThread']", "[]", "[] [] False", "[]", *sessions]
