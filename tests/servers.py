"""Real servers for tests: a Daphne process, and PostgreSQL."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTING_SECONDS = 30

NO_LIMITS = {"POST_BURST": "0", "POST_RATE": "0", "JOIN_RATE": "0"}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Site:
    """A chatsite in a process of its own: migrated, served by Daphne on a port that stays the same when it restarts."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.socket_url = f"ws://127.0.0.1:{self.port}/ws/chat/"
        self.environment = {**os.environ, "DATA_DIR": str(data_dir), **environment}
        self.log = data_dir / "daphne.log"
        self.process: subprocess.Popen | None = None

    def manage(self, *arguments: str) -> str:
        """Runs a command of manage.py on the site's data; its output."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def start(self) -> None:
        command = [sys.executable, "-m", "daphne", "-p", str(self.port), "chatsite.asgi:application"]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        self._wait_until_ready()

    def stop(self) -> None:
        """Ends the process as a system does, and waits until it has gone."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """Ends the process as a crash does."""
        self._end(subprocess.Popen.kill)

    def _end(self, how) -> None:
        if self.process and self.process.poll() is None:
            how(self.process)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5)  # noqa: S310
                return
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"Daphne did not start:\n{self.log.read_text()}")


@contextlib.contextmanager
def daphne(data_dir: Path, **environment: str) -> Iterator[Site]:
    """A running site whose data lies in `data_dir`; ended with the block."""
    data_dir.mkdir(parents=True, exist_ok=True)
    site = Site(data_dir, **environment)
    site.manage("migrate", "--verbosity", "0")
    site.start()
    try:
        yield site
    finally:
        site.stop()
