"""Where the time goes: py-spy beside a load. Such a run explains figures; its own are none, for looking costs time."""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psutil

RATE = 200
LINES = 40

folder: Path | None = None
"""Where profiles go; None: none are taken."""
_numbers = count(1)


@contextmanager
def profiled(name: str, processes: list[psutil.Process]) -> Iterator[None]:
    """Python servers only. Writes folded stacks, and beside them the functions that took most."""
    if folder is None or "python" not in Path(processes[0].exe()).name:
        yield
        return
    stacks = folder / f"{next(_numbers):02}-{name}.folded"
    beside = Path(sys.executable).parent / "py-spy"
    command = [str(beside) if beside.exists() else shutil.which("py-spy") or "py-spy", "record", "--format", "raw"]
    command += ["--nonblocking"]
    command += ["--rate", str(RATE), "--duration", "600", "--pid", str(processes[0].pid), "--output", str(stacks)]
    watching = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        watching.send_signal(signal.SIGINT)
        watching.wait()
    if stacks.exists():
        stacks.with_suffix(".txt").write_text(summary(stacks.read_text()))


def summary(folded: str) -> str:
    """Functions by the share of samples in which they are on top, and in which they are at all."""
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for line in folded.splitlines():
        stack, _, samples = line.rpartition(" ")
        functions = stack.split(";")
        own[functions[-1]] += int(samples)
        for function in set(functions):
            within[function] += int(samples)
    total = own.total() or 1
    lines = [f"{samples / total:6.1%} {within[name] / total:6.1%}  {name}" for name, samples in own.most_common(LINES)]
    lines += ["", *(f"       {samples / total:6.1%}  {name}" for name, samples in within.most_common(LINES))]
    return "\n".join(["   own  within", *lines]) + "\n"
