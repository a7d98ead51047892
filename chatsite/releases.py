"""Releases of the static files in the data folder, so that a process also serves those of the pages it did not render.

While a site is upgraded, old and new processes run side by side: a new page may ask an old process for its files, and
pages that are open keep asking for theirs. Each release has a folder named after it, written once.
"""

import contextlib
import gzip
import logging
import os
import posixpath
import re
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chatsite.compact import compact

try:
    import brotli
except ImportError:
    brotli = None  # type: ignore[assignment]

KEPT = 10
"""Releases whose files are kept, about 2 MiB each: those that were started last."""

DRAFT_SECONDS = 60 * 60
"""Age at which an unfinished folder belongs to no process any more."""

_NAME = re.compile("[0-9a-f]{12}")
_DRAFT = ".draft-"
_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)
_OURS = "chat/"
"""Files of others keep their comments, which may be their licences."""
_COMPRESSIBLE = (".css", ".js", ".json", ".map", ".svg", ".txt")

logger = logging.getLogger(__name__)


def is_compressible(path: str) -> bool:
    return path.endswith(_COMPRESSIBLE)


def publish(root: Path, name: str, files: Iterable[tuple[str, Any]]) -> Path | None:
    """Returns the folder of a release, written now unless it is there. None if the data folder cannot be written.

    Processes that start together may all write it: the first to finish gives it its name.
    """
    folder = root / name
    try:
        if folder.is_dir():
            os.utime(folder)  # It was started last now.
            return folder
        root.mkdir(exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=root))
        try:
            _write(draft, dict(files))
            with contextlib.suppress(OSError):  # Another process was faster.
                draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _trim(root, name)
    except OSError as error:
        logger.warning("Static files are not kept for pages of other releases, because of %s.", error)
        return None
    return folder if folder.is_dir() else None


def compress(root: Path, path: str) -> None:
    """Writes a file's compressed variants beside it, at once complete for whoever else serves them."""
    data = Path(path).read_bytes()
    if brotli:
        _put(root, f"{path}.br", brotli.compress(data))
    _put(root, f"{path}.gz", gzip.compress(data, mtime=0))


def _put(root: Path, path: str, data: bytes) -> None:
    descriptor, draft = tempfile.mkstemp(prefix=_DRAFT, dir=root)  # Not beside it, where another process may look.
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink()
        raise


def published(path: str, files: dict[str, Any]) -> bytes:
    """Returns a file as a release has it: style sheets in one piece, what is the chat's own compact."""
    if path.endswith(".css"):
        text = _joined(path, files)
    elif path.endswith(".js") and path.startswith(_OURS):
        text = _read(path, files).decode()
    else:
        return _read(path, files)
    return (compact(path, text) if path.startswith(_OURS) else text).encode()


def _joined(sheet: str, files: dict[str, Any]) -> str:
    """Returns the text of a style sheet with those that it imports in their places: one request instead of many."""

    def imported(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(sheet), match[1]))
        return _joined(path, files) if path in files else match[0]

    return _IMPORT.sub(imported, _read(sheet, files).decode())


def _read(path: str, files: dict[str, Any]) -> bytes:
    with files[path].open(path) as file:
        return bytes(file.read())


def _write(folder: Path, files: dict[str, Any]) -> None:
    for path, storage in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(published(path, files))
        shutil.copystat(storage.path(path), target)


def _trim(root: Path, current: str) -> None:
    """Removes the releases beyond the last few, and what a process left that ended while it was writing."""
    others, drafts = {}, {}
    for path in root.iterdir():
        with contextlib.suppress(OSError):  # Another process has just finished or removed it.
            if _NAME.fullmatch(path.name) and path.name != current:
                others[path] = path.stat().st_mtime
            elif path.name.startswith(_DRAFT):
                drafts[path] = path.stat().st_mtime
    old = sorted(others, key=others.__getitem__, reverse=True)[KEPT - 1 :]
    old += [path for path, changed in drafts.items() if changed < time.time() - DRAFT_SECONDS]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
        if path.is_file():
            path.unlink(missing_ok=True)
