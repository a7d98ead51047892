"""Sites that listen on a Unix socket."""

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from chat.server import install
from tests.patience import PATIENCE
from tests.server.sites import SmallSite
from tests.servers import wait_for

pytestmark = pytest.mark.one_database


class UnixSite(SmallSite):
    """It listens on a Unix socket of its own, or on one that was handed to it."""

    @property
    def path(self) -> Path:
        return self.data_dir / "socket"

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "daphne", "-u", str(self.path), self.application]

    def _wait_until_ready(self) -> None:
        wait_for(lambda: self.process.poll() is not None or self.status() == 200, "Daphne")

    def status(self) -> int:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            if client.connect_ex(str(self.path)) != 0:
                return 0
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return int(client.recv(4096)[9:12])


class SharedUnixSite(UnixSite):
    @property
    def command(self) -> list[str]:
        """As systemd hands it over."""
        code = (
            "import os, socket, sys; one = socket.socket(fileno=int(sys.argv[1])); os.dup2(one.fileno(), 3);"
            "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='site');"
            "os.execv(sys.executable, [sys.executable, '-m', 'daphne', *sys.argv[2:]])"
        )
        endpoint = "systemd:domain=UNIX:index=0"
        return [sys.executable, "-c", code, "0", "--endpoint", endpoint, self.application]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_unix_socket_goes_with_its_process_and_the_next_one_starts(tmp_path, end):
    site = UnixSite(tmp_path)
    for _ in range(2):
        with site:
            assert site.status() == 200
            site.process.send_signal(end)
            assert site.process.wait(PATIENCE) == 0
        assert not list(tmp_path.glob("socket*"))


def leave_behind(path: Path, owner: int, age: float = 3600) -> None:
    """The leftovers of a process that was killed: a socket on which nobody listens, and a lock in its name."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    lock = path.with_name(f"{path.name}.lock")
    lock.symlink_to(str(owner))
    os.utime(lock, (time.time() - age,) * 2, follow_symlinks=False)


def test_a_unix_socket_that_was_left_behind_is_taken_over(tmp_path):
    """Its owner's number is somebody else's now, as after a restart of the machine."""
    site = UnixSite(tmp_path)
    leave_behind(site.path, os.getpid())
    with site:
        assert site.status() == 200


def test_a_lock_in_our_own_name_is_left_over(tmp_path):
    """As for process 1 of a container, which it is each time."""
    leave_behind(tmp_path / "socket", os.getpid(), age=0)
    install.claim_path(tmp_path / "socket")
    assert not list(tmp_path.iterdir())


def test_a_lock_that_is_young_may_be_of_somebody_who_is_about_to_listen(tmp_path):
    leave_behind(tmp_path / "socket", os.getppid(), age=0)
    install.claim_path(tmp_path / "socket")
    assert len(list(tmp_path.iterdir())) == 2


def test_nothing_is_taken_over_where_somebody_listens_or_of_what_is_no_socket(tmp_path):
    leave_behind(tmp_path / "socket", os.getpid())
    (tmp_path / "socket").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        install.claim_path(tmp_path / "socket")
    assert len(list(tmp_path.iterdir())) == 2
    (tmp_path / "letter").write_text("Dear Sir")
    install.claim_path(tmp_path / "letter")
    assert (tmp_path / "letter").exists()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_unix_socket_that_is_shared_stays(tmp_path, end):
    site = SharedUnixSite(tmp_path)
    with socket.socket(socket.AF_UNIX) as site.handed:
        site.handed.bind(str(site.path))
        site.handed.listen()
        for _ in range(2):
            with site:
                site.process.send_signal(end)
                assert site.process.wait(PATIENCE) == 0
            assert site.path.is_socket()
