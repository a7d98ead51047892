"""Free space on the database's disk. With a full disk nothing is acknowledged."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from chat.doctor.findings import Finding, ok, reason, warning, wrong

LITTLE_BYTES = 1024**3
LITTLE_SHARE = 0.05
TOO_LITTLE_BYTES = 100 * 1024**2


def check() -> Iterator[Finding]:
    """A database server's disk cannot be checked from here; the folder of the site's own files is checked instead."""
    if connection.vendor == "sqlite":
        yield space(Path(connection.settings_dict["NAME"]).parent)
    elif folder := getattr(settings, "DATA_DIR", None):
        yield space(Path(folder))


def space(folder: Path, little: int = LITTLE_BYTES, too_little: int = TOO_LITTLE_BYTES) -> Finding:
    """Warns below `little` bytes or a twentieth of the disk; it is wrong below `too_little` bytes."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return wrong("disk", f"{folder} cannot be looked at: {reason(error)}.")
    figure = f"{usage.free / 1024**3:.1f} GiB free in {folder} ({usage.free / usage.total:.0%})"
    if usage.free < too_little:
        return wrong("disk", f"{figure}. When it is full nothing can be stored: make room now.")
    if usage.free < little or usage.free < LITTLE_SHARE * usage.total:
        return warning("disk", f"{figure}. Make room before it is full: then nothing can be stored.")
    return ok("disk", figure)
