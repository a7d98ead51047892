"""Ports for tests' servers: nobody else gets one between its choice and the server's start."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import PORTS, free_port
from tests.servers import ROOT


@pytest.mark.proof
def test_each_port_is_given_out_once():
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == 200


def test_another_process_gets_other_ports():
    mine = free_port()
    code = f"import tests.ports; tests.ports.PORTS = range({mine}, {mine + 1}); tests.ports.free_port()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"No port from {mine} to {mine} is free." in done.stderr


def test_no_outgoing_connection_gets_such_a_port():
    if sys.platform != "linux":
        pytest.skip("Only Linux has this file.")
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert PORTS.stop <= first


def test_a_port_in_use_is_not_given_out(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("tests.ports.PORTS", range(port, port + 1))
        with pytest.raises(RuntimeError, match="is free"):
            free_port()
