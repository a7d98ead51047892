"""TCP ports for the servers of tests."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

# Below the ports that Linux and macOS give to outgoing connections: one of those could take a server's port before the
# server starts, or while it restarts; even a client's attempt to connect there could, and be connected to itself.
PORTS = range(12_000, 32_000)

_taken: set[int] = set()


def free_port() -> int:
    """Returns a port that nothing listens on, and that no other call returns while this process and the other one run.

    Each port is a byte of one file, which this process locks until it ends.
    """
    for port in random.sample(PORTS, len(PORTS)):
        if port not in _taken and _locks(port) and _is_free(port):
            _taken.add(port)
            return port
    raise RuntimeError(f"No port from {PORTS.start} to {PORTS.stop - 1} is free.")


def _locks(port: int) -> bool:
    try:
        fcntl.lockf(_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _file() -> int:
    return os.open(Path(tempfile.gettempdir()) / "chatsite-ports", os.O_RDWR | os.O_CREAT, 0o666)


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
