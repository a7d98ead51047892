"""The language of a page: the one that the person chose, else what Django finds in the cookie or the browser's wishes.

The cookie repeats the choice for pages that know no person: error pages, the admin, the form for a nickname.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from chat.languages import LANGUAGES
from chat.models import Profile
from chat.views.responses import set_cookie


class _Language:
    def __init__(self, request: HttpRequest, chosen: str) -> None:
        self._is_new = bool(chosen) and chosen != chosen_before(request)
        self._chosen = chosen

    def keep(self, response: HttpResponse) -> HttpResponse:
        """Says in which language the response is, and has the browser remember it if it doesn't yet."""
        response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        if self._is_new:
            remember(response, self._chosen)
        return response


@contextmanager
def in_language_of(request: HttpRequest, profile: Profile | None) -> Iterator[_Language]:
    """Activates the language that the person chose, if they did."""
    chosen = profile.language if profile and profile.language in LANGUAGES else ""
    with translation.override(chosen or translation.get_language()):
        yield _Language(request, chosen)


def remember(response: HttpResponse, language: str) -> None:
    """Stores the choice where Django's `LocaleMiddleware` looks for it."""
    set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)


def chosen_before(request: HttpRequest) -> str:
    """Returns the language that this browser remembers, or "" for none."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return language if language in LANGUAGES else ""
