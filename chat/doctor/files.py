"""Whether others on this machine can read the site's files: messages, and the keys of everybody's sessions."""

import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from chat.doctor.findings import Finding, ok, reason, warning


def check() -> Iterator[Finding]:
    files = []
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        files += [Path(name + suffix) for suffix in ("", "-wal", "-shm")]
    if folder := getattr(settings, "DATA_DIR", None):
        files.append(Path(folder) / "secret_key")
    yield readers(files)


def readers(files: list[Path]) -> Finding:
    try:
        bare = [path for path in files if path.exists() and is_open_to_others(path)]
    except OSError as error:
        return warning("files", f"Their modes cannot be looked at: {reason(error)}.")
    if bare:
        names = " ".join(map(str, bare))
        return warning("files", f"Others on this machine can read them, and with them sessions. Run: chmod 600 {names}")
    return ok("files", "only the site's own user can read them")


def is_open_to_others(path: Path) -> bool:
    """Returns whether its mode lets others read it, and all its parent folders let them reach it."""
    everybody = path.stat().st_mode & stat.S_IROTH and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents
    )
    group = path.stat().st_mode & stat.S_IRGRP and all(
        folder.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH) for folder in path.resolve().parents
    )
    return bool(everybody or group)
