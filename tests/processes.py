"""Processes that tests start, and end whatever happens."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self

from tests.patience import PATIENCE


def end(process: subprocess.Popen, how: Callable[[subprocess.Popen], None] = subprocess.Popen.terminate) -> None:
    """Ends a process, if it still runs, and waits until it has gone."""
    how(process)
    try:
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


class Server(ABC):
    """A server, ended by hand or with a block. One that does not start leaves nothing behind."""

    process: subprocess.Popen | None = None

    def start(self) -> None:
        try:
            self._start()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ends the process as a system does, and waits until it has gone."""
        if self.process:
            end(self.process)

    def kill(self) -> None:
        """Ends the process as a crash does."""
        if self.process:
            end(self.process, subprocess.Popen.kill)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def _start(self) -> None:
        """Returns when it answers."""
