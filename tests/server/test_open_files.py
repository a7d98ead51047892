"""A process whose open files are nearly used up."""

import asyncio
import contextlib
import socket
import sys

import psutil
import pytest

from tests.patience import PATIENCE
from tests.server.sites import asked
from tests.servers import NO_LIMITS, Site, wait_for

pytestmark = pytest.mark.one_database


class ModestSite(Site):
    """It may have 256 open files, and begins with half of them, as most systems let a process begin with few."""

    @property
    def command(self) -> list[str]:
        limited = (
            "import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (128, 256));"
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        return [sys.executable, "-c", limited, *super().command]


@pytest.fixture(scope="module")
def their_site(tmp_path_factory):
    site = ModestSite(tmp_path_factory.mktemp("modest"), **NO_LIMITS)
    site.migrate()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def modest_site(their_site):
    """A crowd of the test before has gone, and this is known."""
    wait_for(lambda: asked(their_site, "/") == 200, "Room for newcomers")
    return their_site


def test_a_process_takes_as_many_open_files_as_it_may_have(modest_site):
    assert psutil.Process(modest_site.process.pid).rlimit(psutil.RLIMIT_NOFILE) == (256, 256)


@contextlib.contextmanager
def crowd(site, count: int, words: bytes = b""):
    """Connections that say this and no more, on the way to a request."""
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(count):
            connections.append(stack.enter_context(socket.create_connection(("127.0.0.1", site.port), PATIENCE)))
            with contextlib.suppress(OSError):  # It may be closed already.
                connections[-1].sendall(words)
        yield connections


@pytest.mark.parametrize(
    "words",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"],
    ids=["that say nothing", "that do not end what they say"],
)
async def test_slow_connections_take_nobodys_place(modest_site, joins_at, words):
    """With three times as many as there may be open files."""
    alice = await joins_at("alice", modest_site)
    with crowd(modest_site, 768, words):
        assert await asyncio.to_thread(asked, modest_site, "/readyz") == 200
        assert await asyncio.to_thread(asked, modest_site, "/rooms/", alice.cookie) == 200
        wire = await alice.connect()
        await wire.post("still here", room=wire.room("lobby"))


async def test_the_last_places_are_for_those_who_are_signed_in(modest_site, joins_at):
    """Here the crowd are WebSockets, which have said all that they had to."""
    alice = await joins_at("alice", modest_site)
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
    upgrade = f"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n\r\n"
    before = len(modest_site.log.read_text())
    with crowd(modest_site, 300, upgrade.encode()) as connections:
        answers = [await asyncio.to_thread(answer_on, connection) for connection in connections]
        assert {b"101", b"503"} <= set(answers)
        assert await asyncio.to_thread(asked, modest_site, "/") == 503
        assert await asyncio.to_thread(asked, modest_site, "/readyz") == 200
        assert await asyncio.to_thread(asked, modest_site, "/rooms/", alice.cookie) == 200
        wire = await alice.connect()
        await wire.post("still here", room=wire.room("lobby"))
        log = modest_site.log.read_text()[before:]
        assert log.count("Open files are nearly used up") == 1

    def is_over() -> bool:
        return (
            asked(modest_site, "/healthz") == 200
            and "There are enough open files again" in modest_site.log.read_text()[before:]
        )

    await asyncio.to_thread(wait_for, is_over, "The end of it")


def answer_on(connection: socket.socket) -> bytes:
    """The status; none where the connection was closed."""
    with contextlib.suppress(OSError):
        return connection.recv(4096)[9:12]
    return b""
