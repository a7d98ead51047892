"""Serves static files before Django, without a collecting step. URLs name a release, so browsers cache them."""

import asyncio
import contextlib
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django import urls
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.handlers.asgi import get_script_prefix
from servestatic.asgi import ServeStaticASGI

from chatsite import releases

_OF_A_RELEASE = re.compile("/?static/([0-9a-f]{12})/(.+)")
_UNKNOWN = "unknown release"
_FOREVER = f"max-age={365 * 24 * 60 * 60}, immutable"
_FORMAT = b"3"
"""Changes with what `releases` makes of the same files."""


@cache
def release() -> str:
    """Returns a hash of all static files together, so that modules that import each other are of the same release.

    Processes with the same files return the same hash. Empty with `DEBUG`, because files change during development.
    """
    if settings.DEBUG:
        return ""
    digest = sha256(_FORMAT)
    for path, storage in _found():
        with storage.open(path) as file:
            digest.update(f"{path}\0{file.size}\0".encode() + file.read())
    return digest.hexdigest()[:12]


class Storage(StaticFilesStorage):
    """Reads the path prefix each time. Django reads it once, before the first request sets it (`--root-path`)."""

    @property
    def base_url(self) -> str:
        return f"{urls.get_script_prefix()}static/{release()}/".replace("//", "/")


class Released(ServeStaticASGI):
    """Serves URLs that name a release, before Django, which would need three times the CPU for a file.

    Files of this release, and of others that are in the data folder, are immutable. A page of a release that is unknown
    gets the files of this one, because there are no others; its browser caches none of them.
    """

    def __init__(self, pages: Any, root: Path) -> None:
        super().__init__(pages, max_age=0, allow_all_origins=False, add_headers_function=_add_headers)
        self._root = root
        self._known: set[str] = set()
        self._kept_as_they_are: set[str] = set()
        if not release():
            return
        found = _found()
        folder = releases.publish(root, release(), found)
        for path, storage in found:
            self.add_file_to_dictionary(f"/{_UNKNOWN}/{path}", storage.path(path))
            if not folder:
                self.add_file_to_dictionary(f"/{release()}/{path}", storage.path(path))
        if folder:
            self._learn(release())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked = _OF_A_RELEASE.fullmatch(scope["path"].removeprefix(get_script_prefix(scope)))
        response = await self._response(asked[1], asked[2], scope) if asked else None
        if response is None:
            await self.application(scope, receive, send)
            return
        headers = [(name.lower().encode(), value.encode("latin1")) for name, value in _told(response.headers)]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        body = b""
        if response.file:
            # A few KiB in the page cache: a thread would cost ten times as much as the read.
            with response.file:
                body = response.file.read()
        await send({"type": "http.response.body", "body": body})

    async def _response(self, name: str, path: str, scope: Any) -> Any:
        """Returns a response with the file of that release, else of this one; None if neither has it."""
        asking = _request_headers(scope)
        try:
            if file := await self._file(name, path, asking):
                return file.get_response(scope["method"], asking)
        except FileNotFoundError:  # Its release is one of the last few no longer.
            self._forget(name)
        unknown: Any = self.files.get(f"/{_UNKNOWN}/{path}")
        return unknown and unknown.get_response(scope["method"], asking)

    async def _file(self, name: str, path: str, asking: dict[str, str]) -> Any:
        """Returns a file of a release. The first client that accepts it compressed waits until it is."""
        if name not in self._known and (self._root / name).is_dir():
            self._learn(name)
        key = f"/{name}/{path}"
        file: Any = self.files.get(key)
        if not file or len(file.alternatives) > 1 or key in self._kept_as_they_are:
            return file
        if "gzip" in asking.get("HTTP_ACCEPT_ENCODING", ""):
            source = file.alternatives[0][1]
            if name in self._known and releases.is_compressible(source):
                with contextlib.suppress(OSError):  # The data folder is full, or cannot be written any more.
                    await asyncio.to_thread(releases.compress, self._root, source)
                self.files[key] = file = self.get_static_file(source, key)
            if len(file.alternatives) == 1:
                self._kept_as_they_are.add(key)
        return file

    def _learn(self, name: str) -> None:
        for known in self._known.copy():
            if not (self._root / known).is_dir():
                self._forget(known)
        self._known.add(name)
        self.add_files(self._root / name, name)

    def _forget(self, name: str) -> None:
        self._known.discard(name)
        self.files = {key: file for key, file in self.files.items() if not key.startswith(f"/{name}/")}
        self._kept_as_they_are = {key for key in self._kept_as_they_are if not key.startswith(f"/{name}/")}


def _found() -> list[tuple[str, Any]]:
    """Returns all static files, each with the storage that contains it."""
    finding = reversed(list(finders.get_finders()))
    return sorted({path: storage for finder in finding for path, storage in finder.list(None)}.items())


def _request_headers(scope: Any) -> dict[str, str]:
    """Returns the headers as ServeStatic reads them. A part of a file is one of the file as it is, not compressed."""
    headers = {
        f"HTTP_{name.decode('latin1').upper().replace('-', '_')}": value.decode("latin1")
        for name, value in scope["headers"]
    }
    if "HTTP_IF_RANGE" in headers:  # Always allowed: the whole file, as if it had changed.
        headers.pop("HTTP_RANGE", None)
    if "HTTP_RANGE" in headers:
        headers.pop("HTTP_ACCEPT_ENCODING", None)
    return headers


def _told(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Returns the headers that are of use: a page has many small files, whose heads are a fifth of what it loads.

    A browser never asks whether a file that it keeps for ever has changed; for the others the ETag is enough.
    """
    useless = {"Last-Modified", "ETag"} if ("Cache-Control", _FOREVER) in headers else {"Last-Modified"}
    return [(name, value) for name, value in headers if name not in useless]


def _add_headers(headers: Headers, path: str, url: str) -> None:
    name = url.split("/")[1]
    headers["Cache-Control"] = "max-age=0" if name == _UNKNOWN else _FOREVER
    headers["ETag"] = f'W/"{release() if name == _UNKNOWN else name}"'
    headers["X-Content-Type-Options"] = "nosniff"
    if path.endswith(".js"):
        headers["Content-Type"] = "text/javascript"  # Modules are UTF-8 whatever a charset says.
    if releases.is_compressible(path):
        headers["Vary"] = "Accept-Encoding"
