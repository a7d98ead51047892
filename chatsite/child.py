"""`python -m chatsite.child PARENT COMMAND …`: what a child of `processes.py` does before it becomes its program."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(parent: int, command: list[str]) -> None:
    os.setsid()  # Ctrl+C reaches the parent alone, which then ends its children in good order.
    _die_with(parent)
    os.environ["LISTEN_PID"] = str(os.getpid())  # For whom the listening socket is, as systemd says it.
    os.execvp(command[0], command)  # noqa: S606  No shell is wanted.


def _die_with(parent: int) -> None:
    """Even a parent that is killed leaves no child behind. Only Linux can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("The parent has gone.")


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
