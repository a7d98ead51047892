"""The connection page: which ways lead from this browser to the chat, and what each of them costs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_http_methods, require_safe

from chat import paths
from chat.views.decorators import PersonRequest, for_people, for_strangers

WAYS = ["socket", "stream", "long", "poll"]
"""In the order in which they are tried."""


@require_safe
@for_people
def page(request: PersonRequest) -> HttpResponse:
    """In the browser's language, where that is Chinese; else in English. The page has both, to choose from."""
    context = {
        "me": request.profile,
        "ways": WAYS,
        "language": "zh" if get_language_from_request(request).startswith("zh") else "en",
        "boot": {
            "nickname": request.profile.nickname,
            "token": get_token(request),
            "urls": {
                "socket": paths.live("trial"),
                "stream": paths.live("stream"),
                "poll": paths.live("poll"),
                "send": paths.live("send"),
                "echo": reverse("chat:connection_echo"),
            },
        },
    }
    return render(request, "chat/connection.html", context)


@require_http_methods(["GET", "POST"])
@for_strangers(tokens=2)
def echo(request: HttpRequest) -> JsonResponse:
    """How many bytes the head of this request had, as it came here: no page can see all the lines of its own requests.

    Their number alone: among them is the session's cookie, which is none of the page's business.
    """
    lines = [f"{request.method} {request.get_full_path()} HTTP/1.1".encode()]
    lines += [name + b": " + value for name, value in getattr(request, "scope", {}).get("headers", ())]
    response = JsonResponse({"bytes": sum(len(line) + 2 for line in lines) + 2})
    response["Cache-Control"] = "no-store"
    return response
