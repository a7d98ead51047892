"""The machine: which core is whose, what processes cost, and what all this runs on."""

import contextlib
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVERS, OTHERS = (set(CORES[:1]), set(CORES[1:])) if len(CORES) > 1 else (set(), set())
"""The servers under measurement share one core; the client, Redis and PostgreSQL have the others."""


@contextlib.contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """This thread, and all processes and threads that it starts meanwhile, on these cores; anywhere if it is empty."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """The CPU time of these processes so far, user and system, with all threads and children. In steps of 10 ms."""
    family = [one for process in processes for one in (process, *process.children(recursive=True))]
    times = [process.cpu_times() for process in family]
    return sum(one.user + one.system for one in times)


def busy_seconds() -> float:
    """The CPU time of all processes of the machine, and the time that a host took from its guest, this machine."""
    times = psutil.cpu_times()
    return times.user + times.system + getattr(times, "nice", 0.0) + getattr(times, "steal", 0.0)


def memory_bytes(processes: Iterable[psutil.Process]) -> int:
    """The memory of these processes: pages that are shared count by their share (PSS)."""
    return sum(process.memory_full_info().pss for process in processes)


def open_files(wanted: int) -> int:
    """Lets this process, and all that it starts, have as many files open. How many it may have in the end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def described(node: str, folder: Path) -> dict[str, str]:
    """The facts about the machine that a reader of the figures wants."""
    return {
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "node": node,
        "pinned": "servers on one core, all else on the others" if SERVERS else "no: fewer than two cores to be had",
        "fsync": f"{_fsync_seconds(folder) * 1000:.2f} ms",
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _fsync_seconds(folder: Path) -> float:
    """The time to have 4 KiB on disk, where the databases of the measurement lie: the median of 50."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)
