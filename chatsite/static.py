"""Static files, where they lie: there is no collecting step. Addresses name their state, and browsers keep them."""

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
    """Names the state of all static files together, so that modules that import each other are of one state.

    The same in each process that has the same files. Empty while the site is being worked on, for it would change.
    """
    if settings.DEBUG:
        return ""
    digest = sha256()
    for path, storage in _found():
        with storage.open(path) as file:
            digest.update(f"{path}\0{file.size}\0".encode() + file.read())
    return digest.hexdigest()[:12]


class Storage(StaticFilesStorage):
    """Django's, which asks for the path prefix once, before the first request has told it (Daphne's `--root-path`)."""

    @property
    def base_url(self) -> str:
        return f"{urls.get_script_prefix()}static/{release()}/".replace("//", "/")


class Released(ServeStaticASGI):
    """Serves what has a release in its address, before Django, where a file costs three times the CPU.

    A page of another release gets the files of this one, for there are no others; its browser keeps none of them.
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
        asking = {f"HTTP_{name.decode('latin1').upper().replace('-', '_')}": value for name, value in scope["headers"]}
        response: Any = file.get_response(
            scope["method"], {name: value.decode("latin1") for name, value in asking.items()}
        )
        headers = [(name.lower().encode(), value.encode("latin1")) for name, value in response.headers]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        body = b""
        if response.file:
            # Some KiB that the system has in memory: a thread would cost ten times what reading does.
            with response.file:
                body = response.file.read()
        await send({"type": "http.response.body", "body": body})


def _found() -> list[tuple[str, Any]]:
    """All static files, each with the storage that has it."""
    finding = reversed(list(finders.get_finders()))
    return sorted({path: storage for finder in finding for path, storage in finder.list(None)}.items())


def _with_its_type_alone(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
