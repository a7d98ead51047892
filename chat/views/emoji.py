"""The catalogue of emoji, which the page's picker loads when it is first opened."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat.text import emoji
from chat.views.decorators import for_anybody

FOREVER = "public, max-age=31536000, immutable"


@require_safe
@for_anybody(tokens=1)
def catalogue(request: HttpRequest, version: str) -> HttpResponse:
    """The same for everybody. A page of another release gets this one's, which no cache keeps under that address."""
    response = HttpResponse(emoji.catalogue(), content_type="application/json")
    response["Cache-Control"] = FOREVER if version == emoji.version() else "no-store"
    return response
