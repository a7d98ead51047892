"""Programs that tests run and no package brings, and what tests of servers wait for and measure."""

import asyncio
import os
import shutil
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.patience import PATIENCE


def tool(*names: str) -> str:
    """The program of one of these names. Without it the test is skipped; where all must be there, it fails."""
    found = next(filter(None, (shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in names)), None)
    if found:
        return found
    sentence = f"There is no {' or '.join(names)} here: .ci/run installs it."
    if os.environ.get("CI"):
        pytest.fail(sentence)
    return pytest.skip(sentence)


def run(*arguments: str, **options) -> str:
    """Runs it to a good end; all that it says."""
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(arguments, **output, check=False, timeout=PATIENCE, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def is_open(port: int) -> bool:
    """Whether a server listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def certify(folder: Path) -> Path:
    """A new certificate for 127.0.0.1, and beside it its `key.pem`. Nobody trusts it who is not told to."""
    path = folder / "certificate.pem"
    files = ["-keyout", str(path.with_name("key.pem")), "-out", str(path)]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"]
    run(tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *subject)
    return path


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  What is waited for has no event of its own.
            await asyncio.sleep(0.01)


def memory(site) -> int:
    return psutil.Process(site.process.pid).memory_info().rss
