"""Open files: each connection is one, and the site uses as many as the system allows."""

import resource
from collections.abc import Iterator

from chat.doctor.findings import Finding, ok, warning
from chat.server.files import MOST_FILES

FEW = 4096


def check() -> Iterator[Finding]:
    """Applies to processes started in this environment: the limit in a systemd unit holds for that unit alone."""
    yield allowed(resource.getrlimit(resource.RLIMIT_NOFILE)[1])


def allowed(hard: int) -> Finding:
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if most < FEW:
        return warning(
            "open files",
            f"{most} for each process, and each connection is one. Allow {MOST_FILES}: LimitNOFILE, ulimit -Hn.",
        )
    return ok("open files", f"{most} for each process started here")
