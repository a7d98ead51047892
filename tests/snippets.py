"""The examples of docs/clients.md, as they stand there, and programs made of them."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE
from tests.servers import ROOT

DOCUMENT = ROOT / "docs" / "clients.md"

Example = tuple[str, str]
"""The language of an example, and its text."""


def examples() -> dict[str, Example]:
    """Each by the heading that it stands under: "" before the first. No heading has two."""
    found: dict[str, Example] = {}
    for section in re.split(r"^## ", f"## \n{DOCUMENT.read_text()}", flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
        assert len(blocks) <= 1, f"“{heading}” has more than one example."
        found.update((heading, block) for block in blocks)
    return found


class Program:
    """The part of an example that runs, in a folder that others share."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.output: list[str] = []
        self._process = process

    async def line(self, containing: str, patience: float = PATIENCE) -> str:
        """The next line that it prints with this in it."""
        async with asyncio.timeout(patience):
            while text := await self._process.stdout.readline():
                self.output.append(text.decode().rstrip("\n"))
                if containing in self.output[-1]:
                    return self.output[-1]
        raise AssertionError(f"It ended without saying {containing!r}:\n" + "\n".join(self.output))

    async def ended(self) -> list[str]:
        """All lines of a program that ends by itself."""
        async with asyncio.timeout(PATIENCE):
            rest = await self._process.stdout.read()
        self.output += rest.decode().splitlines()
        return self.output

    async def type(self, line: str) -> None:
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    @property
    def frames(self) -> list[dict[str, Any]]:
        """The frames among what it has printed, whether alone, as an event's data or after a prompt."""
        lines = (line.removeprefix("data: ").removeprefix("> ") for line in self.output)
        return [json.loads(line) for line in lines if line.startswith('{"type"')]

    @property
    def bodies(self) -> list[str]:
        return [frame["message"]["body"] for frame in self.frames if frame["type"] == "message"]


@contextlib.asynccontextmanager
async def running(folder: Path, site: str, nickname: str, *headings: str) -> AsyncIterator[Program]:
    """The examples under these headings as one program, at that site under that nickname; ended with the block."""
    parts = [examples()[heading] for heading in headings]
    (language,) = {language for language, _ in parts}
    interpreter = {"sh": "bash", "python": sys.executable}[language]
    process = await asyncio.create_subprocess_exec(
        interpreter, "-c", "\n".join(text for _, text in parts),
        cwd=folder, env=_environment(SITE=site, NICKNAME=nickname), start_new_session=True,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield Program(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.stdin.close()
        await process.wait()


def _environment(**variables: str) -> dict[str, str]:
    """Programs of the tests' own environment come first: Python's, and Node's."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", "NO_UPDATE_NOTIFIER": "1", **variables}
