"""A disk that runs full, and has room again."""

import contextlib
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.delivery.client import PATIENT
from tests.delivery.crowd import Crowd, crowd
from tests.delivery.figures import Figures
from tests.delivery.scale import Scale
from tests.servers import NO_LIMITS, cluster_of

DISK = "16m"


def may_mount() -> bool:
    """Whether this user may make a disk of their own: only then there is one that can be filled."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


async def disk_full(scale: Scale) -> Figures:
    """SQLite's disk has no room for a while: no ack without a commit, reading goes on, and later writing again."""
    with _small_disk() as disk, tempfile.TemporaryDirectory(prefix="chatsite-") as folder:
        database = f"sqlite:///{disk / 'db.sqlite3'}"
        with cluster_of(Path(folder), 1, database=database, **NO_LIMITS) as cluster:
            async with crowd(cluster, scale, pace=PATIENT) as people:
                figures = await _run_full(people, disk, scale)
        with contextlib.closing(sqlite3.connect(disk / "db.sqlite3")) as database:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
    figures.must(found == "ok", f"integrity_check says {found}")
    figures.note(f"integrity_check: {found}")
    return figures


async def _run_full(people: Crowd, disk: Path, scale: Scale) -> Figures:
    ballast = disk / "ballast"
    async with people.load(scale.posts_per_second):
        await people.until_acknowledged(more=int(scale.posts_per_second))
        _fill(ballast)
        await people.until(lambda: people.errors["unavailable"] > 10)
        # Space that is freed while the log is written back may still take a post; then nothing more is acknowledged.
        stored = [await people.fresh_look(room) for room in people.members]
        status = await _page(people)
        refused = people.errors["unavailable"]
        ballast.unlink()
        await people.until_acknowledged(more=int(scale.posts_per_second))
    equal = await people.until_equal()
    figures = await Figures.of("SQLite's disk full", people, equal)
    figures.must(all(sights for _, sights in stored), "nothing could be read while the disk was full")
    figures.must(status == 200, f"a page was answered with {status} while the disk was full")
    figures.note(f"{refused} posts put off meanwhile")
    return figures


async def _page(people: Crowd) -> int:
    """The status of a room's page, for somebody who has opened none today."""
    room, inside = next(iter(people.district.members.items()))
    async with httpx.AsyncClient(base_url=people.cluster.next_door().url, timeout=30) as browser:
        browser.cookies.set("sessionid", inside[-1].session)
        return (await browser.get(f"/rooms/{people.district.slugs[room]}/")).status_code


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


@contextlib.contextmanager
def _small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chatsite-disk-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)
