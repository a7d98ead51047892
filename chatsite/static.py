"""Static files, where they lie: there is no collecting step. Addresses name their state, and browsers keep them."""

import re
from functools import cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix
from servestatic.middleware import ServeStaticMiddleware

_KEPT = "max-age=31536000, public, immutable"
_OF_A_RELEASE = re.compile("/static/([0-9a-f]{12})/(.+)")


@cache
def release() -> str:
    """Names the state of all static files together, so that modules that import each other are of one state.

    The same in each process that has the same files. Empty while the site is being worked on, for it would change.
    """
    if settings.DEBUG:
        return ""
    found = {path: storage for finder in reversed(list(finders.get_finders())) for path, storage in finder.list(None)}
    digest = sha256()
    for path, storage in sorted(found.items()):
        with storage.open(path) as file:
            digest.update(f"{path}\0{file.size}\0".encode() + file.read())
    return digest.hexdigest()[:12]


class Storage(StaticFilesStorage):
    """Django's, which asks for the path prefix once, before the first request has told it (Daphne's `--root-path`)."""

    @property
    def base_url(self) -> str:
        return f"{get_script_prefix()}static/{release()}/".replace("//", "/")


class StaticFiles(ServeStaticMiddleware):
    """Serves them. A page of another release gets the files of this one, for there are no others; it keeps none."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        release()  # Now, and not with the first page.

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = _OF_A_RELEASE.fullmatch(request.path_info)
        file = asked and self.files.get(f"/static/{asked[2]}")
        if not asked or not file:
            other: HttpResponseBase = await super().__call__(request)
            return other
        response: HttpResponseBase = await self.aserve(file, request)
        if asked[1] == release():
            response["Cache-Control"] = _KEPT
        return response
