"""Serves static files from where they are, without a collecting step. URLs name a release, so browsers cache them."""

import re
from functools import cache
from hashlib import sha256
from typing import Any
from wsgiref.headers import Headers

from django import urls
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.handlers.asgi import get_script_prefix
from servestatic.asgi import ServeStaticASGI

_OF_A_RELEASE = re.compile("/?static/([0-9a-f]{12})/(.+)")
_OTHER = "another release"


@cache
def release() -> str:
    """Returns a hash of all static files together, so that modules that import each other are of the same release.

    Processes with the same files return the same hash. Empty with `DEBUG`, because files change during development.
    """
    if settings.DEBUG:
        return ""
    digest = sha256()
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

    A page of another release gets the files of this one, because there are no others; its browser caches none of them.
    """

    FOREVER = 365 * 24 * 60 * 60

    def __init__(self, pages: Any) -> None:
        super().__init__(pages, max_age=0, add_headers_function=_with_its_type_alone)
        for path, storage in _found() if release() else ():
            for one in (release(), _OTHER):
                self.add_file_to_dictionary(f"{one}/{path}", storage.path(path))

    def immutable_file_test(self, path: str, url: str) -> bool:
        return not url.startswith(f"{_OTHER}/")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked = _OF_A_RELEASE.fullmatch(scope["path"].removeprefix(get_script_prefix(scope)))
        file = asked and self.files.get(f"{asked[1] if asked[1] == release() else _OTHER}/{asked[2]}")
        if not file:
            await self.application(scope, receive, send)
            return
        asking = {
            f"HTTP_{name.decode('latin1').upper().replace('-', '_')}": value.decode("latin1")
            for name, value in scope["headers"]
        }
        response: Any = file.get_response(scope["method"], asking)
        headers = [(name.lower().encode(), value.encode("latin1")) for name, value in response.headers]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        body = b""
        if response.file:
            # A few KiB in the page cache: a thread would cost ten times as much as the read.
            with response.file:
                body = response.file.read()
        await send({"type": "http.response.body", "body": body})


def _found() -> list[tuple[str, Any]]:
    """Returns all static files, each with the storage that contains it."""
    finding = reversed(list(finders.get_finders()))
    return sorted({path: storage for finder in finding for path, storage in finder.list(None)}.items())


def _with_its_type_alone(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
