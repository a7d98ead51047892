"""Pages in place of the one that was asked for."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from chat.refusals import Refusal


def slowed(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Returns a page that says when to try again."""
    response = explained(request, _("Not so fast"), refusal.detail, status=429)
    response["Retry-After"] = str(refusal.retry_after)
    return response


def explained(request: HttpRequest, heading: str, detail: str, status: int, *, is_final: bool = False) -> HttpResponse:
    """Returns a page that says what is wrong, with a link back to the chat unless that would lead here again."""
    context = {"heading": heading, "detail": detail, "is_final": is_final}
    return render(request, "chat/error.html", context, status=status)


def set_cookie(response: HttpResponse, name: str, value: str, seconds: int | None = None) -> None:
    """Sets a cookie that scripts cannot read, for this site alone, as long as a session lasts or for these seconds."""
    response.set_cookie(
        name,
        value,
        max_age=settings.SESSION_COOKIE_AGE if seconds is None else seconds,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
