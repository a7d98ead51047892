"""`python -m chatsite.child PARENT COMMAND …`: prepares a child of `processes.py`, then executes its command."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(parent: int, command: list[str]) -> None:
    os.setsid()  # Ctrl+C reaches only the parent, which then stops its children in order.
    _die_with(parent)
    os.environ["LISTEN_PID"] = str(os.getpid())  # The recipient of the listening socket, as in systemd's protocol.
    os.execvp(command[0], command)  # noqa: S606  No shell is wanted.


def _die_with(parent: int) -> None:
    """Has the kernel send SIGTERM when the parent dies, even if it is killed, so no child is left. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("The parent has gone.")


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
