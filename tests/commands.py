"""The site's commands in environments of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from chatsite import environment
from tests import warm
from tests.patience import PATIENCE
from tests.processes import end
from tests.servers import ROOT, wait_for


def command(*arguments: str, data_dir: Path | None, **variables: str) -> dict:
    """Returns the arguments of Popen that run Python in an environment that says only this of the site."""
    names = {variable.name for variable in environment.VARIABLES}
    clean = {name: value for name, value in os.environ.items() if name not in names}
    folders = {"DATA_DIR": str(data_dir), "TMPDIR": str(data_dir)} if data_dir else {}  # Killed, it leaves files there.
    environ = {**clean, **folders, **variables}
    return {"args": [sys.executable, *arguments], "cwd": ROOT, "env": environ, "text": True}


def run(*arguments: str, data_dir: Path | None, **variables: str) -> subprocess.CompletedProcess:
    """Runs to the end. What should refuse to start and starts instead is ended, and fails the test."""
    return warm.run(list(arguments), command(*arguments, data_dir=data_dir, **variables)["env"], PATIENCE)


def refusal(done: subprocess.CompletedProcess) -> str:
    """The one line that says why it did not start."""
    assert done.returncode not in (0, None)
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if " INFO " not in line]
    assert len(lines) == 1, done.stderr
    return lines[0]


@contextmanager
def running(*arguments: str, url: str, data_dir: Path, **variables: str) -> Iterator[subprocess.Popen]:
    """A server that answers; ended with the block. Its output is in `log` in the data folder."""
    with (data_dir / "log").open("w") as log:
        process = subprocess.Popen(
            **command(*arguments, data_dir=data_dir, **variables), stdout=log, stderr=subprocess.STDOUT
        )

    def answers() -> bool:
        assert process.poll() is None, (data_dir / "log").read_text()
        with suppress(httpx.TransportError):
            httpx.get(f"{url}/healthz")
            return True
        return False

    try:
        wait_for(answers, f"What is at {url}")
        yield process
    finally:
        end(process, subprocess.Popen.kill)
