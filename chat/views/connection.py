"""The connection page: which transports work from this browser, and the cost of each."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chat import paths
from chat.views.decorators import for_anybody, for_people
from chat.views.requests import PersonRequest

TRANSPORTS = ["socket", "stream", "long", "poll"]
"""In the order in which they are tried."""


@require_safe
@for_people
def page(request: PersonRequest) -> HttpResponse:
    context = {
        "me": request.profile,
        "transports": TRANSPORTS,
        "boot": {
            "nickname": request.profile.nickname,
            "token": get_token(request),
            "urls": {
                "socket": paths.live("trial"),
                "stream": paths.live("stream"),
                "poll": paths.live("poll"),
                "send": paths.live("send"),
                "echo": reverse("chat:connection_echo"),
                "report": reverse("chat:report"),
            },
        },
    }
    return render(request, "chat/connection.html", context)


@require_http_methods(["GET", "POST"])
@for_anybody(tokens=2)
def echo(request: HttpRequest) -> JsonResponse:
    """Returns the size in bytes of this request's head as received: a page cannot see all headers of its own requests.

    Only the number is returned, because the head contains the session cookie, which the page must not see.
    """
    lines = [f"{request.method} {request.get_full_path()} HTTP/1.1".encode()]
    lines += [name + b": " + value for name, value in getattr(request, "scope", {}).get("headers", ())]
    response = JsonResponse({"bytes": sum(len(line) + 2 for line in lines) + 2})
    response["Cache-Control"] = "no-store"
    return response
