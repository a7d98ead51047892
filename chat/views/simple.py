"""Pages that a browser gets at the simple wire's addresses, which are for WebSockets."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.encoding import uri_to_iri
from django.views.decorators.http import require_safe

from chat import conf
from chat.views.decorators import for_anybody

_OF_PROXIES = ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via")
"""Headers that proxies add. Between proxy and client it may be HTTP/2, in which a response with `Upgrade` is invalid.
"""


@require_safe
@for_anybody(tokens=5)
def upgrade(request: HttpRequest, nickname: str = "") -> HttpResponse:
    """Says how to connect, in the reader's language, or that nobody can, if nicknames by address are off."""
    is_open = conf.SIMPLE_WIRE or not nickname  # The echo is open to everybody.
    address = uri_to_iri(request.build_absolute_uri(request.path).replace("http", "ws", 1))
    context = {"address": address, "nickname": nickname, "is_open": is_open, "has_names": conf.SIMPLE_WIRE}
    response = render(request, "chat/upgrade.html", context, status=426 if is_open else 404)
    if is_open and not any(header in request.headers for header in _OF_PROXIES):
        response["Upgrade"], response["Connection"] = "websocket", "Upgrade"
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response
