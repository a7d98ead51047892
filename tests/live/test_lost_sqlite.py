"""An SQLite that somebody else writes to, that is damaged, or that takes nothing."""

import asyncio
import contextlib
import sqlite3
import subprocess
import time
from collections.abc import Iterator

import pytest

from chat.live import threads
from tests.delivery.storage import may_mount
from tests.live.lost import DAPHNE, IN_TIME, answer_to, findings, refusal, until_ready
from tests.servers import NO_LIMITS, Site, daphne

pytestmark = pytest.mark.proof


@pytest.fixture
def local(tmp_path) -> Iterator[Site]:
    with daphne(tmp_path, **NO_LIMITS, DATABASE_URL="") as site:
        yield site


async def test_an_sqlite_that_another_program_writes_to_for_long_is_read_meanwhile(local, joins_at):
    alice = await joins_at("alice", local)
    wire = await alice.connect()
    lobby = wire.room("lobby")
    await wire.post("one", room=lobby)
    writers = [await alice.connect() for _ in range(2 * threads.WRITE_THREADS)]  # More than there are threads for.
    with contextlib.closing(sqlite3.connect(local.data_dir / "chatsite.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        for writer in writers:
            await writer.send("probe")
        await wire.send("post", body="two", room=lobby, client_id="c1")
        ready, page, rooms = await asyncio.gather(
            *(alice.http.get(path) for path in ("/readyz", "/rooms/lobby/", "/rooms/"))
        )
        assert (ready.status_code, page.status_code, rooms.status_code) == (503, 200, 200)
        assert len(await alice.poll(wait=0)) > 1
        assert (await answer_to(wire, "c1"))["code"] == "unavailable"
        assert time.monotonic() - began < 2 * IN_TIME
        other.execute("ROLLBACK")
    assert (await wire.post("two", room=lobby, client_id="c1"))["number"] == 2
    await until_ready(local)


def test_an_sqlite_file_that_is_damaged_is_found_by_the_doctor(tmp_path):
    site = Site(tmp_path, DATABASE_URL="")
    site.migrate()
    path = tmp_path / "chatsite.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = whole.execute("SELECT rootpage FROM sqlite_master WHERE name = 'chat_message'").fetchone()
        (size,) = whole.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    assert "damaged" in findings(tmp_path, DATABASE_URL="")


@pytest.mark.skipif(not may_mount(), reason="root may write everywhere but in a folder that is mounted read-only")
def test_an_sqlite_file_that_can_only_be_read_is_refused(tmp_path):
    folder, data_dir = tmp_path / "folder", tmp_path / "data"
    folder.mkdir()
    data_dir.mkdir()
    address = f"sqlite:///{folder}/chat.sqlite3"
    Site(data_dir, DATABASE_URL=address).migrate()
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        said = refusal(data_dir, *DAPHNE, DATABASE_URL=address)
        assert "can only be read" in said or "does not answer" in said
        assert "readonly" in said or "unable to open" in said
    finally:
        subprocess.run(["umount", folder], check=True)
