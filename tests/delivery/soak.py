"""`python -m tests.delivery.soak`: every row in its long form; prints the table and writes it into the documentation.

`python -m tests.delivery.soak short kills flood` takes some rows, in their short form, and only prints.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.delivery import hostile, lines, processes, rights, services, storage
from tests.delivery.clusters import Clusters
from tests.delivery.figures import Figures, table
from tests.delivery.scale import SHORT, SOAK, Scale
from tests.servers import ROOT

DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

Row = Callable[[Clusters, Scale], Awaitable[Figures]]

SQLITE = {"processes": 1, "database": "sqlite", "redis": False}


def on(row, name: str = "", **cluster) -> tuple[str, Row]:
    """A row on a cluster of that kind."""

    async def run(clusters: Clusters, scale: Scale) -> Figures:
        figures = await row(await asyncio.to_thread(lambda: clusters.of(**cluster)), scale)
        figures.fault += _where(cluster)
        return figures

    return name or row.__name__, run


def _where(cluster: dict[str, Any]) -> str:
    """The part of a row's name that tells its processes, where they are not three on PostgreSQL and Redis."""
    if cluster.get("database") == "sqlite":
        return " (one process, SQLite)"
    return "" if cluster.get("redis", True) else " (without Redis)"


async def _postgres_stopped(clusters: Clusters, scale: Scale) -> Figures:
    return await services.postgres_stopped(await asyncio.to_thread(clusters.of), scale, clusters.postgres)


async def _disk_full(clusters: Clusters, scale: Scale) -> Figures:
    return await storage.disk_full(scale)


ROWS: dict[str, Row] = dict(
    [
        on(processes.no_fault),
        on(processes.no_fault, "no_fault_on_sqlite", **SQLITE),
        on(processes.kills),
        on(processes.kills_by_every_road),
        on(processes.kills, "kills_without_redis", redis=False),
        on(processes.kills, "kills_on_sqlite", **SQLITE),
        on(processes.swallowed_acks, faults="swallow_acks"),
        on(processes.delayed_announcements, faults="delay_announcements"),
        on(processes.lost_events, faults="lose_events"),
        on(processes.drains),
        on(services.redis_killed),
        on(services.redis_flushed),
        on(services.redis_cuts_subscribers),
        on(services.redis_black_hole),
        ("postgres_stopped", _postgres_stopped),
        on(rights.canaries),
        on(rights.brought_in, faults="look_slowly"),
        on(hostile.slow_readers, **SQLITE),
        on(hostile.flood, **SQLITE, limits="frames"),
        on(hostile.big_bodies, **SQLITE),
        on(lines.half_open, **SQLITE),
        ("disk_full", _disk_full),
    ]
)


async def soak(rows: dict[str, Row], scale: Scale) -> list[Figures]:
    done = []
    with tempfile.TemporaryDirectory(prefix="chatsite-") as folder, Clusters(Path(folder)) as clusters:
        for name, row in rows.items():
            began = time.monotonic()
            try:
                figures = await row(clusters, scale)
            except TimeoutError:
                figures = Figures(name)
                figures.must(False, "did not come to an end")
            done.append(figures)
            print(f"{name}: {time.monotonic() - began:.0f} s, {figures.verdict or 'holds'}", flush=True)
    return done


def machine() -> str:
    said = (line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines())
    processor = next((value.strip() for key, _, value in said if key.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores ({processor}), {platform.system()}, Python {platform.python_version()}"


def main(words: list[str]) -> int:
    names = [word for word in words if word != "short"]
    rows = {name: row for name, row in ROWS.items() if not names or name in names}
    figures = asyncio.run(soak(rows, SHORT if "short" in words else SOAK))
    text = f"{table(figures)}\n\nMeasured on {machine()}, clients and servers on the same machine."
    print(f"\n{text}")
    if not words:
        head, _, rest = DOCUMENT.read_text().partition(BEGIN)
        DOCUMENT.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}")
    return int(any(row.flaws for row in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
