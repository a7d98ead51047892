from typing import Any

from django.contrib import admin
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBadRequest
from django.template.loader import render_to_string
from django.urls import include, path

from chatsite.signing_in import SignInForm

admin.site.login_form = SignInForm

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("chat.urls")),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    """Handles malformed requests, and requests for a host that is not the site's."""
    context: dict[str, Any] = {"is_wrong_host": isinstance(exception, DisallowedHost)}
    return HttpResponseBadRequest(render_to_string("400.html", context))
