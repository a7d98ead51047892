"""Python programs that start from a process that has imported their libraries: they take half of the CPU of a start.

The process imports nothing that depends on an environment: no settings, no models, no event loop. What it starts is a
process like any other, with an environment, a standard input and an output of its own.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parent.parent

LIBRARIES = (
    "asgiref.server", "autobahn.twisted.websocket", "channels.consumer", "channels.db", "channels.layers",
    "channels_redis.core", "confusable_homoglyphs.confusables", "cryptography.x509", "django.conf.urls.i18n",
    "django.contrib.admin.widgets", "django.contrib.messages.middleware", "django.contrib.sessions.middleware",
    "django.contrib.staticfiles.finders", "django.core.handlers.asgi", "django.core.management",
    "django.core.paginator", "django.core.serializers.json", "django.db.backends.sqlite3.base",
    "django.db.migrations.executor", "django.db.models", "django.db.models.sql.compiler", "django.forms",
    "django.middleware.common", "django.middleware.csrf", "django.middleware.gzip", "django.middleware.locale",
    "django.middleware.security", "django.template.loader", "django.urls", "django.views.generic",
    "django.views.i18n", "environ", "msgspec.json", "OpenSSL.SSL", "packaging.version", "psycopg",
    "redis.asyncio.sentinel", "servestatic.asgi", "servestatic.middleware", "twisted.internet.asyncioreactor",
    "twisted.internet.endpoints", "twisted.logger", "twisted.web.http", "uvloop",
)  # fmt: skip


class Program:
    """A process that was started here, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, pid: int, status: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._status = status
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        with self._lock:
            if self.returncode is None:
                if not select.select([self._status], [], [], timeout)[0]:
                    raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
                self.returncode = int(os.read(self._status, 16))
                os.close(self._status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def suits(arguments: list[str], env: dict[str, str]) -> bool:
    """Whether a program can start here: not one of whose environment Python reads something before it does."""

    def read_by_python(variables: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in variables.items() if name.startswith("PYTHON")}

    return arguments[0] != "-c" and read_by_python(env) == read_by_python(os.environ)


def start(arguments: list[str], env: dict[str, str], stdin: int | None, stdout: IO, stderr: IO) -> Program:
    """Starts `python <arguments>`, which begin with `-m` and a module, or with a script; in the project's folder."""
    asking = json.dumps([arguments, env]).encode()
    status, told = os.pipe()
    with open(os.devnull, "rb") as nothing, _one_at_a_time:
        files = [nothing.fileno() if stdin is None else stdin, stdout.fileno(), stderr.fileno(), told]
        control = _starter()
        socket.send_fds(control, [len(asking).to_bytes(4)], files)
        control.sendall(asking)
        pid = int.from_bytes(control.recv(4, socket.MSG_WAITALL))
    os.close(told)
    return Program(pid, status)


def run(arguments: list[str], env: dict[str, str], timeout: float | None = None) -> subprocess.CompletedProcess:
    """Runs it to its end; with what it wrote. One that is still running after so many seconds is ended, and raises.

    One that doesn't suit starts by itself.
    """
    if not suits(arguments, env):
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=timeout, check=False)
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        program = start(arguments, env, None, stdout, stderr)
        try:
            program.wait(timeout)
        finally:
            program.kill()
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read())
    return subprocess.CompletedProcess(arguments, program.wait(), *texts)


_one_at_a_time = threading.Lock()


@cache
def _starter() -> socket.socket:
    """The standard input of a process that starts others, and ends when this one does."""
    control, theirs = socket.socketpair()
    with theirs:
        starter = subprocess.Popen([sys.executable, "-m", "tests.warm"], cwd=ROOT, stdin=theirs)

    def end() -> None:
        control.close()
        starter.wait(PATIENCE)

    atexit.register(end)
    return control


# The process that starts others.


def _serve(control: socket.socket) -> list[str]:
    """Starts one program after the other. Returns in each of them, with its arguments."""
    running: dict[int, int] = {}

    def tell_of_ends(*_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                told = running.pop(ended[0])
                with contextlib.suppress(BrokenPipeError):
                    os.write(told, str(os.waitstatus_to_exitcode(ended[1])).encode())
                os.close(told)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, tell_of_ends)
    while True:
        size, files, *_ = socket.recv_fds(control, 4, 4)
        if not size:
            sys.exit()
        arguments, environment = json.loads(control.recv(int.from_bytes(size), socket.MSG_WAITALL))
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # Until it is known whose end is told where.
        if not (pid := os.fork()):
            _become(files[:3], environment)
            return arguments
        running[pid] = files.pop()
        for file in files:
            os.close(file)
        control.sendall(pid.to_bytes(4))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _become(files: list[int], environment: dict[str, str]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    random.seed()
    tempfile.tempdir = None


def main() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules
    gc.collect()
    gc.freeze()  # The collector of a program that looks at these would copy them.
    sys.argv = _serve(socket.socket(fileno=os.dup(0)))
    gc.unfreeze()
    if sys.argv[0] == "-m":
        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
